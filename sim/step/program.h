// What the compute stream of one GPU runs in each stage: the kernels with their times, alone and beside an
// all-to-all, compiled once for a step. Expert kernels depend on the rows that a layer brings, so that they
// are tabulated over rows.
#pragma once

#include <array>
#include <string_view>
#include <vector>

#include "sim/kernels/kernel_model.h"
#include "sim/step/operation_list.h"
#include "sim/step/rank_load.h"
#include "sim/step/unit.h"

namespace tideline::step {

// Kernel time without and with an all-to-all beside it. Units: nanoseconds, as doubles: rounded when
// scheduled.
struct KernelTime {
  double alone_ns = 0, beside_ns = 0;
};

struct Kernel {
  std::string_view name;
  Kind kind = Kind::kOther;
  KernelTime time;
};

// Stages of one micro-batch of one GPU's own tokens; the experts' stage is in ExpertProgram.
struct RankProgram {
  std::array<std::vector<Kernel>, kStages> moe, dense;
  std::vector<Kernel> draft, head, draft_head;  // once a step
};

// The experts' kernels at any number of rows.
class ExpertProgram {
 public:
  ExpertProgram(const Unit& unit, const OperationList& operations, double rows_max);
  [[nodiscard]] std::size_t kernels() const { return names_.size(); }
  // Linear between tabulated rows, twelve an octave.
  [[nodiscard]] Kernel at(std::size_t kernel, double rows) const;

 private:
  std::vector<std::string_view> names_;
  std::vector<Kind> kinds_;
  std::vector<double> rows_;                    // geometric
  std::vector<std::vector<KernelTime>> times_;  // by kernel, by point
  double inverse_log_ratio_ = 1.0;
};

// What runs beside an exchange is slowed by it only where the exchange takes SMs (normal mode): in low
// latency the NIC does the work, and no slow-down has been measured.
class Compiler {
 public:
  Compiler(const Unit& unit, const kernels::KernelModel& kernels);
  [[nodiscard]] RankProgram rank(const RankLoad& load) const;
  [[nodiscard]] ExpertProgram experts(double rows_max) const;

 private:
  Unit unit_;
  OperationList operations_;
};

}  // namespace tideline::step
