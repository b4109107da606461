#include "sim/step/operation_list.h"

#include <type_traits>
#include <variant>

#include "sim/step/layer_graph.h"
#include "sim/step/longest_path.h"

namespace tideline::step {

OperationList::OperationList(const Unit& unit, const kernels::KernelModel& kernels, const Stretch& stretch)
    : unit_(unit), kernels_(kernels), gap_(kernels.launch_gap(unit.launch) * stretch.gap), stretch_(stretch) {
  if (unit.exchanges_take_sms()) meets_ = side_by_side(unit.schedule, stage_waits(any_layer(unit)));
}

kernels::Lane OperationList::lane_of(const Operation& o, Beside beside) const {
  const std::int64_t all = unit_.node.gpu.sms, left = all - unit_.communication_sms;
  if (!meets_[static_cast<std::size_t>(o.stage)]) return {all, false};
  if (beside == Beside::kExchange) return {left, true};
  return {o.kind == Kind::kGemm || o.kind == Kind::kExperts ? left : all, false};
}

void OperationList::price(Operation& o, kernels::Lane lane) const {
  std::visit(
      [&](const auto& shape) {
        if constexpr (!std::is_same_v<std::decay_t<decltype(shape)>, AllToAll>)
          o.cost = kernels_.time(shape, lane), o.gap = gap_;
      },
      o.shape);
  o.cost.time *= stretch_.of(o.kind);
}

std::vector<Operation> OperationList::priced(std::vector<Operation> list, Beside beside) const {
  for (Operation& o : list) price(o, lane_of(o, beside));
  return list;
}

std::vector<Operation> OperationList::alone(std::vector<Operation> list) const {
  for (Operation& o : list) price(o, {unit_.node.gpu.sms, false});
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
