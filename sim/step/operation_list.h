// The operations of a layer with what each takes on the unit's GPU: the sum of a stage's operations is what
// the schedule runs.
#pragma once

#include <vector>

#include "sim/kernels/kernel_model.h"
#include "sim/step/operations.h"
#include "sim/step/stretch.h"

namespace tideline::step {

class OperationList {
 public:
  // Beside an all-to-all, where the unit's schedule brings one, or all alone.
  OperationList(const Unit& unit, const kernels::KernelModel& kernels, const Stretch& stretch = {});
  OperationList(const Unit& unit, const kernels::KernelModel& kernels, bool beside_communication,
                const Stretch& stretch = {});

  template <class Batch>
  [[nodiscard]] std::vector<Operation> moe_layer(const Batch& batch) const {
    return priced(step::moe_layer(unit_, batch), lane_);
  }
  template <class Batch>
  [[nodiscard]] std::vector<Operation> dense_layer(const Batch& batch) const {
    return priced(step::dense_layer(unit_, batch), lane_);
  }
  [[nodiscard]] std::vector<Operation> expert_stage(double rows, double received) const {
    return priced(step::expert_stage(unit_, rows, received), lane_);
  }
  // Outside the layers no exchange takes SMs.
  [[nodiscard]] std::vector<Operation> head(double tokens, double rows) const {
    return priced(step::head(unit_, tokens, rows), whole_gpu());
  }
  [[nodiscard]] std::vector<Operation> draft_projection(double tokens) const {
    return priced(step::draft_projection(unit_, tokens), whole_gpu());
  }

 private:
  [[nodiscard]] std::vector<Operation> priced(std::vector<Operation> list, kernels::Lane lane) const;
  [[nodiscard]] kernels::Lane whole_gpu() const { return {unit_.node.gpu.sms, false}; }

  Unit unit_;
  kernels::KernelModel kernels_;
  kernels::Lane lane_;
  Seconds gap_;
  Stretch stretch_;
};

// Stage times of a list; an exchange takes nothing here.
StageTimes sum_by_stage(const std::vector<Operation>& operations);
Seconds total(const std::vector<Operation>& operations);

}  // namespace tideline::step
