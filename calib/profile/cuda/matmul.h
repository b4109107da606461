// A matrix product through cuBLASLt: y[m, n] = x[m, k] times weights, as one call or as a batch, in BF16 or
// in FP8 with 1x128 scales for x and 128x128 scales for the weights.
#pragma once

#include <cublasLt.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "calib/profile/cuda/cublaslt.h"
#include "calib/records/record.h"

namespace tideline::profile {

// cuBLASLt counts in columns. A row-major y[m, n] is its column-major D[n, m] = A[n, k] B[k, m] with A the
// weights and B = x: both K-major for FP8 (op T and op N), which is the only form it has. Invariants of the
// library: every leading dimension and pointer on 16 bytes; FP8: m a multiple of 4.
struct MatmulShape {
  std::int64_t m = 0, n = 0, k = 0;
  bool fp8 = false;
  // Weights as [n, k] with k contiguous (op T); else as [k, n] with n contiguous (op N, BF16 alone).
  bool k_major = true;
  cudaDataType_t out = CUDA_R_16BF;
  std::int64_t x_stride = 0, y_stride = 0;  // from row to row, in elements; 0: k and n
  // Batch: from one to the next, in elements.
  std::int64_t batch = 1, w_next = 0, x_next = 0, y_next = 0;
};

struct Operands {
  const void *w = nullptr, *x = nullptr;
  void* y = nullptr;
  const float *w_scales = nullptr, *x_scales = nullptr;  // FP8 alone: block_scales(n, k), row_scales(m, k)
};

class Matmul {
 public:
  struct Workspace {
    void* memory = nullptr;
    std::size_t bytes = 0;
  };
  // sms: how many SMs the library shall plan for; 0: all.
  // Fails: DeviceError when the library refuses the shape or has no algorithm for it.
  Matmul(const CublasLt& library, const MatmulShape& shape, int sms, std::size_t workspace_bytes,
         const void* aligned);

  [[nodiscard]] int algorithms() const { return static_cast<int>(found_.size()); }
  // The library's choice: its place in the list of the heuristics, id, tile, cluster, stages, split-K, waves.
  [[nodiscard]] records::Impl describe(int algorithm) const;
  // Fails: DeviceError.
  void enqueue(int algorithm, const Operands& operands, const Workspace& workspace,
               cudaStream_t stream) const;

 private:
  template <class T>
  using Owned = std::shared_ptr<T>;
  Owned<cublasLtMatrixLayoutOpaque_t> layout(cudaDataType_t type, std::int64_t rows, std::int64_t columns,
                                             std::int64_t stride, std::int64_t next) const;
  template <class T>
  void set(cublasLtMatmulDescAttributes_t attribute, const T& value) const;
  void search(std::size_t workspace_bytes);

  const CublasLt& library_;
  MatmulShape shape_;
  Owned<cublasLtMatmulDescOpaque_t> operation_;
  Owned<cublasLtMatrixLayoutOpaque_t> w_, x_, y_;
  std::vector<cublasLtMatmulHeuristicResult_t> found_;
};

}  // namespace tideline::profile
