// Reads "workload", and makes its requests.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <string>

#include "sim/workload/arrivals.h"
#include "sim/workload/cached_arrivals.h"
#include "sim/workload/sessions.h"
#include "sim/workload/traces/trace_arrivals.h"
#include "sim/workload/traces/trace_load.h"

namespace tideline::workload {
namespace {

constexpr double kSecondsPerDay = 86400.0;

void read_classes(const config::Node& node, Workload& workload) {
  double sum = 0.0;
  for (const config::Node& entry : node.list("classes")) {
    workload.classes.push_back(RequestClass::read(entry));
    workload.class_cumulative.push_back(sum += workload.classes.back().share());
  }
  if (workload.classes.empty())
    node.problem("classes", "a workload needs at least one class of requests");
  else if (std::abs(sum - 1.0) > 1e-6)
    node.problem("classes", "the shares of the classes add up to " + std::to_string(sum) + ", not to 1");
  else
    workload.class_cumulative.back() = 1.0;
  std::set<std::string> names;
  for (const RequestClass& c : workload.classes)
    if (!names.insert(c.name()).second) node.problem("classes", "two classes are named \"" + c.name() + "\"");
  if (workload.classes.size() > kClassesMax)
    node.problem("classes", fmt::format("at most {} classes", kClassesMax));
}

// Requests and answered tokens of what a load consists of: one request, or a mean session.
struct MeanPart {
  double requests = 1.0, output_tokens = 0.0;
};

// How many such parts a day has: its load is given as requests or as the tokens that they are answered with.
double read_parts_per_day(const config::Node& node, MeanPart part) {
  const auto bounded = [&](std::string_view key, double parts) {
    const double per_second = parts * part.requests / kSecondsPerDay;
    if (per_second <= kRequestsPerSecondMax) return parts;
    node.problem(key, too_many_requests(per_second),
                 "DeepSeek's whole service had two thousand: is the unit right?");
    return 1.0;
  };
  if (!node.given("output_tokens_per_day"))
    return bounded("requests_per_day",
                   static_cast<double>(node.positive("requests_per_day")) / part.requests);
  const Tokens per_day = node.quantity<Tokens>("output_tokens_per_day");
  if (node.given("requests_per_day"))
    node.problem("requests_per_day", "the load is given twice: as requests and as \"output_tokens_per_day\"",
                 "leave one of them out");
  if (per_day.value() >= part.output_tokens && part.output_tokens > 0.0)
    return bounded("output_tokens_per_day", per_day.value() / part.output_tokens);
  node.problem("output_tokens_per_day", "not one request in a day");
  return 1.0;
}

DayCurve read_rate(const config::Node& node, MeanPart part) {
  const double per_second = read_parts_per_day(node, part) / kSecondsPerDay;
  DayCurve rate = read_day_curve(node);
  for (double& r : rate) r *= per_second;
  return rate;
}

// "only": the classes of the load that are served here; the others are left to other pools.
void keep_only(const config::Node& node, Workload& w) {
  if (!node.given("only")) return;
  std::vector<std::string> wanted;
  for (const config::Node& name : node.list("only")) wanted.push_back(name.as_text());
  const std::vector<std::string> known = w.class_names();
  for (const std::string& name : wanted)
    if (std::ranges::find(known, name) == known.end())
      node.problem("only", fmt::format("no class of requests is called \"{}\": there are {}", name,
                                       fmt::join(known, ", ")));
  std::vector<RequestClass> kept;
  double share = 0.0;
  w.class_cumulative.clear();
  for (const RequestClass& c : w.classes)
    if (std::ranges::find(wanted, c.name()) == wanted.end()) {
      w.left_out.push_back(c.name());
    } else {
      kept.push_back(c);
      w.class_cumulative.push_back(share += c.share());
    }
  if (!(share > 0.0)) return node.problem("only", "no request is left");
  w.classes = std::move(kept);
  for (double& c : w.class_cumulative) c /= share;
  for (double& r : w.rate) r *= share;
}

void read_drawn(const config::Node& node, Workload& w) {
  read_classes(node, w);
  MeanPart request;
  for (const RequestClass& c : w.classes) request.output_tokens += c.share() * c.output_mean();
  w.rate = read_rate(node, request);
  keep_only(node, w);
  w.prefix_caching = read_prefix_caching(node, {});
}

void read_session_load(const config::Node& node, Workload& w) {
  Sessions s = read_sessions(node.object("sessions"));
  s.first_hour = w.first_hour;
  s.rate = read_rate(node, {s.requests_mean(), s.output_tokens_mean()});
  for (const SessionKind& k : s.kinds) w.classes.push_back(RequestClass::named(k.name));
  w.prefix_caching = read_prefix_caching(node, {.from = PromptBlocks::From::kCutHere});
  if (w.prefix_caching.kind == HitModel::kDrawn)
    node.problem("prefix_cache", "the hits of sessions are not drawn: \"kind\" is \"lru\" or \"none\"");
  w.sessions = std::make_shared<const Sessions>(std::move(s));
}

void read_trace_load(const config::Node& node, Workload& w) {
  traces::TraceLoad t = traces::read_trace_load(node);
  for (const std::string& name : t.classes) w.classes.push_back(RequestClass::named(name));
  w.prefix_caching = read_prefix_caching(
      node, {t.has_chains ? PromptBlocks::From::kTrace : PromptBlocks::From::kNone, t.block_tokens});
  w.trace = std::make_shared<const traces::TraceLoad>(std::move(t));
}

// Drawn requests where nothing is to be looked up.
class DrawnChains : public ChainSource {
 public:
  DrawnChains(const Workload& w, std::uint64_t seed, std::uint32_t run, Instant start)
      : stream_(w, seed, run, start) {}
  bool next(ChainedRequest& request) override {
    request.arrival = stream_.next();
    return true;
  }

 private:
  ArrivalStream stream_;
};

// What a scenario that this one extends said of another kind of load is set to null.
void leave_out_null(const config::Node& node) {
  for (const std::string_view key :
       {"classes", "only", "sessions", "trace", "hourly_profile", "between_hours", "output_tokens_per_day",
        "requests_per_day", "prefix_cache"})
    if (node.is_null(key)) node.ignore(key);
}

}  // namespace

std::vector<std::string> Workload::class_names() const {
  std::vector<std::string> names;
  for (const RequestClass& c : classes) names.push_back(c.name());
  return names;
}

std::vector<std::string> Workload::known_names() const {
  std::vector<std::string> names = class_names();
  names.insert(names.end(), left_out.begin(), left_out.end());
  return names;
}

Workload read_workload(const config::Node& node, int first_hour) {
  leave_out_null(node);
  Workload w;
  w.first_hour = first_hour;
  if (node.given("trace"))
    read_trace_load(node, w);
  else if (node.given("sessions"))
    read_session_load(node, w);
  else
    read_drawn(node, w);
  return w;
}

std::unique_ptr<ArrivalSource> make_arrivals(const Workload& w, std::uint64_t seed, std::uint32_t run,
                                             Instant start) {
  std::unique_ptr<ChainSource> source;
  if (w.trace)
    source = traces::make_trace_arrivals(*w.trace, seed, run, start);
  else if (w.sessions)
    source = std::make_unique<SessionSource>(*w.sessions, w.prefix_caching, seed, run, start);
  else if (w.prefix_caching.kind == HitModel::kDrawn)
    return std::make_unique<ArrivalStream>(w, seed, run, start);
  else
    source = std::make_unique<DrawnChains>(w, seed, run, start);
  return std::make_unique<CachedArrivals>(std::move(source), w.prefix_caching, start);
}

}  // namespace tideline::workload
