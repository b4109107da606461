// Which measurements the points of a family of kernels stand on, as a fitted file cites them: source, date
// and library. For people who ask what an answer stands on; a time never needs it.
#pragma once

#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "sim/config/node.h"
#include "sim/kernels/family.h"

namespace tideline::kernels {

class Sources {
 public:
  // The "sources" of a family, and of its samples by place ("0 2": the first and the third). A file without
  // them, or without those of samples, is none: every answer then stands on the whole family.
  static Sources read(const config::Node& family);

  // Of these points, each once, in the order of the file. Of none, or of one that is not known: all.
  [[nodiscard]] std::vector<std::string> of(const std::vector<Coordinates>& points) const;

 private:
  using Place = std::tuple<std::int64_t, std::int64_t, double, double>;  // a, b, s, x
  std::vector<std::string> names_;
  std::map<Place, std::vector<std::size_t>> by_point_;
};

}  // namespace tideline::kernels
