// The operations of a layer with what each takes on the unit's GPU: the sum of a stage's operations is what
// the schedule runs.
//
// Where exchanges take SMs, products of stages that may meet one leave them out always, as they are launched
// for so many before it is known whether one is under way; all other kernels only while one is.
#pragma once

#include <array>
#include <vector>

#include "sim/kernels/kernel_model.h"
#include "sim/step/operations.h"
#include "sim/step/stretch.h"

namespace tideline::step {

// What runs beside a kernel.
enum class Beside { kNothing, kExchange };

class OperationList {
 public:
  OperationList(const Unit& unit, const kernels::KernelModel& kernels, const Stretch& stretch = {});

  // Beside an exchange: those stages that may be.
  template <class Batch>
  [[nodiscard]] std::vector<Operation> moe_layer(const Batch& batch, Beside beside) const {
    return priced(step::moe_layer(unit_, batch), beside);
  }
  [[nodiscard]] std::vector<Operation> expert_stage(double rows, double received, Beside beside) const {
    return priced(step::expert_stage(unit_, rows, received), beside);
  }
  // Exchanges nothing; an exchange of the MoE layers that follow may be under way.
  template <class Batch>
  [[nodiscard]] std::vector<Operation> dense_layer(const Batch& batch, Beside beside) const {
    return beside == Beside::kNothing ? alone(step::dense_layer(unit_, batch))
                                      : priced(step::dense_layer(unit_, batch), beside);
  }
  // Outside the layers no exchange takes SMs.
  [[nodiscard]] std::vector<Operation> head(double tokens, double rows) const {
    return alone(step::head(unit_, tokens, rows));
  }
  [[nodiscard]] std::vector<Operation> draft_projection(double tokens) const {
    return alone(step::draft_projection(unit_, tokens));
  }

 private:
  [[nodiscard]] std::vector<Operation> priced(std::vector<Operation> list, Beside beside) const;
  [[nodiscard]] std::vector<Operation> alone(std::vector<Operation> list) const;
  [[nodiscard]] kernels::Lane lane_of(const Operation& operation, Beside beside) const;
  void price(Operation& operation, kernels::Lane lane) const;

  Unit unit_;
  kernels::KernelModel kernels_;
  std::array<bool, kStages> meets_{};  // by stage: may it run beside an exchange that takes SMs?
  Seconds gap_;
  Stretch stretch_;
};

// Stage times of a list; an exchange takes nothing here.
StageTimes sum_by_stage(const std::vector<Operation>& operations);
Seconds total(const std::vector<Operation>& operations);

}  // namespace tideline::step
