// Surfaces that were made before, on disk: the same unit, program and measurements give the same numbers, so
// that they need not be made again, in this run or by another process.
//
// 1. A stored surface is read only where the whole text it was stored under is the same: nothing is stale.
// 2. A file appears whole or not at all; processes that make the same surface at once write the same bytes.
// 3. A folder that cannot be written, or a file that is broken, costs time and nothing else.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace tideline::step {

class SurfaceStore {
 public:
  // The folder that TIDELINE_CACHE names (empty: nothing is kept), else tideline/ in the user's folder for
  // caches.
  static SurfaceStore of_user();
  explicit SurfaceStore(std::string folder) : folder_(std::move(folder)) {}

  // What is stored under `content` and this very program, else what `make` gives, stored from then on.
  [[nodiscard]] std::vector<double> get(const std::string& content,
                                        const std::function<std::vector<double>()>& make) const;

 private:
  std::string folder_;
};

}  // namespace tideline::step
