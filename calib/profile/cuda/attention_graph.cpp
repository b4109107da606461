#include "calib/profile/cuda/attention_graph.h"

#include <cmath>
#include <cstdlib>

#include "calib/profile/cuda/check.h"

namespace tideline::profile {
namespace {

using Dims = std::vector<std::int64_t>;

enum Uid : std::int64_t { kQ = 1, kK, kV, kOut, kStatistics, kScale, kMasked, kFirstVirtual = 100 };

// Collects operations over tensors that exist only inside the fused kernel.
class GraphBuilder {
 public:
  explicit GraphBuilder(const Cudnn& library) : library_(library) {}

  Descriptor tensor(std::int64_t uid, const Dims& dims, const Dims& strides, cudnnDataType_t type,
                    bool is_virtual, bool by_value = false) {
    Descriptor t(library_, CUDNN_BACKEND_TENSOR_DESCRIPTOR);
    t.set(CUDNN_ATTR_TENSOR_UNIQUE_ID, uid)
        .set(CUDNN_ATTR_TENSOR_DATA_TYPE, type)
        .set(CUDNN_ATTR_TENSOR_DIMENSIONS, CUDNN_TYPE_INT64, dims)
        .set(CUDNN_ATTR_TENSOR_STRIDES, CUDNN_TYPE_INT64, strides)
        .set(CUDNN_ATTR_TENSOR_BYTE_ALIGNMENT, std::int64_t{16})
        .set(CUDNN_ATTR_TENSOR_IS_VIRTUAL, is_virtual)
        .set(CUDNN_ATTR_TENSOR_IS_BY_VALUE, by_value);
    return t.finalise();
  }

  Descriptor inner(const Dims& d, cudnnDataType_t type) {
    return tensor(uid_++, d, {d[1] * d[2] * d[3], d[2] * d[3], d[3], 1}, type, true);
  }

  void matmul(const Descriptor& a, const Descriptor& b, const Descriptor& c) {
    Descriptor how(library_, CUDNN_BACKEND_MATMUL_DESCRIPTOR);
    how.set(CUDNN_ATTR_MATMUL_COMP_TYPE, CUDNN_DATA_FLOAT).finalise();
    Descriptor operation(library_, CUDNN_BACKEND_OPERATION_MATMUL_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_MATMUL_ADESC, a)
        .set(CUDNN_ATTR_OPERATION_MATMUL_BDESC, b)
        .set(CUDNN_ATTR_OPERATION_MATMUL_CDESC, c)
        .set(CUDNN_ATTR_OPERATION_MATMUL_DESC, how);
    operations_.push_back(operation.finalise());
  }

  // y = mode(x), mode(x, b) or, with `select`, mode(x, b, select). axis: of CUDNN_POINTWISE_GEN_INDEX.
  void pointwise(cudnnPointwiseMode_t mode, const Descriptor& x, const Descriptor& y,
                 const Descriptor* b = nullptr, const Descriptor* select = nullptr, std::int64_t axis = -1) {
    Descriptor how(library_, CUDNN_BACKEND_POINTWISE_DESCRIPTOR);
    how.set(CUDNN_ATTR_POINTWISE_MODE, mode)
        .set(CUDNN_ATTR_POINTWISE_MATH_PREC,
             mode == CUDNN_POINTWISE_CMP_GE ? CUDNN_DATA_BOOLEAN : CUDNN_DATA_FLOAT);
    if (axis >= 0) how.set(CUDNN_ATTR_POINTWISE_AXIS, axis);
    how.finalise();
    Descriptor operation(library_, CUDNN_BACKEND_OPERATION_POINTWISE_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_POINTWISE_PW_DESCRIPTOR, how)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_XDESC, x)
        .set(CUDNN_ATTR_OPERATION_POINTWISE_YDESC, y);
    if (b != nullptr) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_BDESC, *b);
    if (select != nullptr) operation.set(CUDNN_ATTR_OPERATION_POINTWISE_TDESC, *select);
    operations_.push_back(operation.finalise());
  }

  void reduce(cudnnReduceTensorOp_t mode, const Descriptor& x, const Descriptor& y) {
    Descriptor how(library_, CUDNN_BACKEND_REDUCTION_DESCRIPTOR);
    how.set(CUDNN_ATTR_REDUCTION_OPERATOR, mode)
        .set(CUDNN_ATTR_REDUCTION_COMP_TYPE, CUDNN_DATA_FLOAT)
        .finalise();
    Descriptor operation(library_, CUDNN_BACKEND_OPERATION_REDUCTION_DESCRIPTOR);
    operation.set(CUDNN_ATTR_OPERATION_REDUCTION_DESC, how)
        .set(CUDNN_ATTR_OPERATION_REDUCTION_XDESC, x)
        .set(CUDNN_ATTR_OPERATION_REDUCTION_YDESC, y);
    operations_.push_back(operation.finalise());
  }

  Descriptor graph(cudnnHandle_t handle) const {
    std::vector<cudnnBackendDescriptor_t> raw;
    for (const Descriptor& operation : operations_) raw.push_back(operation.raw());
    Descriptor g(library_, CUDNN_BACKEND_OPERATIONGRAPH_DESCRIPTOR);
    g.set(CUDNN_ATTR_OPERATIONGRAPH_OPS, CUDNN_TYPE_BACKEND_DESCRIPTOR, raw);
    if (handle != nullptr) g.set(CUDNN_ATTR_OPERATIONGRAPH_HANDLE, handle);
    return g.finalise();
  }

 private:
  const Cudnn& library_;
  std::vector<Descriptor> operations_;
  std::int64_t uid_ = kFirstVirtual;
};

Descriptor causal_attention(const Cudnn& library, cudnnHandle_t handle, const AttentionShape& a) {
  constexpr auto kBf16 = CUDNN_DATA_BFLOAT16;
  constexpr auto kFloat = CUDNN_DATA_FLOAT;
  GraphBuilder g(library);
  const Dims scores{a.batch, a.heads, a.tokens, a.tokens}, rows{a.batch, a.heads, a.tokens, 1},
      one{1, 1, 1, 1};
  // [batch, heads, tokens, width] of a memory order [batch, tokens, heads, width].
  const auto strides = [&](std::int64_t width) {
    return Dims{a.tokens * a.heads * width, width, a.heads * width, 1};
  };
  const Descriptor q = g.tensor(kQ, {a.batch, a.heads, a.tokens, a.d_qk}, strides(a.d_qk), kBf16, false);
  const Descriptor k_transposed =
      g.tensor(kK, {a.batch, a.heads, a.d_qk, a.tokens},
               {a.tokens * a.heads * a.d_qk, a.d_qk, 1, a.heads * a.d_qk}, kBf16, false);
  const Descriptor v = g.tensor(kV, {a.batch, a.heads, a.tokens, a.d_v}, strides(a.d_v), kBf16, false);
  const Descriptor out = g.tensor(kOut, {a.batch, a.heads, a.tokens, a.d_v}, strides(a.d_v), kBf16, false);
  const Descriptor statistics =
      g.tensor(kStatistics, rows, {a.heads * a.tokens, a.tokens, 1, 1}, kFloat, false);
  const Descriptor scale = g.tensor(kScale, one, one, kFloat, false, true);
  const Descriptor masked = g.tensor(kMasked, one, one, kFloat, false, true);

  const Descriptor raw = g.inner(scores, kFloat), scaled = g.inner(scores, kFloat);
  g.matmul(q, k_transposed, raw);
  g.pointwise(CUDNN_POINTWISE_MUL, raw, scaled, &scale);
  const Descriptor row = g.inner(scores, CUDNN_DATA_INT32), column = g.inner(scores, CUDNN_DATA_INT32);
  g.pointwise(CUDNN_POINTWISE_GEN_INDEX, scaled, row, nullptr, nullptr, 2);
  g.pointwise(CUDNN_POINTWISE_GEN_INDEX, scaled, column, nullptr, nullptr, 3);
  const Descriptor seen = g.inner(scores, CUDNN_DATA_BOOLEAN), causal = g.inner(scores, kFloat);
  g.pointwise(CUDNN_POINTWISE_CMP_GE, row, seen, &column);
  g.pointwise(CUDNN_POINTWISE_BINARY_SELECT, scaled, causal, &masked, &seen);
  const Descriptor top = g.inner(rows, kFloat), below = g.inner(scores, kFloat),
                   weight = g.inner(scores, kFloat);
  g.reduce(CUDNN_REDUCE_TENSOR_MAX, causal, top);
  g.pointwise(CUDNN_POINTWISE_SUB, causal, below, &top);
  g.pointwise(CUDNN_POINTWISE_EXP, below, weight);
  const Descriptor sum = g.inner(rows, kFloat), log_sum = g.inner(rows, kFloat),
                   share = g.inner(scores, kBf16);
  g.reduce(CUDNN_REDUCE_TENSOR_ADD, weight, sum);
  g.pointwise(CUDNN_POINTWISE_LOG, sum, log_sum);
  g.pointwise(CUDNN_POINTWISE_ADD, top, statistics, &log_sum);
  g.pointwise(CUDNN_POINTWISE_DIV, weight, share, &sum);
  g.matmul(share, v, out);
  return g.graph(handle);
}

}  // namespace

AttentionPlan::AttentionPlan(const Cudnn& library, cudnnHandle_t handle, const AttentionShape& shape)
    : library_(library), handle_(handle), scale_(1.f / std::sqrt(static_cast<float>(shape.d_qk))) {
  choose({.handle = handle}, causal_attention(library, handle, shape));
}

AttentionPlan::AttentionPlan(const Cudnn& library, const std::string& device_json,
                             const AttentionShape& shape)
    : library_(library), scale_(1.f / std::sqrt(static_cast<float>(shape.d_qk))) {
  Descriptor device(library, CUDNN_BACKEND_DEVICEPROP_DESCRIPTOR);
  const std::vector<char> text(device_json.c_str(), device_json.c_str() + device_json.size() + 1);
  device.set(CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION, CUDNN_TYPE_CHAR, text).finalise();
  choose({.device = &device}, causal_attention(library, nullptr, shape));
}

void AttentionPlan::choose(const Target& target, const Descriptor& graph) {
  Descriptor heuristics(library_, CUDNN_BACKEND_ENGINEHEUR_DESCRIPTOR);
  heuristics.set(CUDNN_ATTR_ENGINEHEUR_OPERATION_GRAPH, graph)
      .set(CUDNN_ATTR_ENGINEHEUR_MODE, CUDNN_HEUR_MODE_A);
  if (target.device != nullptr) heuristics.set(CUDNN_ATTR_ENGINEHEUR_DEVICEPROP, *target.device);
  heuristics.finalise();
  std::int64_t count = 0, got = 0;
  library_.require(library_.attribute_get(heuristics.raw(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                          CUDNN_TYPE_BACKEND_DESCRIPTOR, 0, &count, nullptr));
  std::vector<Descriptor> configurations;
  std::vector<cudnnBackendDescriptor_t> raw;
  for (std::int64_t i = 0; i < count; ++i) {
    configurations.emplace_back(library_, CUDNN_BACKEND_ENGINECFG_DESCRIPTOR);
    raw.push_back(configurations.back().raw());
  }
  library_.require(library_.attribute_get(heuristics.raw(), CUDNN_ATTR_ENGINEHEUR_RESULTS,
                                          CUDNN_TYPE_BACKEND_DESCRIPTOR, count, &got, raw.data()));
  for (std::int64_t i = 0; i < got && plan_.empty(); ++i) {
    Descriptor plan(library_, CUDNN_BACKEND_EXECUTION_PLAN_DESCRIPTOR);
    if (target.handle != nullptr) plan.set(CUDNN_ATTR_EXECUTION_PLAN_HANDLE, target.handle);
    plan.set(CUDNN_ATTR_EXECUTION_PLAN_ENGINE_CONFIG, configurations[static_cast<std::size_t>(i)]);
    if (target.device != nullptr) plan.set(CUDNN_ATTR_EXECUTION_PLAN_DEVICEPROP, *target.device);
    if (plan.try_finalise()) plan_.push_back(plan);
  }
  if (plan_.empty()) throw DeviceError("cuDNN has no plan for this attention");
  library_.require(library_.attribute_get(plan_[0].raw(), CUDNN_ATTR_EXECUTION_PLAN_WORKSPACE_SIZE,
                                          CUDNN_TYPE_INT64, 1, &got, &workspace_bytes_));
}

std::string AttentionPlan::engine() const {
  std::int64_t size = 0;
  library_.require(library_.attribute_get(plan_[0].raw(), CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                          CUDNN_TYPE_CHAR, 0, &size, nullptr));
  std::string json(static_cast<std::size_t>(size), '\0');
  library_.require(library_.attribute_get(plan_[0].raw(), CUDNN_ATTR_EXECUTION_PLAN_JSON_REPRESENTATION,
                                          CUDNN_TYPE_CHAR, size, &size, json.data()));
  // The first number behind a name; the plan's JSON is not documented, so a name that is missing reads "?".
  const auto number = [&](const char* name) -> std::string {
    const std::size_t at = json.find(name);
    if (at == std::string::npos) return "?";
    const std::size_t begin = json.find_first_of("0123456789", at);
    return begin == std::string::npos ? "?" : std::to_string(std::atoll(json.c_str() + begin));
  };
  return "eng" + number("\"engineId\"") + " cfg" + number("\"CUDNN_KNOB_TYPE_KERNEL_CFG\"");
}

Descriptor AttentionPlan::bind(const AttentionPointers& p) {
  Descriptor pack(library_, CUDNN_BACKEND_VARIANT_PACK_DESCRIPTOR);
  const Dims uids{kQ, kK, kV, kOut, kStatistics, kScale, kMasked};
  const std::vector<void*> pointers{const_cast<void*>(p.q),
                                    const_cast<void*>(p.k),
                                    const_cast<void*>(p.v),
                                    p.out,
                                    p.statistics,
                                    &scale_,
                                    &masked_};
  pack.set(CUDNN_ATTR_VARIANT_PACK_UNIQUE_IDS, CUDNN_TYPE_INT64, uids)
      .set(CUDNN_ATTR_VARIANT_PACK_DATA_POINTERS, CUDNN_TYPE_VOID_PTR, pointers)
      .set(CUDNN_ATTR_VARIANT_PACK_WORKSPACE, p.workspace);
  return pack.finalise();
}

void AttentionPlan::execute(const Descriptor& bound) const {
  library_.require(library_.execute(handle_, plan_[0].raw(), bound.raw()));
}

}  // namespace tideline::profile
