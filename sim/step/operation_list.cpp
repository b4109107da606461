#include "sim/step/operation_list.h"

#include <type_traits>
#include <variant>

namespace tideline::step {

OperationList::OperationList(const Unit& unit, const kernels::KernelModel& kernels, const Stretch& stretch)
    : OperationList(unit, kernels, unit.exchanges_take_sms(), stretch) {}

OperationList::OperationList(const Unit& unit, const kernels::KernelModel& kernels, bool beside_communication,
                             const Stretch& stretch)
    : unit_(unit), kernels_(kernels), gap_(kernels.launch_gap(unit.launch) * stretch.gap), stretch_(stretch) {
  lane_.sms = unit.node.gpu.sms - (unit.schedule.overlaps() ? unit.communication_sms : 0);
  lane_.beside_communication = beside_communication;
}

std::vector<Operation> OperationList::priced(std::vector<Operation> list, kernels::Lane lane) const {
  for (Operation& o : list) {
    std::visit(
        [&](const auto& shape) {
          if constexpr (!std::is_same_v<std::decay_t<decltype(shape)>, AllToAll>)
            o.cost = kernels_.time(shape, lane), o.gap = gap_;
        },
        o.shape);
    o.cost.time *= stretch_.of(o.kind);
  }
  return list;
}

StageTimes sum_by_stage(const std::vector<Operation>& operations) {
  StageTimes times{};
  for (const Operation& o : operations) at(times, o.stage) += o.time();
  return times;
}

Seconds total(const std::vector<Operation>& operations) {
  Seconds sum;
  for (const Operation& o : operations) sum += o.time();
  return sum;
}

}  // namespace tideline::step
