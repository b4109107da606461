#include "sim/kernels/family.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <span>
#include <tuple>

namespace tideline::kernels {
namespace {

constexpr std::size_t kNeighbours = 8;
// What no correction at all weighs beside the neighbours: as much as one of them at a distance of 1/2. Of 0
// to 4 tried, for the error of products held out (decision 23).
constexpr double kDoubt = 2.0;
constexpr double kRooflineSlack = 0.98;

auto key(const Coordinates& c) {
  return std::tuple(c.a, c.b, c.s);
}

double squared_distance(const Coordinates& p, const Coordinates& q) {
  const auto square = [](double x) { return x * x; };
  const auto ratio = [](double x, double y) { return std::log(x / y); };
  return square(3.0 * ratio(p.x, q.x)) + square(ratio(p.s, q.s)) +
         square(ratio(static_cast<double>(p.a), static_cast<double>(q.a))) +
         square(ratio(static_cast<double>(p.b), static_cast<double>(q.b)));
}

// Of [first, last) by `value`, not empty: the one at `x`, or those on both sides of it, or the end beyond
// which it lies.
template <class Iterator, class Value>
std::span<const std::iter_value_t<Iterator>> around(Iterator first, Iterator last, double x, Value value) {
  const auto above = std::ranges::lower_bound(first, last, x, {}, value);
  if (above == last) return {last - 1, 1};
  return above == first || value(*above) == x ? std::span(above, 1) : std::span(above - 1, 2);
}

}  // namespace

Family::Family(const Backbone& backbone, WorkOf work_of, std::vector<Sample> samples,
               const FamilyError& error)
    : backbone_(backbone), work_of_(work_of), error_(error) {
  std::sort(samples.begin(), samples.end(), [](const Sample& p, const Sample& q) {
    return std::tuple(key(p.at), p.at.x) < std::tuple(key(q.at), q.at.x);
  });
  for (const Sample& s : samples) {
    if (curves_.empty() || key(curves_.back().points.front().at) != key(s.at))
      curves_.push_back({s.at.a, s.at.b, s.at.s, {}, {}, {}});
    curves_.back().points.push_back(s);
  }
  for (Curve& curve : curves_) lay(curve);
}

double Family::log_backbone(const Coordinates& at) const {
  return std::log(backbone_(work_of_(at)).value());
}

void Family::lay(Curve& curve) const {
  for (const Sample& s : curve.points)
    curve.residual.push_back(std::log(s.time.value()) - log_backbone(s.at));
  for (std::size_t i = 0; i < curve.points.size(); ++i) {
    const Sample& low = curve.points[i];
    const double log_low = std::log(low.time.value());
    curve.way.push_back(log_low);
    if (i + 1 == curve.points.size()) break;
    const Sample& high = curve.points[i + 1];
    const double log_rise = std::log(high.time / low.time);
    const double f_low = log_backbone(low.at), f_high = log_backbone(high.at);
    const double log_step = std::log(high.at.x / low.at.x) / static_cast<double>(kWay);
    for (std::size_t piece = 1; piece < kWay; ++piece) {
      const double along = static_cast<double>(piece);
      Coordinates at = low.at;
      at.x *= std::exp(along * log_step);
      const double share = f_high > f_low ? (log_backbone(at) - f_low) / (f_high - f_low) : along / kWay;
      curve.way.push_back(log_low + std::clamp(share, 0.0, 1.0) * log_rise);
    }
    double least = log_low + log_rise;
    for (auto place = curve.way.rbegin(); place != curve.way.rbegin() + (kWay - 1); ++place)
      least = *place = std::min(*place, least);
  }
}

Family::Correction Family::on_curve(const Curve& curve, double x) const {
  const auto& points = curve.points;
  const auto above = std::lower_bound(points.begin(), points.end(), x,
                                      [](const Sample& s, double value) { return s.at.x < value; });
  const auto index = static_cast<std::size_t>(above - points.begin());
  if (above != points.end() && above->at.x == x)
    return {curve.residual[index], std::hypot(error_.known, above->sigma), Provenance::kMeasured};
  if (above == points.begin() || above == points.end()) {
    const std::size_t end = above == points.begin() ? 0 : points.size() - 1;
    return {curve.residual[end], std::hypot(error_.beyond, points[end].sigma), Provenance::kExtrapolated};
  }
  const Sample &low = above[-1], &high = above[0];
  const double along = kWay * std::log(x / low.at.x) / std::log(high.at.x / low.at.x);
  const std::size_t piece = std::min(static_cast<std::size_t>(along), kWay - 1);
  const double* way = &curve.way[(index - 1) * kWay + piece];
  const double log_time = way[0] + (along - static_cast<double>(piece)) * (way[1] - way[0]);
  return {log_time - log_backbone({curve.a, curve.b, curve.s, x}),
          std::hypot(error_.known, std::max(low.sigma, high.sigma)), Provenance::kInterpolated};
}

// [first, last): the curves of one kernel, by s.
Family::Correction Family::between(Curves first, Curves last, const Coordinates& at) const {
  const auto above = std::lower_bound(first, last, at.s, [](const Curve& c, double s) { return c.s < s; });
  if (above != last && above->s == at.s) return on_curve(*above, at.x);
  if (above == first || above == last) {
    Correction end = on_curve(above == first ? *first : last[-1], at.x);
    end.sigma = std::max(end.sigma, error_.beyond);
    end.provenance = Provenance::kExtrapolated;
    return end;
  }
  const Curve &low = above[-1], &high = above[0];
  const Correction below = on_curve(low, at.x), over = on_curve(high, at.x);
  const double weight = std::log(at.s / low.s) / std::log(high.s / low.s);
  const Provenance worse = std::max(below.provenance, over.provenance);
  return {below.log + weight * (over.log - below.log), std::max(below.sigma, over.sigma),
          std::max(worse, Provenance::kInterpolated)};
}

std::vector<Family::Neighbour> Family::neighbours(const Coordinates& at) const {
  std::vector<Neighbour> all;
  for (const Curve& curve : curves_)
    for (std::size_t i = 0; i < curve.points.size(); ++i)
      all.push_back({squared_distance(at, curve.points[i].at), curve.residual[i], &curve.points[i]});
  if (all.size() >= kNeighbours)
    std::partial_sort(all.begin(), all.begin() + kNeighbours, all.end(),
                      [](const Neighbour& p, const Neighbour& q) { return p.distance < q.distance; });
  return all;
}

Family::Correction Family::nearest(const Coordinates& at) const {
  const std::vector<Neighbour> all = neighbours(at);
  if (all.empty()) return {0.0, error_.known, Provenance::kInterpolated};
  if (all.size() < kNeighbours) return {0.0, error_.unknown, Provenance::kAssumed};
  double sum = 0.0, weights = kDoubt, sigma = 0.0;
  for (std::size_t i = 0; i < kNeighbours; ++i) {
    const double weight = 1.0 / std::sqrt(all[i].distance + 1e-6);
    sum += weight * all[i].log, weights += weight;
    sigma = std::max(sigma, all[i].point->sigma);
  }
  return {sum / weights, std::hypot(error_.unknown, sigma), Provenance::kNeighbours};
}

std::pair<Family::Curves, Family::Curves> Family::curves_of(const Coordinates& at) const {
  const auto kernel = std::tuple(at.a, at.b);
  const auto first = std::lower_bound(curves_.begin(), curves_.end(), kernel,
                                      [](const Curve& c, const auto& k) { return std::tuple(c.a, c.b) < k; });
  auto last = first;
  while (last != curves_.end() && std::tuple(last->a, last->b) == kernel) ++last;
  return {first, last};
}

Family::Correction Family::correction(const Coordinates& at) const {
  const auto [first, last] = curves_of(at);
  return first == last ? nearest(at) : between(first, last, at);
}

std::vector<Coordinates> Family::stands_on(const Coordinates& at) const {
  std::vector<Coordinates> out;
  const auto [first, last] = curves_of(at);
  if (first == last) {
    const std::vector<Neighbour> all = neighbours(at);
    if (all.size() >= kNeighbours)
      for (std::size_t i = 0; i < kNeighbours; ++i) out.push_back(all[i].point->at);
    return out;
  }
  for (const Curve& curve : around(first, last, at.s, [](const Curve& c) { return c.s; }))
    for (const Sample& s :
         around(curve.points.begin(), curve.points.end(), at.x, [](const Sample& p) { return p.at.x; }))
      out.push_back(s.at);
  return out;
}

Answer Family::time(const Coordinates& at, const Work& work, double sm_share) const {
  const Correction c = correction(at);
  Answer answer{backbone_(work, sm_share) * std::exp(c.log), c.sigma, c.provenance,
                backbone_.roofline(work, sm_share)};
  const Work measured = work_of_(at);
  if (c.provenance == Provenance::kMeasured && (measured.flop != work.flop || measured.bytes != work.bytes))
    answer.provenance = Provenance::kInterpolated;
  const Seconds floor = answer.roofline * kRooflineSlack;
  if (answer.time < floor) answer.time = floor, answer.provenance = Provenance::kRoofline;
  return answer;
}

}  // namespace tideline::kernels
