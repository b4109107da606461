#include "sim/sweep/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "sim/base/random.h"
#include "sim/sampling/permutation.h"

namespace tideline::sweep {
namespace {

// Entities of the stream of a design.
constexpr std::uint64_t kOrder = 0, kPlace = 1;

std::uint64_t word(const PhiloxBlock& b) {
  return (std::uint64_t{b[1]} << 32) | b[0];
}

// The share of the way along axis `a` of a drawn design.
double latin_hypercube(const Study& s, std::uint64_t a, std::uint64_t c) {
  const RandomStream draws(s.draw_seed, static_cast<std::uint32_t>(a), Purpose::kStudy);
  const sampling::Permutation slice(s.configurations, draws, kOrder);
  const double within = sampling::coordinate(word(draws.block(kPlace, c)));
  return (static_cast<double>(slice(c)) + within) / static_cast<double>(s.configurations);
}

std::vector<Value> sobol(const Study& s, std::uint64_t c) {
  std::vector<std::uint64_t> bits(s.axes.size());
  s.sobol->bits(c, bits);
  std::vector<Value> values;
  for (std::size_t a = 0; a < bits.size(); ++a) {
    const RandomStream draws(s.draw_seed, static_cast<std::uint32_t>(a), Purpose::kStudy);
    values.push_back(s.axes[a].value_at(sampling::coordinate(bits[a] ^ word(draws.block(kOrder)))));
  }
  return values;
}

std::vector<Value> configuration(const Study& s, std::uint64_t c) {
  if (s.design == Design::kSobol) return sobol(s, c);
  std::vector<Value> values(s.axes.size());
  for (std::size_t a = s.axes.size(); a-- > 0;) {
    const Axis& axis = s.axes[a];
    if (s.design == Design::kLatinHypercube)
      values[a] = axis.value_at(latin_hypercube(s, a, c));
    else if (s.design == Design::kList)
      values[a] = axis.value(c);
    else
      values[a] = axis.value(c % axis.count), c /= axis.count;
  }
  return values;
}

}  // namespace

Point point(const Study& study, std::uint64_t number) {
  Point p{.number = number, .inputs = {}, .seed = {}, .replication = 0};
  p.replication = static_cast<std::uint32_t>(number % study.replications);
  number /= study.replications;
  if (!study.seeds.empty()) {
    p.seed = study.seeds[number % study.seeds.size()];
    number /= study.seeds.size();
  }
  p.inputs = configuration(study, number);
  return p;
}

std::vector<std::string> overrides(const Study& study, const Point& p) {
  std::vector<std::string> out = study.set;
  std::ranges::move(changes(study, p), std::back_inserter(out));
  return out;
}

std::vector<std::string> changes(const Study& study, const Point& p) {
  std::vector<std::string> out;
  for (std::size_t a = 0; a < p.inputs.size(); ++a)
    out.push_back(study.axes[a].path + "=" + p.inputs[a].json);
  if (p.seed) out.push_back(fmt::format("seed={}", *p.seed));
  return out;
}

std::vector<std::string> run_overrides(const Study& study, const Point& p) {
  std::vector<std::string> out = overrides(study, p);
  if (p.replication == 0) return out;
  const std::int64_t own = study.scenario.with(changes(study, p)).root().count("replication", 0);
  out.push_back(fmt::format("replication={}", own + p.replication));
  return out;
}

}  // namespace tideline::sweep
