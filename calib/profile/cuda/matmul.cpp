#include "calib/profile/cuda/matmul.h"

#include <cstdio>

#include "calib/profile/cuda/check.h"
#include "calib/profile/record.h"

namespace tideline::profile {
namespace {

constexpr int kAlgorithmsMax = 8;

// Largest power of two up to 256 that divides every distance in bytes between the starts of a batch.
std::uint32_t alignment(std::int64_t next_bytes) {
  std::uint32_t a = 256;
  while (next_bytes % a != 0) a /= 2;
  return a;
}

}  // namespace

template <class T>
void Matmul::set(cublasLtMatmulDescAttributes_t attribute, const T& value) const {
  library_.require(library_.desc_set(operation_.get(), attribute, &value, sizeof value));
}

Matmul::Owned<cublasLtMatrixLayoutOpaque_t> Matmul::layout(cudaDataType_t type, std::int64_t rows,
                                                           std::int64_t columns, std::int64_t stride,
                                                           std::int64_t next) const {
  cublasLtMatrixLayout_t made = nullptr;
  library_.require(library_.layout_create(&made, type, static_cast<std::uint64_t>(rows),
                                          static_cast<std::uint64_t>(columns), stride));
  Owned<cublasLtMatrixLayoutOpaque_t> owned(
      made, [destroy = library_.layout_destroy](cublasLtMatrixLayout_t l) { destroy(l); });
  if (shape_.batch > 1) {
    const auto batch = static_cast<std::int32_t>(shape_.batch);
    library_.require(library_.layout_set(made, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, &batch, sizeof batch));
    library_.require(
        library_.layout_set(made, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, &next, sizeof next));
  }
  return owned;
}

Matmul::Matmul(const CublasLt& library, const MatmulShape& shape, int sms, std::size_t workspace_bytes,
               const void* aligned)
    : library_(library), shape_(shape) {
  cublasLtMatmulDesc_t made = nullptr;
  library_.require(library_.desc_create(&made, CUBLAS_COMPUTE_32F, CUDA_R_32F));
  operation_ = Owned<cublasLtMatmulDescOpaque_t>(
      made, [destroy = library_.desc_destroy](cublasLtMatmulDesc_t d) { destroy(d); });
  const cublasOperation_t op_w = shape.k_major ? CUBLAS_OP_T : CUBLAS_OP_N, op_x = CUBLAS_OP_N;
  set(CUBLASLT_MATMUL_DESC_TRANSA, op_w);
  set(CUBLASLT_MATMUL_DESC_TRANSB, op_x);
  if (shape.fp8) {
    const std::int32_t w_mode = CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F;
    const std::int32_t x_mode = CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F;
    const std::int8_t fast_accumulation = 0;
    set(CUBLASLT_MATMUL_DESC_A_SCALE_MODE, w_mode);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_MODE, x_mode);
    set(CUBLASLT_MATMUL_DESC_FAST_ACCUM, fast_accumulation);
    // The search for algorithms checks that there is a pointer where a mode wants one; any aligned one will
    // do.
    set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, aligned);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, aligned);
  }
  if (sms > 0) {
    const auto target = static_cast<std::int32_t>(sms);
    set(CUBLASLT_MATMUL_DESC_SM_COUNT_TARGET, target);
  }
  const cudaDataType_t in = shape.fp8 ? CUDA_R_8F_E4M3 : CUDA_R_16BF;
  w_ = shape.k_major ? layout(in, shape.k, shape.n, shape.k, shape.w_next)
                     : layout(in, shape.n, shape.k, shape.n, shape.w_next);
  x_ = layout(in, shape.k, shape.m, shape.x_stride > 0 ? shape.x_stride : shape.k, shape.x_next);
  y_ = layout(shape.out, shape.n, shape.m, shape.y_stride > 0 ? shape.y_stride : shape.n, shape.y_next);
  search(workspace_bytes);
}

void Matmul::search(std::size_t workspace_bytes) {
  cublasLtMatmulPreference_t made = nullptr;
  library_.require(library_.preference_create(&made));
  const Owned<cublasLtMatmulPreferenceOpaque_t> preference(
      made, [destroy = library_.preference_destroy](cublasLtMatmulPreference_t p) { destroy(p); });
  const auto prefer = [&](cublasLtMatmulPreferenceAttributes_t attribute, const auto& value) {
    library_.require(library_.preference_set(made, attribute, &value, sizeof value));
  };
  const std::int64_t in = shape_.fp8 ? 1 : 2, out = shape_.out == CUDA_R_32F ? 4 : 2;
  const std::uint64_t workspace = workspace_bytes;
  prefer(CUBLASLT_MATMUL_PREF_MAX_WORKSPACE_BYTES, workspace);
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_A_BYTES, alignment(shape_.w_next * in));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_B_BYTES, alignment(shape_.x_next * in));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_C_BYTES, alignment(shape_.y_next * out));
  prefer(CUBLASLT_MATMUL_PREF_MIN_ALIGNMENT_D_BYTES, alignment(shape_.y_next * out));
  std::vector<cublasLtMatmulHeuristicResult_t> results(kAlgorithmsMax);
  int count = 0;
  library_.require(library_.heuristic(library_.handle(), operation_.get(), w_.get(), x_.get(), y_.get(),
                                      y_.get(), made, kAlgorithmsMax, results.data(), &count));
  for (int i = 0; i < count; ++i)
    if (results[static_cast<std::size_t>(i)].state == CUBLAS_STATUS_SUCCESS)
      found_.push_back(results[static_cast<std::size_t>(i)]);
  if (found_.empty()) throw DeviceError("cuBLASLt has no algorithm for this product");
}

records::Impl Matmul::describe(int algorithm) const {
  const cublasLtMatmulHeuristicResult_t& result = found_.at(static_cast<std::size_t>(algorithm));
  // A number of the algorithm; 0 when this library does not tell.
  const auto ask = [&](cublasLtMatmulAlgoConfigAttributes_t attribute, auto value) -> std::int64_t {
    std::size_t written = 0;
    const cublasStatus_t status =
        library_.algo_attribute(&result.algo, attribute, &value, sizeof value, &written);
    return status == CUBLAS_STATUS_SUCCESS ? static_cast<std::int64_t>(value) : 0;
  };
  records::Impl impl;
  impl.library = "cuBLASLt";
  impl.version = dotted_version(static_cast<std::int64_t>(library_.version()));
  impl.tile = std::to_string(ask(CUBLASLT_ALGO_CONFIG_TILE_ID, std::uint32_t{}));
  impl.cluster = std::to_string(ask(CUBLASLT_ALGO_CONFIG_CLUSTER_SHAPE_ID, std::uint16_t{}));
  impl.split_k = ask(CUBLASLT_ALGO_CONFIG_SPLITK_NUM, std::int32_t{});
  char text[96];
  std::snprintf(text, sizeof text, "choice %d of %d, id %lld, stages %lld, waves %.3f, workspace %zu",
                algorithm, algorithms(), static_cast<long long>(ask(CUBLASLT_ALGO_CONFIG_ID, std::int32_t{})),
                static_cast<long long>(ask(CUBLASLT_ALGO_CONFIG_STAGES_ID, std::uint32_t{})),
                static_cast<double>(result.wavesCount), result.workspaceSize);
  impl.algorithm = text;
  return impl;
}

void Matmul::enqueue(int algorithm, const Operands& o, const Workspace& workspace,
                     cudaStream_t stream) const {
  if (shape_.fp8) {
    set(CUBLASLT_MATMUL_DESC_A_SCALE_POINTER, o.w_scales);
    set(CUBLASLT_MATMUL_DESC_B_SCALE_POINTER, o.x_scales);
  }
  const float one = 1, zero = 0;
  library_.require(library_.matmul(library_.handle(), operation_.get(), &one, o.w, w_.get(), o.x, x_.get(),
                                   &zero, o.y, y_.get(), o.y, y_.get(),
                                   &found_.at(static_cast<std::size_t>(algorithm)).algo, workspace.memory,
                                   workspace.bytes, stream));
}

}  // namespace tideline::profile
