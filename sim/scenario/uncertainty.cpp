#include "sim/scenario/uncertainty.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <string_view>
#include <utility>

#include "sim/scenario/operating_point.h"
#include "sim/scenario/result.h"

namespace tideline::scenario {

using step::Kind;
using step::Stretch;

namespace {

template <class T>
void check(const config::Node& node, const Uncertainty::Range<T>& range, T least) {
  if (range.low < least || range.high < range.low)
    node.problem("low", "a range goes from what is least to what is most");
}

// How far kernels may be off together, and the least trusted thing that any of them stands on.
struct Doubt {
  double sigma = 0;  // of ln(time)
  std::string_view stands_on;
};

// The mean of a kind's kernels, weighted by their time.
Doubt doubt_of(const step::StepBreakdown& step, Kind kind) {
  double time = 0, off = 0;
  auto provenance = kernels::Provenance::kMeasured;
  for (const step::Operation& o : step.layer) {
    if (o.kind != kind) continue;
    time += o.cost.time.value();
    off += o.cost.time.value() * o.cost.sigma;
    provenance = std::max(provenance, o.cost.provenance);
  }
  return {time > 0 ? off / time : 0.0, to_string(provenance)};
}

struct Kernels {
  Kind kind;
  const char* name;
  bool decode, prefill;  // it is of which phase's: of both where they are of one family
};
constexpr std::array kKernels = {
    Kernels{Kind::kAttention, "attention kernels, decode", true, false},
    Kernels{Kind::kAttention, "attention kernels, prefill", false, true},
    Kernels{Kind::kExperts, "expert kernels, decode", true, false},
    Kernels{Kind::kExperts, "expert kernels, prefill", false, true},
    Kernels{Kind::kGemm, "linear layers", true, true},
    Kernels{Kind::kOther, "memory-bound kernels", true, true},
    Kernels{Kind::kExchange, "all-to-alls, decode", true, false},
    Kernels{Kind::kExchange, "all-to-alls, prefill", false, true},
};

Source ranged(const std::string& name, const std::string& between, double low, double value, double high) {
  return {.name = name,
          .stands_on = "assumed, " + between,
          .range = true,
          .value_at = high > low ? std::clamp((value - low) / (high - low), 0.0, 1.0) : 0.5};
}

class Perturbed {
 public:
  explicit Perturbed(const Result& r)
      : kernels_(kernels::KernelModel::load(r.scenario.node.gpu)), point_(r) {
    decode_s_ = decode({}, {}).total().value();
    prefill_s_ = prefill({}, {}).total().value();
  }

  [[nodiscard]] std::optional<Source> kernels_of(const Kernels& k) const {
    const auto doubt = [&](const step::StepBreakdown& step, const step::StepModel& model) {
      if (k.kind != Kind::kExchange) return doubt_of(step, k.kind);
      const bool fitted = model.unit().exchange == step::ExchangeModel::kFitted;
      return Doubt{model.exchange_sigma(), fitted ? "fitted" : "counted"};
    };
    Doubt most;
    for (const Doubt& d : {k.decode ? doubt(decode({}, {}), point_.decode_model(kernels_)) : Doubt{},
                           k.prefill ? doubt(prefill({}, {}), point_.prefill_model(kernels_)) : Doubt{}})
      if (d.sigma > most.sigma) most = d;
    if (most.sigma <= 0.0) return std::nullopt;
    Source s{.name = k.name, .stands_on = fmt::format("{}, {:.1f} %", most.stands_on, 100.0 * most.sigma)};
    for (const auto& [shift, by] : {std::pair{&s.low, -most.sigma}, std::pair{&s.high, most.sigma}}) {
      const Stretch stretch = Stretch::only(k.kind, std::exp(by));
      if (k.decode) shift->decode = std::log(decode(stretch, {}).total().value() / decode_s_);
      if (k.prefill) shift->prefill = std::log(prefill(stretch, {}).total().value() / prefill_s_);
    }
    return s;
  }
  // Of decode's gaps, and of prefill's, by the same factor of its range.
  [[nodiscard]] Source gaps() const {
    const auto d = kernels_.launch_gap_range(kernels::Launch::kGraph),
               p = kernels_.launch_gap_range(kernels::Launch::kEager);
    Source s =
        ranged("gaps between kernels", fmt::format("{:g} - {:g} of them", d.low, d.high), d.low, 1.0, d.high);
    const auto shift = [&](double decode_gap, double prefill_gap) {
      return Shift{.decode = std::log(decode({.gap = decode_gap}, {}).total().value() / decode_s_),
                   .prefill = std::log(prefill({.gap = prefill_gap}, {}).total().value() / prefill_s_)};
    };
    s.low = shift(d.low, p.low), s.high = shift(d.high, p.high);
    return s;
  }
  [[nodiscard]] Shift host_gap(Seconds host) const {
    return {.decode = std::log(decode({}, host).total().value() / decode_s_),
            .prefill = std::log(prefill({}, host).total().value() / prefill_s_)};
  }

 private:
  using Host = std::optional<Seconds>;
  [[nodiscard]] step::StepBreakdown decode(const Stretch& stretch, Host host) const {
    return point_.decode_model(kernels_, stretch, host).decode(point_.decode_load(point_.requests()));
  }
  [[nodiscard]] step::StepBreakdown prefill(const Stretch& stretch, Host host) const {
    return point_.prefill_model(kernels_, stretch, host).prefill(point_.prefill_load(point_.tokens()));
  }

  kernels::KernelModel kernels_;
  OperatingPoint point_;
  double decode_s_ = 0, prefill_s_ = 0;
};

}  // namespace

Uncertainty read_uncertainty(const config::Node& scenario) {
  Uncertainty u;
  const auto node = scenario.optional_object("uncertainty");
  if (!node) return u;
  if (const auto range = node->optional_object("draft_acceptance"))
    u.draft_acceptance = {range->fraction("low"), range->fraction("high")},
    check(*range, *u.draft_acceptance, 0.0);
  if (const auto range = node->optional_object("load"))
    u.load = {range->number("low"), range->number("high")}, check(*range, *u.load, 1e-3);
  if (const auto range = node->optional_object("host_gap"))
    u.host_gap = {range->quantity<Seconds>("low"), range->quantity<Seconds>("high")},
    check(*range, u.host_gap, Seconds(0.0));
  return u;
}

std::vector<Source> sources(const Result& r) {
  const Perturbed perturbed(r);
  std::vector<Source> all;
  for (const Kernels& k : kKernels)
    if (auto source = perturbed.kernels_of(k)) all.push_back(std::move(*source));
  all.push_back(perturbed.gaps());
  const Uncertainty& u = r.scenario.uncertainty;
  const auto& [low, high] = u.host_gap;
  all.push_back(ranged("host work between steps",
                       fmt::format("{:g} - {:g} ms", low.value() * 1e3, high.value() * 1e3), low.value(),
                       r.scenario.fleet.decode.unit.host_gap.value(), high.value()));
  all.back().low = perturbed.host_gap(low);
  all.back().high = perturbed.host_gap(high);
  if (const auto& range = u.draft_acceptance; range && r.scenario.fleet.decode.unit.draft_tokens > 0) {
    const double value = r.scenario.fleet.decode.draft_acceptance;
    all.push_back(ranged("drafts accepted", fmt::format("{:g} - {:g}", range->low, range->high), range->low,
                         value, range->high));
    all.back().low.tokens = std::log((1.0 + range->low) / (1.0 + value));
    all.back().high.tokens = std::log((1.0 + range->high) / (1.0 + value));
  }
  if (const auto& range = u.load) {
    all.push_back(ranged("load", fmt::format("{:g} - {:g} of it", range->low, range->high), range->low, 1.0,
                         range->high));
    all.back().low.load = std::log(range->low);
    all.back().high.load = std::log(range->high);
  }
  return all;
}

}  // namespace tideline::scenario
