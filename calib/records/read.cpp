#include "calib/records/read.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <sstream>
#include <utility>

#include "calib/records/write.h"
#include "sim/base/error.h"
#include "sim/config/node.h"

namespace tideline::records {
namespace {

constexpr std::size_t kProblemsMax = 20;
constexpr std::size_t kLineMax = 1 << 20;

// Visits a record and fills it from one line of JSON.
class Reader {
 public:
  explicit Reader(config::Node node) : nodes_{std::move(node)} {}

  void field(std::string_view key, std::string& text) { text = at().text(key); }
  void field(std::string_view key, std::int64_t& n) { n = at().count(key); }
  void field(std::string_view key, double& x) { x = at().number(key); }
  void field(std::string_view key, bool& flag) { flag = at().flag(key); }
  template <class T>
  void field(std::string_view key, std::optional<T>& value) {
    if (at().has(key)) field(key, value.emplace());
  }
  template <class T>
  void field(std::string_view key, std::map<std::string, T>& values) {
    if (!at().has(key)) return;
    object(key, true, [&] {
      for (const std::string& k : at().keys()) field(k, values[k]);
    });
  }
  void field(std::string_view key, std::vector<std::string>& texts) {
    if (!at().has(key)) return;
    for (const config::Node& element : at().list(key)) texts.push_back(element.as_text());
  }
  template <std::size_t N>
  void choice(std::string_view key, std::string& text, const std::array<std::string_view, N>& known) {
    text = at().choice(key, known);
  }
  template <class Body>
  void object(std::string_view key, bool required, Body body) {
    if (!required && !at().has(key)) return;
    nodes_.push_back(at().object(key));
    body();
    nodes_.pop_back();
  }

 private:
  [[nodiscard]] const config::Node& at() const { return nodes_.back(); }
  std::vector<config::Node> nodes_;
};

void check_not_negative(const config::Node& root, const char* object, const char* key, const Real& value) {
  if (value && *value < 0.0)
    root.object(object).problem(key, fmt::format("wants a number of 0 or more, found {}", *value));
}

// What the types cannot say.
void check(const Record& r, const config::Node& root) {
  if (r.schema != kSchema)
    root.problem("schema",
                 fmt::format("records of schema {}; this program reads schema {}", r.schema, kSchema));
  for (const std::string_view key : shape_of_family(r.family))
    if (!r.shape.contains(std::string(key)))
      root.problem("shape", fmt::format("a {} is measured by {}; \"{}\" is missing", r.family,
                                        fmt::join(shape_of_family(r.family), ", "), key));
  for (const auto& [key, n] : r.shape)
    if (n < 1)
      root.object("shape").problem(key, fmt::format("wants a whole number of 1 or more, found {}", n));
  if (r.device.sms < 1) root.problem("device", "wants the number of SMs, \"sms\", of 1 or more");
  if (r.impl.sms && (*r.impl.sms < 1 || *r.impl.sms > r.device.sms))
    root.object("impl").problem(
        "sms", fmt::format("wants 1 to the {} SMs of the device, found {}", r.device.sms, *r.impl.sms));
  const Times& t = r.time_us;
  if (t.n < 1) root.problem("time_us", "wants \"n\", the number of timings, of 1 or more");
  if (t.median <= 0.0)
    root.object("time_us").problem("median", fmt::format("wants a time above 0, found {}", t.median));
  double below = 0.0;
  for (const Real& x : {t.min, t.p10, Real(t.median), t.p90, t.max}) {
    if (x && *x < below) {
      root.problem("time_us", "wants 0 <= min <= p10 <= median <= p90 <= max");
      break;
    }
    below = x.value_or(below);
  }
  for (const auto& [key, value] : {std::pair("mean", t.mean), {"sd", t.sd}, {"mad", t.mad}})
    check_not_negative(root, "time_us", key, value);
  for (const auto& [key, value] : {std::pair("flop", r.work.flop), {"bytes", r.work.bytes}})
    check_not_negative(root, "work", key, value);
  for (const Real& share : {r.company.communication, r.company.compute}) {
    if (share && (*share < 0.0 || *share > 1.0))
      root.problem("company", fmt::format("a share of time from 0 to 1 is wanted, found {}", *share));
    else if (share && *share >= kAlone && r.company.kind == "alone")
      root.problem(
          "company",
          fmt::format("\"alone\" beside others for {} of the time: less than {} is wanted", *share, kAlone));
  }
  if (!is_date(r.source.date))
    root.problem("source", fmt::format("wants a \"date\" as 2025-02-27, found \"{}\"", r.source.date));
  if (r.source.origin.empty()) root.problem("source", "a measurement without its origin");
}

Record parse_line(const std::string& line, const std::string& name) {
  const config::Document document = config::Document::parse(line, name);
  Record record;
  Reader reader(document.root());
  visit(record, reader);
  document.finish();  // what is missing or misspelt comes first; values are judged when all are there
  check(record, document.root());
  document.finish();
  return record;
}

}  // namespace

std::vector<std::string_view> shape_of_family(std::string_view family) {
  using Keys = std::vector<std::string_view>;
  if (family.starts_with("dense_gemm") || family.starts_with("gemm")) return Keys{"m", "n", "k"};
  if (family.starts_with("grouped_gemm")) return Keys{"groups", "rows", "n", "k"};
  if (family == "batched_gemm_bf16") return Keys{"batch", "m", "n", "k"};
  if (family == "mla_decode_bf16") return Keys{"requests", "q_tokens", "kv_tokens", "heads"};
  if (family == "prefill_attention_bf16" || family == "attention_backward")
    return Keys{"tokens", "heads", "d_qk", "d_v"};
  if (family.starts_with("streaming") || family == "copy") return Keys{"bytes"};
  if (family == "dispatch" || family == "combine") return Keys{"tokens", "hidden", "gpus"};
  return {};
}

namespace {

std::vector<Record> parse_lines(std::istream& in, const std::string& name) {
  std::vector<Record> records;
  std::vector<Problem> problems;
  int number = 0;
  for (std::string line; problems.size() < kProblemsMax && std::getline(in, line);) {
    ++number;
    if (line.find_first_not_of(" \t\r") == line.npos) continue;
    try {
      if (line.size() > kLineMax)
        throw InputError({.file = name, .line = 1, .column = 1, .message = "a line of more than 1 MiB"});
      records.push_back(parse_line(line, name));
    } catch (const InputError& e) {
      for (Problem problem : e.problems()) {
        problem.line = number;
        problems.push_back(std::move(problem));
      }
    }
  }
  if (!problems.empty()) throw InputError(std::move(problems));
  if (in.bad() || (number == 0 && !in.eof()))  // a folder, for one; or not there
    throw InputError({.file = name, .message = "this file of records cannot be read"});
  return records;
}

}  // namespace

std::vector<Record> parse_records(std::string_view text, const std::string& name) {
  std::istringstream in{std::string(text)};
  return parse_lines(in, name);
}

std::vector<Record> read_records(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return parse_lines(in, file);
}

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::ranges::count_if(text, digit) != 8) return false;
  const auto number = [&](std::size_t from, std::size_t digits) {
    unsigned out = 0;
    for (const char c : text.substr(from, digits)) out = 10 * out + static_cast<unsigned>(c - '0');
    return out;
  };
  return std::chrono::year_month_day(std::chrono::year(static_cast<int>(number(0, 4))),
                                     std::chrono::month(number(5, 2)), std::chrono::day(number(8, 2)))
      .ok();
}

std::string refusal(const Record& record) {
  try {
    (void)parse_records(to_line(record), "");
  } catch (const InputError& e) {
    return e.problems().front().message;
  }
  return "";
}

std::string to_lines(const std::vector<Record>& records) {
  std::string out;
  for (const Record& record : records) out += to_line(record);
  return out;
}

}  // namespace tideline::records
