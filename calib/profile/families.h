// What can be profiled: one entry a family, in the order in which a sweep takes them. `--list` prints it.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "calib/profile/point.h"

namespace tideline::profile {

enum class Library { kNone, kCublasLt, kCudnn };

struct Family {
  std::string_view name, sentence;
  Library needs;
  bool own_kernels;  // not a library's
  // True once its kernels have run on a GPU and passed their check there; nobody may set it before.
  bool has_run_on_a_gpu;
  std::vector<Point> (*points)();
  // Kernels of our own wait to be asked for until they have run: nobody knows yet what they would record.
  [[nodiscard]] bool by_default() const { return has_run_on_a_gpu || !own_kernels; }
};

// Ceilings and overheads, then dense products, batched products, small kernels, prefill attention, experts,
// and last what is told to leave SMs free.
extern const std::array<Family, 9> kFamilies;

// Kernels of the layer that this program does not have, and what stands in for them.
struct Absent {
  std::string_view name, sentence, stand_in;
};
extern const std::array<Absent, 3> kAbsent;

// Null when there is no family of that name.
const Family* find_family(std::string_view name);

}  // namespace tideline::profile
