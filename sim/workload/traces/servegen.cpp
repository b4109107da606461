#include "sim/workload/traces/servegen.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "sim/base/error.h"
#include "sim/base/time.h"
#include "sim/config/node.h"
#include "sim/workload/traces/csv.h"
#include "sim/workload/traces/renewal.h"

namespace tideline::workload::traces {
namespace {

constexpr std::int64_t kWindowS = 600;
constexpr std::int64_t kLengthsS = 6 * 3600;
constexpr std::uint64_t kOfLengths = std::uint64_t{1} << 40;  // blocks of lengths, past those of gaps
constexpr double kRequestsMax = 1e7;                          // of a client in a window; assumed

}  // namespace

ServeGenTrace::ServeGenTrace(std::string folder, std::uint64_t seed, std::uint32_t run)
    : folder_(std::move(folder)), words_(seed, run, Purpose::kTrace) {
  namespace fs = std::filesystem;
  for (int n = 0;; ++n) {
    const fs::path stem = fs::path(folder_) / fmt::format("chunk-{}-", n);
    const std::string windows = stem.string() + "trace.csv", lengths = stem.string() + "dataset.json";
    if (!fs::exists(windows)) break;
    Client client{.name = fmt::format("client-{}", n), .windows = {}, .input = {}, .output = {}};
    read_windows(windows, client);
    read_lengths(lengths, client);
    clients_.push_back(std::move(client));
  }
  if (clients_.empty())
    throw InputError(
        {.file = folder_,
         .message = "a ServeGen folder has chunk-0-trace.csv and chunk-0-dataset.json, then 1, 2 ..."});
}

void ServeGenTrace::read_windows(const std::string& file, Client& client) {
  constexpr std::string_view kColumns[] = {"window start", "rate", "CV", "family", "shape", "scale"};
  Lines lines(file);
  CsvRow row;
  for (std::string_view line; lines.next(line);) {
    if (line.empty()) continue;
    if (!row.cut(line) || row.size() != std::size(kColumns))
      lines.fail(1, fmt::format("a window has 6 fields, found {}", row.size()), "is the file cut off here?");
    const std::int64_t start = scaled_number(lines, row[0], kColumns[0], 0);
    if (std::abs(static_cast<double>(start)) * kNsPerSecond > kSpanMaxNs)
      lines.fail(row[0].column, fmt::format("a window from {} s: a trace has at most {} days", start,
                                            kSpanMaxNs / (24 * kNsPerHour)));
    const std::size_t n = client.windows.size();
    if (clients_.empty())
      starts_s_.push_back(start);
    else if (n >= starts_s_.size() || start != starts_s_[n])
      lines.fail(1, fmt::format("a window from {} s, where the first client has another", start));
    if (n > 0 && start != starts_s_[n - 1] + kWindowS)
      lines.fail(1, fmt::format("a window from {} s, where one of 600 s was under way", start));
    const double rate = static_cast<double>(scaled_number(lines, row[1], kColumns[1], 12)) * 1e-12;
    const double requests = rate * kWindowS;
    if (!(rate >= 0.0)) lines.fail(row[1].column, "a rate of 0 or more is wanted");
    if (requests > kRequestsMax)
      lines.fail(row[1].column,
                 fmt::format("{:.3g} requests in a window, at most {:.0e}", requests, kRequestsMax));
    Window w{.requests = static_cast<std::uint32_t>(std::llround(requests))};
    if (w.requests > 0 && !row[3].text.empty()) {
      if (row[3].text != "Gamma" && row[3].text != "Weibull")
        lines.fail(row[3].column, fmt::format("wants Gamma or Weibull, found \"{}\"", row[3].text));
      w.family = row[3].text == "Gamma" ? Family::kGamma : Family::kWeibull;
      w.shape = static_cast<double>(scaled_number(lines, row[4], kColumns[4], 12)) * 1e-12;
      if (w.shape <= 0.0) lines.fail(row[4].column, "a shape above 0 is wanted");
    }
    client.windows.push_back(w);
  }
  if (client.windows.empty() || client.windows.size() != starts_s_.size())
    lines.fail(
        1, fmt::format("{} windows, where the first client has {}", client.windows.size(), starts_s_.size()));
}

void ServeGenTrace::read_lengths(const std::string& file, Client& client) {
  const auto document = config::Document::load(file);
  const config::Node root = document.root();
  const std::int64_t end = starts_s_.back() + kWindowS;
  for (std::int64_t from = starts_s_.front() / kLengthsS * kLengthsS; from < end; from += kLengthsS) {
    const config::Node window = root.object(std::to_string(from));
    window.ignore_rest();
    client.input.push_back(parse_lengths(file, "input_tokens", window.text("input_tokens")));
    client.output.push_back(parse_lengths(file, "output_tokens", window.text("output_tokens")));
  }
  root.ignore_rest();
  document.finish();
}

// "{45: 0.0097, 46: 0.0117}", a dictionary as Python writes it.
ServeGenTrace::Lengths ServeGenTrace::parse_lengths(const std::string& file, const std::string& key,
                                                    std::string_view text) {
  Lengths lengths;
  double sum = 0.0;
  const char *at = text.data(), *const end = at + text.size();
  const auto skip = [&](std::string_view what) {
    while (at != end && what.find(*at) != std::string_view::npos) ++at;
  };
  for (skip("{ "); at != end && *at != '}'; skip(", ")) {
    double tokens = 0.0, probability = 0.0;
    const auto first = std::from_chars(at, end, tokens);
    at = first.ptr;
    skip(": ");
    const auto second = std::from_chars(at, end, probability);
    at = second.ptr;
    if (first.ec != std::errc{} || second.ec != std::errc{} || !(tokens >= 0.0 && tokens < 1e9) ||
        !(probability >= 0.0 && probability <= 1.0))
      throw InputError(
          {.file = file,
           .message = fmt::format("\"{}\" wants tokens and their probabilities, \"{{45: 0.01, ...}}\"; "
                                  "character {} is something else",
                                  key, at - text.data() + 1)});
    lengths.tokens.push_back(static_cast<std::int32_t>(tokens));
    lengths.cumulative.push_back(sum += probability);
  }
  if (!lengths.tokens.empty() && std::abs(sum - 1.0) > 1e-3)
    throw InputError(
        {.file = file, .message = fmt::format("the probabilities of \"{}\" add up to {}", key, sum)});
  for (double& c : lengths.cumulative) c /= sum;
  return lengths;
}

std::int32_t ServeGenTrace::Lengths::at(double u) const {
  if (tokens.empty()) return 1;
  const auto found = std::upper_bound(cumulative.begin(), cumulative.end() - 1, u);
  return tokens[static_cast<std::size_t>(found - cumulative.begin())];
}

std::uint64_t ServeGenTrace::requests() const {
  std::uint64_t sum = 0;
  for (const Client& c : clients_)
    for (const Window& w : c.windows) sum += w.requests;
  return sum;
}

std::int64_t ServeGenTrace::first_ns() const {
  return starts_s_.front() * kNsPerSecond;
}

std::int64_t ServeGenTrace::period_ns() const {
  return (starts_s_.back() + kWindowS - starts_s_.front()) * kNsPerSecond;
}

void ServeGenTrace::restart(std::uint32_t copy) {
  copy_ = copy;
  window_ = 0;
  drawn_.clear();
  given_ = 0;
}

std::uint64_t ServeGenTrace::entity(std::uint32_t client) const {
  return std::uint64_t{copy_} << 40 | std::uint64_t{client} << 20 | (window_ - 1);
}

bool ServeGenTrace::read(Row& row) {
  while (given_ == drawn_.size()) {
    if (window_ == starts_s_.size()) return false;
    ++window_;
    draw_window();
  }
  const Drawn& d = drawn_[given_++];
  const Client& c = clients_[d.client];
  const auto part =
      static_cast<std::size_t>(starts_s_[window_ - 1] / kLengthsS - starts_s_.front() / kLengthsS);
  const PhiloxBlock w = words_.block(entity(d.client), kOfLengths + d.n);
  row.at_ns = d.at_ns;
  row.input = c.input[part].at(uniform(w[0]));
  row.output = c.output[part].at(uniform(w[1]));
  row.cached = 0;
  row.class_name = c.name;
  row.blocks.clear();
  return true;
}

void ServeGenTrace::draw_window() {
  drawn_.clear();
  given_ = 0;
  for (std::uint32_t c = 0; c < clients_.size(); ++c) draw_gaps(c, clients_[c].windows[window_ - 1]);
  std::sort(drawn_.begin(), drawn_.end());
}

// One gap more than requests: the last reaches from the last request to the end of the window.
void ServeGenTrace::draw_gaps(std::uint32_t client, const Window& window) {
  if (window.requests == 0) return;
  const Renewal renewal(words_, entity(client));
  gaps_.clear();
  double sum = 0.0;
  for (std::uint32_t n = 0; n <= window.requests; ++n) {
    const double gap =
        window.family == Family::kGamma ? renewal.gamma(window.shape, n) : renewal.weibull(window.shape, n);
    gaps_.push_back(sum += gap);
  }
  const double from_s = static_cast<double>(starts_s_[window_ - 1]);
  for (std::uint32_t n = 0; n < window.requests; ++n) {
    const double share = sum > 0.0 ? gaps_[n] / sum : (n + 0.5) / window.requests;
    drawn_.push_back({to_duration(Seconds(from_s + kWindowS * share)).ns, client, n});
  }
}

}  // namespace tideline::workload::traces
