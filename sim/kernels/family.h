// One family of kernels: a backbone fitted to all its measurements, corrected by the measurements nearest to
// what is asked. Measurements lie on curves: a curve is one kernel (a, b: such as the n and k of a product)
// at one multiplicity s (experts on the GPU, requests in the batch), measured over x (rows, cached tokens).
//
// 1. Between the ends of a curve, with all SMs, time never falls with x: measured points are isotonic
//    (calib/fit), and between two of them ln t is linear in ln of the backbone. Where more rows would be
//    quicker (a better tile), fewer are taken to be padded to them. The way between two points is laid once,
//    in kWay pieces, so that every half and quarter of an interval of two or three octaves is a place of it.
// 2. Between curves of the same (a, b) the correction ln(t / backbone) is linear in ln s; beyond the last
//    point or curve it stays what it was there, and the answer says `extrapolated` and is less certain.
// 3. A kernel that was never measured takes the mean correction of its eight nearest points, weighted by the
//    inverse of distance in (3 ln x, ln a, ln b, ln s), and believed the less the farther they are; in a
//    family of fewer than eight points, the backbone.
//    A family without points is its backbone. Such a time may fall with x where the tiles get better.
// 4. No answer is below 98 % of the roofline.
#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "sim/kernels/answer.h"
#include "sim/kernels/backbone.h"

namespace tideline::kernels {

struct Coordinates {
  std::int64_t a = 1, b = 1;
  double s = 1.0, x = 1.0;
};

struct Sample {
  Coordinates at;
  Seconds time;
  double sigma = 0.0;  // of ln(time), beyond that of the family: what its transfer from another GPU adds
};

// Standard deviations of ln(time), measured by leaving points or kernels out (calib/fit).
struct FamilyError {
  double known = 0.0;    // on a measured curve, or between two of one kernel
  double unknown = 0.0;  // of a kernel that was never measured
  double beyond = 0.0;   // past the last point of a curve, or the last curve of a kernel
};

class Family {
 public:
  // What the measured kernels had to do, by their coordinates.
  using WorkOf = Work (*)(const Coordinates&);

  // `samples` in any order, at most one at each place.
  Family(const Backbone& backbone, WorkOf work_of, std::vector<Sample> samples, const FamilyError& error);

  // Time of a kernel at `at`. Its work may differ from that of the measured kernel at the same place (two
  // query tokens of one request share the cache that they read).
  [[nodiscard]] Answer time(const Coordinates& at, const Work& work, double sm_share = 1.0) const;
  [[nodiscard]] Answer time(const Coordinates& at) const { return time(at, work_of_(at)); }
  // The points that time() takes an answer from; none where it is the backbone's alone.
  [[nodiscard]] std::vector<Coordinates> stands_on(const Coordinates& at) const;
  [[nodiscard]] const Backbone& backbone() const { return backbone_; }
  [[nodiscard]] const FamilyError& error() const { return error_; }

 private:
  struct Curve {
    std::int64_t a, b;
    double s;
    std::vector<Sample> points;    // by x
    std::vector<double> residual;  // ln(t / backbone) of each
    std::vector<double> way;       // ln t at kWay places from each point on, evenly in ln x; and of the last
  };
  static constexpr std::size_t kWay = 24;
  struct Correction {
    double log = 0.0, sigma = 0.0;
    Provenance provenance = Provenance::kInterpolated;
  };
  using Curves = std::vector<Curve>::const_iterator;
  struct Neighbour {
    double distance = 0.0, log = 0.0;
    const Sample* point = nullptr;
  };
  [[nodiscard]] double log_backbone(const Coordinates& at) const;
  void lay(Curve& curve) const;
  [[nodiscard]] Correction on_curve(const Curve& curve, double x) const;
  [[nodiscard]] Correction between(Curves first, Curves last, const Coordinates& at) const;
  // All points, the nearest eight first and in order.
  [[nodiscard]] std::vector<Neighbour> neighbours(const Coordinates& at) const;
  // [first, last): the curves of the kernel; none where it was never measured.
  [[nodiscard]] std::pair<Curves, Curves> curves_of(const Coordinates& at) const;
  [[nodiscard]] Correction nearest(const Coordinates& at) const;
  [[nodiscard]] Correction correction(const Coordinates& at) const;

  Backbone backbone_;
  WorkOf work_of_;
  FamilyError error_;
  std::vector<Curve> curves_;  // by (a, b, s)
};

}  // namespace tideline::kernels
