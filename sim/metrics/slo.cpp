#include "sim/metrics/slo.h"

#include <algorithm>

namespace tideline::metrics {
namespace {

void read_limits(const config::Node& node, Slo& slo) {
  const auto limit = [&](const char* key, Duration& at_most) {
    if (!node.given(key)) return node.ignore(key);
    at_most = node.duration(key);
    if (at_most.ns <= 0) node.problem(key, "no request could keep it: wants more than 0 s");
  };
  limit("ttft", slo.ttft);
  limit("tpot", slo.tpot);
  limit("e2e", slo.e2e);
}

}  // namespace

std::optional<Slos> read_slos(const config::Node& scenario,
                              const std::vector<workload::RequestClass>& classes,
                              const std::vector<std::string>& served_elsewhere) {
  const auto node = scenario.optional_object("slo");
  if (!node) return std::nullopt;
  Slo whole;
  read_limits(*node, whole);
  Slos slos{.by_class = std::vector<Slo>(classes.size(), whole), .share = node->fraction("share", 0.9)};
  if (const auto by_class = node->optional_object("classes")) {
    by_class->keys_are_names();
    for (std::size_t i = 0; i < classes.size(); ++i)
      if (const auto own = by_class->optional_object(classes[i].name())) read_limits(*own, slos.by_class[i]);
    for (const std::string& name : served_elsewhere) by_class->ignore(name);
  }
  const bool limits = std::ranges::any_of(
      slos.by_class, [](const Slo& s) { return s.ttft < kNoLimit || s.tpot < kNoLimit || s.e2e < kNoLimit; });
  if (!limits) node->problem("", "nothing is asked of a request", "say \"ttft\", \"tpot\" or \"e2e\"");
  return slos;
}

RequestLatencies latencies_of(const fleet::Finished& r) {
  const std::int64_t gaps = r.output - 1;
  return {.ttft = r.first_token - r.arrival,
          .tpot = {gaps > 0 ? (r.last_token - r.first_token).ns / gaps : 0},
          .e2e = r.last_token - r.arrival};
}

void Attainment::answered(const fleet::Finished& r, const Slo& slo) {
  const RequestLatencies l = latencies_of(r);
  const bool late_ttft = l.ttft > slo.ttft, late_tpot = l.tpot > slo.tpot, late_e2e = l.e2e > slo.e2e;
  ttft_missed += late_ttft;
  tpot_missed += late_tpot;
  e2e_missed += late_e2e;
  if (late_ttft || late_tpot || late_e2e) return;
  ++good;
  good_output_tokens += r.output;
}

Attainment& Attainment::operator+=(const Attainment& other) {
  offered += other.offered;
  good += other.good;
  good_output_tokens += other.good_output_tokens;
  ttft_missed += other.ttft_missed;
  tpot_missed += other.tpot_missed;
  e2e_missed += other.e2e_missed;
  return *this;
}

}  // namespace tideline::metrics
