// Does the importer read DeepSeek's training trace as those did who read it by hand? The trace and their
// tables are not part of this project; without them beside the sources the tests are skipped.
#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <tuple>

#include "calib/fit/table.h"
#include "calib/import/csv.h"
#include "calib/import/host.h"
#include "calib/import/import_file.h"
#include "calib/import/times.h"
#include "tests/doctest.h"
#include "tests/skip.h"

namespace tideline::calib {
namespace {

namespace fs = std::filesystem;

const fs::path kSource = TIDELINE_SOURCE_DIR;
const fs::path kReference = kSource / "../shared/reference";

struct Read {
  Trace trace;
  Rules rules;
  Applied applied;
  Imported imported;
};

// Read once; null, with a message, where the trace is not.
const Read* training_trace() {
  static const std::optional<Read> read = []() -> std::optional<Read> {
    const std::string file = (kReference / "traces/h800_train_ep64.json.gz").string();
    if (!fs::exists(file)) return std::nullopt;
    Rules rules = load_rules((kSource / "calib/import/rules/deepep_trace.json").string());
    Trace trace = read_trace(file, format_of(file));
    Applied applied = apply_rules(trace, rules);
    Imported imported = import_trace(trace, rules);
    return Read{std::move(trace), std::move(rules), std::move(applied), std::move(imported)};
  }();
  if (!read) testing::skip("DeepSeek's training trace");
  return read ? &*read : nullptr;
}

// The rows of a table of those who read it by hand, by column.
std::vector<std::map<std::string, std::string>> rows_of(const std::string& name) {
  TextSource source = TextSource::open((kReference / "truth" / name).string());
  std::vector<std::map<std::string, std::string>> rows;
  std::vector<std::string> header;
  for (std::vector<std::string> fields; read_csv_row(source, fields);) {
    if (fields.front().starts_with('#')) continue;
    if (header.empty()) {
      header = fields;
      continue;
    }
    REQUIRE(fields.size() == header.size());
    for (auto& row = rows.emplace_back(); const std::string& column : header)
      row[column] = fields[static_cast<std::size_t>(&column - header.data())];
  }
  return rows;
}

std::string short_name(const Trace& trace, const Kernel& k, std::size_t length) {
  const std::string& name = trace.names[k.name];
  return name.substr(name.starts_with("void ") ? 5 : 0, length);
}

std::string size_text(const std::array<std::uint32_t, 3>& size) {
  if (size[0] == 0) return "";
  return std::to_string(size[0]) + "x" + std::to_string(size[1]) + "x" + std::to_string(size[2]);
}

double us(const Kernel& k) {
  return static_cast<double>(k.duration_ns) * 1e-3;
}

TEST_CASE("the rules name at least 95 % of the trace's kernel time") {
  const Read* read = training_trace();
  if (!read) return;
  CHECK(read->trace.gpus.begin()->second.name == "NVIDIA H800");
  CHECK(read->trace.gpus.begin()->second.sms == 132);
  CHECK(read->trace.resolution_us == 1.0);
  CHECK(read->imported.kernels == 983);
  CHECK(read->imported.mapped_us / read->imported.time_us >= 0.95);
}

TEST_CASE("count, median, least, most and sum of every kernel and launch configuration are theirs") {
  const Read* read = training_trace();
  if (!read) return;
  using Key = std::tuple<std::string, std::string, std::string, std::string>;
  std::map<Key, std::vector<double>> times;
  for (const Kernel& k : read->trace.kernels) {
    const LaunchConfig& config = read->trace.configs[k.config];
    times[{short_name(read->trace, k, 200), size_text(config.grid), size_text(config.block),
           std::to_string(k.stream)}]
        .push_back(us(k));
  }
  const auto rows = rows_of("h800_train_trace_by_name.csv");
  CHECK(rows.size() == 188);
  std::set<Key> seen;
  for (const auto& row : rows) {
    const auto size = [&](const char* column) { return row.at(column) == "None" ? "" : row.at(column); };
    const Key key{row.at("kernel"), size("grid"), size("block"), row.at("stream")};
    CAPTURE(row.at("kernel"));
    REQUIRE(times.contains(key));
    CHECK(seen.insert(key).second);
    const records::Times t = times_of(times[key]);
    CHECK(t.n == std::stoi(row.at("count")));
    CHECK(t.median == std::stod(row.at("median_us")));
    CHECK(*t.min == std::stod(row.at("min_us")));
    CHECK(*t.max == std::stod(row.at("max_us")));
    CHECK(*t.mean * static_cast<double>(t.n) == doctest::Approx(std::stod(row.at("sum_us"))).epsilon(1e-12));
  }
  CHECK(seen.size() == times.size());
}

// Kernels of every instance of a range in order of launch: those of the four layers beside one another.
std::vector<std::vector<std::uint32_t>> layers_of(const Read& read, const std::string& range) {
  std::map<std::int32_t, std::vector<std::uint32_t>> instances;  // by range, which are sorted by time
  for (const std::uint32_t i : read.applied.in_order) {
    const std::int32_t r = read.applied.range_of[i];
    if (r >= 0 && read.trace.names[read.trace.ranges[static_cast<std::size_t>(r)].name] == range)
      instances[r].push_back(i);
  }
  std::vector<std::vector<std::uint32_t>> out;
  for (auto& [r, kernels] : instances) out.push_back(std::move(kernels));
  return out;
}

// Is there a kernel of this name that takes these times, and these shares beside DeepEP, in the four layers?
bool stands_in(const Read& read, const std::map<std::string, std::string>& row) {
  std::vector<std::vector<std::uint32_t>> named;  // by layer
  for (const auto& layer : layers_of(read, row.at("phase"))) {
    auto& kernels = named.emplace_back();
    for (const std::uint32_t i : layer)
      if (short_name(read.trace, read.trace.kernels[i], 160) == row.at("kernel")) kernels.push_back(i);
  }
  REQUIRE(named.size() == 4);
  const std::size_t most = std::ranges::min(named, {}, [](const auto& k) { return k.size(); }).size();
  const char* shares[] = {"comm_overlap_l0", "l1", "l2", "l3"};
  for (std::size_t nth = 0; nth < most; ++nth) {
    bool same = true;
    for (std::size_t layer = 0; layer < 4; ++layer) {
      const std::uint32_t i = named[layer][nth];
      same = same && us(read.trace.kernels[i]) == std::stod(row.at("dur_l" + std::to_string(layer)));
      const std::string& share = row.at(shares[layer]);  // two digits; empty for the all-to-alls themselves
      const double beside = read.applied.shares[i].either;  // they took all of DeepEP's stream
      const bool of_no_length = read.trace.kernels[i].duration_ns == 0;
      same = same && (share.empty() || of_no_length || std::abs(beside - std::stod(share)) < 0.0051);
    }
    if (same) return true;
  }
  return false;
}

TEST_CASE("times and overlaps of the kernels that they tell apart are theirs, layer by layer") {
  const Read* read = training_trace();
  if (!read) return;
  const auto rows = rows_of("h800_train_trace_kernels.csv");
  CHECK(rows.size() == 108);
  for (const auto& row : rows) {
    CAPTURE(row.at("phase") + " " + row.at("idx") + ": " + row.at("op"));
    CHECK(stands_in(*read, row));
    std::vector<double> four;
    for (const char* layer : {"dur_l0", "dur_l1", "dur_l2", "dur_l3"})
      four.push_back(std::stod(row.at(layer)));
    CHECK(times_of(four).median == std::stod(row.at("median_us")));
  }
}

Table timings(const std::string& name) {
  return Table::load((kSource / "calib/timings/h800" / name).string());
}

// Mean time of an op in this company, over all shapes or those of so many rows; none: no such record.
std::optional<double> mean_us(const Read& read, const std::string& op, const std::string& company,
                              std::int64_t rows = 0) {
  double sum = 0.0, n = 0.0;
  for (const records::Record& r : read.imported.records) {
    if (r.op != op || r.company.kind != company) continue;
    if (rows > 0 && (!r.shape.contains("rows") || r.shape.at("rows") != rows)) continue;
    sum += *r.time_us.mean * static_cast<double>(r.time_us.n), n += static_cast<double>(r.time_us.n);
  }
  return n > 0.0 ? std::optional(sum / n) : std::nullopt;
}

struct Typed {
  const char* row;  // how the op of a table that was typed by hand begins
  const char* op;   // and what the rules call it
  std::int64_t rows = 0;
};

const Typed& typed_of(std::span<const Typed> all, const std::string& row) {
  const auto found = std::ranges::find_if(all, [&](const Typed& t) { return row.starts_with(t.row); });
  CAPTURE(row);
  REQUIRE(found != all.end());
  return *found;
}

constexpr double kRounded = 0.051;  // tables hold one digit after the point

TEST_CASE("the import gives the timings of streaming kernels and of the gate") {
  const Read* read = training_trace();
  if (!read) return;
  const Typed all[] = {{"unique group", "unique group indices"},
                       {"top-k of groups", "top-k of groups"},
                       {"masked fill", "masked fill"},
                       {"sigmoid", "sigmoid"},
                       {"SwiGLU + quantise [4096", "SwiGLU + quantise, shared expert"},
                       {"quantise before dispatch", "quantise before dispatch"},
                       {"multiply", "multiply"},
                       {"quantise [4096;16384]", "quantise before o_proj"},
                       {"RMSNorm", "RMSNorm + residual before MLP"},
                       {"SwiGLU + quantise [31104", "SwiGLU + quantise", 31104},
                       {"reduce 28984 tokens from 31104", "reduce", 31104},
                       {"reduce 28856 tokens from 30976", "reduce", 30976},
                       {"reduce 34144 tokens from 36864", "reduce", 36864}};
  const Table table = timings("streaming.csv");
  CHECK(table.rows() == std::size(all));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Typed& typed = typed_of(all, table.text(row, "op"));
    CAPTURE(typed.op);
    CHECK(mean_us(*read, typed.op, "alone", typed.rows).value_or(0.0) ==
          doctest::Approx(table.number(row, "time_us")).epsilon(kRounded / table.number(row, "time_us")));
    const auto of_bytes = [&](const records::Record& r) {
      return r.op == typed.op &&
             std::abs(static_cast<double>(r.shape.at("bytes")) / table.number(row, "bytes") - 1.0) < 1e-3;
    };
    CHECK(std::ranges::any_of(read->imported.records, of_bytes));
  }
  CHECK(mean_us(*read, "router gate", "alone").value_or(0.0) ==
        doctest::Approx(timings("gemm_bf16.csv").number(0, "time_us")).epsilon(1e-3));
}

TEST_CASE("the import gives the times without and with an all-to-all beside") {
  const Read* read = training_trace();
  if (!read) return;
  const Typed all[] = {{"o_proj", "o_proj"},
                       {"shared down", "shared down"},
                       {"grouped down", "grouped down", 31104},
                       {"kv_b input", "kv_b input gradient"},
                       {"q_a input", "q_a input gradient"},
                       {"kv_a input", "kv_a input gradient"},
                       {"quantise [4096;16384]", "quantise before o_proj"},
                       {"multiply", "multiply"},
                       {"RMSNorm", "RMSNorm + residual before MLP"},
                       {"quantise before dispatch", "quantise before dispatch"},
                       {"SwiGLU + quantise; 31104", "SwiGLU + quantise", 31104},
                       {"reduce; 31104", "reduce", 31104},
                       {"SwiGLU + quantise [4096", "SwiGLU + quantise, shared expert"}};
  const Table table = timings("contention.csv");
  CHECK(table.rows() == std::size(all));
  for (std::size_t row = 0; row < table.rows(); ++row) {
    const Typed& typed = typed_of(all, table.text(row, "op"));
    CAPTURE(typed.op);
    CHECK(std::abs(mean_us(*read, typed.op, "alone", typed.rows).value_or(0.0) -
                   table.number(row, "alone_us")) < kRounded);
    CHECK(std::abs(mean_us(*read, typed.op, "beside", typed.rows).value_or(0.0) -
                   table.number(row, "beside_us")) < kRounded);
  }
}

TEST_CASE(
    "the import gives the all-to-alls of each layer, the gaps between kernels and the pace of the host") {
  const Read* read = training_trace();
  if (!read) return;
  const Table exchanges = timings("deepep_overlap.csv");
  const std::map<std::string, std::string> range_of = {{"forward combine", "combine(F)"},
                                                       {"backward of dispatch combine", "dispatch(B)"},
                                                       {"forward dispatch-uncached", "dispatch(F)"},
                                                       {"backward of combine dispatch", "combine(B)"}};
  CHECK(exchanges.rows() == 16);
  for (std::size_t row = 0; row < exchanges.rows(); ++row) {
    const std::string what = exchanges.text(row, "pass") + " " + exchanges.text(row, "kernel");
    CAPTURE(what);
    const auto layers = layers_of(*read, range_of.at(what));
    const auto& kernels = layers.at(static_cast<std::size_t>(exchanges.number(row, "layer")));
    const std::uint32_t last = kernels.back();
    const Group& group = read->applied.groups.at(static_cast<std::size_t>(read->applied.group_of[last]));
    const Meaning& meaning = read->rules.kernels[static_cast<std::size_t>(group.rule)].meaning;
    CHECK(meaning.family == (what.ends_with("combine") ? "combine" : "dispatch"));
    CHECK(us(read->trace.kernels[last]) == exchanges.number(row, "time_us"));
  }

  std::vector<double> gaps = gaps_us(read->trace);
  CHECK(gaps.size() == 906);
  std::ranges::sort(gaps);
  const Table launches = timings("launch_gap.csv");
  CHECK(quantile(gaps, 0.5) == launches.number(0, "median_us"));
  CHECK(quantile(gaps, 0.05) == launches.number(0, "low_us"));
  CHECK(quantile(gaps, 0.95) == launches.number(0, "high_us"));

  std::ifstream committed(kSource / "calib/timings/h800/host_launch.csv", std::ios::binary);
  CHECK(std::string{std::istreambuf_iterator<char>(committed), {}} ==
        host_pace_csv(host_pace(read->trace), read->rules));
}

}  // namespace
}  // namespace tideline::calib
