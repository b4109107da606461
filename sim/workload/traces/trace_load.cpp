#include "sim/workload/traces/trace_load.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "sim/base/error.h"
#include "sim/config/choose.h"
#include "sim/workload/arrival_clock.h"
#include "sim/workload/request_class.h"
#include "sim/workload/traces/formats.h"
#include "sim/workload/traces/mooncake.h"
#include "sim/workload/traces/servegen.h"

namespace tideline::workload::traces {

using namespace literals;

namespace {

// Times a trace's own rate, or requests a second. Assumed; less and a trace is read a million times for a
// request.
constexpr double kFactorMin = 1e-6, kFactorMax = 1e6;
constexpr std::int64_t kPeriodMinNs = kNsPerSecond;

void read_classes(const config::Node& node, TraceLoad& load) {
  if (!node.has("classes")) return;
  load.names_classes = true;
  load.classes.clear();
  for (const config::Node& name : node.list("classes")) load.classes.push_back(name.as_text());
  if (load.classes.empty() || load.classes.size() > kClassesMax)
    node.problem("classes", fmt::format("wants 1 to {} names of classes that the trace uses", kClassesMax));
  if (load.classes.empty()) load.classes = {"trace"};
}

// "rate": a number is times the trace's own rate, a text a rate.
struct Rate {
  bool is_given = false, is_absolute = false;
  double value = 1.0;
};

Rate read_rate(const config::Node& node) {
  if (!node.has("rate")) return {};
  if (node.is_text("rate")) return {true, true, node.quantity<PerSecond>("rate").value()};
  return {true, false, node.number("rate")};
}

// Of what no run could be made; empty where one can.
std::string why_no_rate(const TraceLoad& load) {
  const double f = load.rate_factor;
  const std::string_view what = load.has_times ? "times the trace's own rate" : "requests a second";
  if (f < kFactorMin || f > kFactorMax)
    return fmt::format("{:.3g} {}: wants {} to {}", f, what, kFactorMin, kFactorMax);
  if (load.has_times && f * load.contents.rate() > kRequestsPerSecondMax)
    return too_many_requests(f * load.contents.rate());
  const double period_ns = static_cast<double>(load.contents.period_ns) / f;
  if (load.has_times && load.scaling == Scaling::kCompression && period_ns > static_cast<double>(kLongestNs))
    return fmt::format("the trace would last {:.0f} years, at most {}", period_ns / (8766.0 * kNsPerHour),
                       kLongestYears);
  return "";
}

void scale(const config::Node& node, const Rate& rate, TraceLoad& load) {
  if (!rate.is_given) {
    if (!load.has_times)
      node.problem("", "this trace has lengths but no times: it wants a \"rate\", such as \"20 req/s\"");
    return;
  }
  load.rate_factor = rate.is_absolute && load.has_times ? rate.value / load.contents.rate() : rate.value;
  if (!rate.is_absolute && !load.has_times)
    node.problem("rate", "this trace has no rate of its own to multiply",
                 "write a rate, such as \"20 req/s\"");
  if (!(load.rate_factor > 0.0 && std::isfinite(load.rate_factor))) {
    node.problem("rate", "wants a rate above 0");
    load.rate_factor = 1.0;
  } else if (const std::string why = why_no_rate(load); !why.empty()) {
    node.problem("rate", why);
    load.rate_factor = 1.0;
  } else if (load.has_times && load.scaling == Scaling::kCopies && load.rate_factor > kCopiesMax) {
    node.problem(
        "rate",
        fmt::format("{:.0f} copies of the trace, at most {}", std::ceil(load.rate_factor), kCopiesMax),
        "\"scale_by\": \"compression\" has no limit");
  }
}

}  // namespace

TraceLoad read_trace_load(const config::Node& workload) {
  const config::Node node = workload.object("trace");
  TraceLoad load;
  load.file = (std::filesystem::path(node.folder("file")) / node.text("file")).lexically_normal().string();
  load.format =
      node.has("format") ? node.choice("format", names_of(kFormats)) : std::string(guess_format(load.file));
  const bool is_format = !node.has("format") || node.text("format") == load.format;
  load.scaling = config::choose(node, "scale_by", kScalings, "copies");
  load.loop = node.flag("loop", false);
  load.offset = node.duration("offset", 0.0_s);
  load.copy_shift = node.duration("copy_shift", 600.0_s);
  load.bytes_per_token = load.format == "sharegpt" ? node.number("bytes_per_token", 4.0) : 4.0;
  if (load.bytes_per_token < 0.1) {
    node.problem("bytes_per_token", "wants 0.1 or more");
    load.bytes_per_token = 4.0;
  }
  read_classes(node, load);
  const Rate rate = read_rate(node);
  const std::int64_t block_tokens =
      load.format == "mooncake" ? node.positive("block_tokens", kMooncakeBlockTokens) : kMooncakeBlockTokens;
  if (!is_format) return load;  // the mistake is noted; the file would only be misread

  const auto reader = open_trace(load.file, {.format = load.format, .bytes_per_token = load.bytes_per_token});
  load.has_chains = reader->traits().has_blocks;
  load.has_times = reader->traits().has_times;
  if (load.has_chains) load.block_tokens = block_tokens;
  load.contents = count(*reader, load);
  if (!load.has_times) {
    for (const std::string_view key : {"scale_by", "offset", "copy_shift"})
      if (node.has(key)) node.problem(key, "this trace has lengths but no times");
    load.offset = {};
  } else if (load.period_ns() <= 0) {
    node.problem("offset", fmt::format("the trace is {:.0f} s long: nothing is left of it",
                                       static_cast<double>(load.contents.period_ns) * 1e-9));
    load.offset = {};
  }
  scale(node, rate, load);
  // Copies that stand as far apart as the trace is long would be the same requests at the same time.
  const auto copies =
      static_cast<std::int64_t>(std::clamp(std::ceil(load.rate_factor), 1.0, double{kCopiesMax}));
  load.copy_shift.ns = std::min(load.copy_shift.ns, load.period_ns() / copies);
  return load;
}

std::optional<Duration> TraceLoad::length() const {
  if (loop || contents.requests == 0) return std::nullopt;
  if (!has_times) {
    const double ns = static_cast<double>(contents.requests) / rate_factor * 1e9;
    return Duration{ns < static_cast<double>(kLongestNs) ? static_cast<std::int64_t>(ns) : kLongestNs};
  }
  const double pace = scaling == Scaling::kCompression ? 1.0 / rate_factor : 1.0;
  return to_duration(to_seconds(Duration{period_ns()}) * pace);
}

TraceContents count(Reader& reader, const TraceLoad& load) {
  if (const auto* generated = dynamic_cast<const ServeGenTrace*>(&reader))
    return {.requests = generated->requests(),
            .first_ns = generated->first_ns(),
            .period_ns = generated->period_ns()};
  TraceContents c;
  Row row;
  std::int64_t last_ns = 0;
  while (reader.next(row)) {
    check_row(reader, row, load);
    if (c.requests++ == 0) c.first_ns = reader.begins_ns().value_or(row.at_ns);
    last_ns = row.at_ns;
  }
  c.empty_rows = reader.empty_rows();
  if (c.requests == 0)
    throw InputError({.file = load.file, .message = "this trace has no request with input and output"});
  const std::int64_t span = last_ns - c.first_ns;
  const auto gaps = static_cast<std::int64_t>(c.requests) - (reader.begins_ns() ? 0 : 1);
  const auto gap = gaps > 0 ? span / gaps : 0;
  c.period_ns = std::max(span + gap, kPeriodMinNs);
  reader.rewind();
  return c;
}

void check_row(const Reader& reader, const Row& row, const TraceLoad& load) {
  class_of(reader, row, load);
  if (row.blocks.empty()) return;
  const std::int64_t wanted = (row.input + load.block_tokens - 1) / load.block_tokens;
  if (static_cast<std::int64_t>(row.blocks.size()) != wanted)
    reader.fail(row.column,
                fmt::format("a prompt of {} tokens in {} blocks: of {} tokens it has {}", row.input,
                            row.blocks.size(), load.block_tokens, wanted),
                "\"block_tokens\" of the trace says how long its blocks are");
}

std::uint8_t class_of(const Reader& reader, const Row& row, const TraceLoad& load) {
  if (!load.names_classes) return 0;
  const auto found = std::ranges::find(load.classes, row.class_name);
  if (found != load.classes.end()) return static_cast<std::uint8_t>(found - load.classes.begin());
  const std::string near = nearest(row.class_name, load.classes);
  reader.fail(row.column,
              fmt::format("a request of class \"{}\", which \"classes\" does not name", row.class_name),
              near.empty() ? "" : fmt::format("did you mean \"{}\"?", near));
}

}  // namespace tideline::workload::traces
