// cuBLASLt without a device: the library's own descriptors, read back by the library's own getters; what
// needs a GPU is done here. A product is computed at sampled places, from nothing but its descriptors and
// cuBLAS's rules: column-major matrices, op, leading dimensions, strides of the batch, places of the scales.
#include <dlfcn.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <string>
#include <vector>

#include "calib/profile/cuda/check.h"
#include "calib/profile/cuda/cublaslt.h"
#include "calib/profile/reference.h"
#include "tests/unit/calib/profile/rehearsal/fake_runtime.h"

namespace tideline::rehearsal {
namespace {

decltype(&cublasLtMatrixLayoutGetAttribute) get_layout = nullptr;
decltype(&cublasLtMatmulDescGetAttribute) get_desc = nullptr;
// Matrices of the point at hand, by their first byte: two must not overlap.
std::map<const char*, std::int64_t> extents;

struct Matrix {
  std::uint64_t rows = 0, columns = 0;
  std::int64_t stride = 0, next = 0;
  std::int32_t batch = 0;
  std::uint32_t type = 0;
  char* memory = nullptr;

  Matrix(cublasLtMatrixLayout_t layout, const void* at) : memory(static_cast<char*>(const_cast<void*>(at))) {
    read(layout, CUBLASLT_MATRIX_LAYOUT_ROWS, rows);
    read(layout, CUBLASLT_MATRIX_LAYOUT_COLS, columns);
    read(layout, CUBLASLT_MATRIX_LAYOUT_LD, stride);
    read(layout, CUBLASLT_MATRIX_LAYOUT_BATCH_COUNT, batch);
    read(layout, CUBLASLT_MATRIX_LAYOUT_STRIDED_BATCH_OFFSET, next);
    read(layout, CUBLASLT_MATRIX_LAYOUT_TYPE, type);
  }
  [[nodiscard]] std::int64_t size() const { return type == CUDA_R_8F_E4M3 ? 1 : type == CUDA_R_16BF ? 2 : 4; }
  [[nodiscard]] std::int64_t place(std::int64_t b, std::int64_t row, std::int64_t column) const {
    return b * next + row + column * stride;
  }
  [[nodiscard]] double at(std::int64_t b, std::int64_t row, std::int64_t column) const {
    const char* from = memory + size() * place(b, row, column);
    if (type == CUDA_R_8F_E4M3) return profile::from_e4m3(static_cast<std::uint8_t>(*from));
    std::uint16_t bits = 0;
    std::memcpy(&bits, from, sizeof bits);
    return profile::from_bf16(bits);
  }
  void put(std::int64_t b, std::int64_t row, std::int64_t column, double value) const {
    const auto single = static_cast<float>(value);
    std::uint32_t bits = 0;
    std::memcpy(&bits, &single, sizeof bits);
    char* to = memory + size() * place(b, row, column);
    if (type == CUDA_R_32F) return void(std::memcpy(to, &single, sizeof single));
    const auto half = static_cast<std::uint16_t>(bits >> 16);
    std::memcpy(to, &half, sizeof half);
  }
  void require_legal(const char* name) const {
    if (reinterpret_cast<std::uintptr_t>(memory) % 16 != 0 || stride * size() % 16 != 0 ||
        next * size() % 16 != 0)
      throw Broken(std::string(name) + " is not on 16 bytes");
    if (stride < static_cast<std::int64_t>(rows))
      throw Broken(std::string(name) + " has overlapping columns");
    const std::int64_t end =
        size() *
        (place(batch - 1, static_cast<std::int64_t>(rows) - 1, static_cast<std::int64_t>(columns) - 1) + 1);
    claim(memory, end, name);
  }
  static void claim(const void* begin, std::int64_t bytes, const char* name) {
    require_inside(begin, bytes, name);
    const auto* at = static_cast<const char*>(begin);
    const auto [place, added] = extents.try_emplace(at, bytes);
    if (!added && place->second != bytes) throw Broken(std::string(name) + " changes its size");
    if (const auto after = std::next(place); after != extents.end() && at + bytes > after->first)
      throw Broken(std::string(name) + " reaches into another matrix");
    if (place != extents.begin() && std::prev(place)->first + std::prev(place)->second > at)
      throw Broken(std::string(name) + " begins inside another matrix");
  }

 private:
  template <class T>
  static void read(cublasLtMatrixLayout_t layout, cublasLtMatrixLayoutAttribute_t attribute, T& value) {
    std::size_t written = 0;
    if (get_layout(layout, attribute, &value, sizeof value, &written) != CUBLAS_STATUS_SUCCESS)
      throw Broken("a layout without attribute " + std::to_string(attribute));
  }
};

template <class T>
T of(cublasLtMatmulDesc_t desc, cublasLtMatmulDescAttributes_t attribute) {
  T value{};
  std::size_t written = 0;
  if (get_desc(desc, attribute, &value, sizeof value, &written) != CUBLAS_STATUS_SUCCESS)
    throw Broken("a product without attribute " + std::to_string(attribute));
  return value;
}

std::vector<std::int64_t> samples(std::uint64_t count) {
  const auto size = static_cast<std::int64_t>(count);
  std::vector<std::int64_t> all;
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{127}, std::int64_t{128}, size * 5 / 8, size - 1})
    if (i < size) all.push_back(i);
  return all;
}

cublasStatus_t matmul(cublasLtHandle_t, cublasLtMatmulDesc_t desc, const void*, const void* a_memory,
                      cublasLtMatrixLayout_t a_layout, const void* b_memory, cublasLtMatrixLayout_t b_layout,
                      const void*, const void*, cublasLtMatrixLayout_t, void* d_memory,
                      cublasLtMatrixLayout_t d_layout, const cublasLtMatmulAlgo_t*, void* workspace,
                      std::size_t workspace_bytes, cudaStream_t) {
  const Matrix a(a_layout, a_memory), b(b_layout, b_memory), d(d_layout, d_memory);
  const bool transposed = of<std::int32_t>(desc, CUBLASLT_MATMUL_DESC_TRANSA) == CUBLAS_OP_T;
  const bool fp8 = a.type == CUDA_R_8F_E4M3;
  const std::uint64_t k = b.rows;
  if ((transposed ? a.columns : a.rows) != d.rows || (transposed ? a.rows : a.columns) != k ||
      b.columns != d.columns)
    throw Broken("the shapes of a product do not fit");
  a.require_legal("the weights");
  b.require_legal("the tokens");
  d.require_legal("the result");
  Matrix::claim(workspace, static_cast<std::int64_t>(workspace_bytes), "the workspace");
  const auto* a_scales = fp8 ? of<const float*>(desc, CUBLASLT_MATMUL_DESC_A_SCALE_POINTER) : nullptr;
  const auto* b_scales = fp8 ? of<const float*>(desc, CUBLASLT_MATMUL_DESC_B_SCALE_POINTER) : nullptr;
  const auto blocks = static_cast<std::int64_t>((k + 127) / 128), padded = (blocks + 3) / 4 * 4;
  if (fp8) {
    if (!transposed || b.columns % 4 != 0 || of<std::int8_t>(desc, CUBLASLT_MATMUL_DESC_FAST_ACCUM) != 0 ||
        of<std::int32_t>(desc, CUBLASLT_MATMUL_DESC_A_SCALE_MODE) !=
            CUBLASLT_MATMUL_MATRIX_SCALE_BLK128x128_32F ||
        of<std::int32_t>(desc, CUBLASLT_MATMUL_DESC_B_SCALE_MODE) != CUBLASLT_MATMUL_MATRIX_SCALE_VEC128_32F)
      throw Broken("not the one form of FP8 product that Hopper has");
    Matrix::claim(a_scales, 4 * padded * static_cast<std::int64_t>((d.rows + 127) / 128),
                  "the weights' scales");
    Matrix::claim(b_scales, 4 * blocks * static_cast<std::int64_t>(d.columns), "the tokens' scales");
  }
  queue("product");
  if (!computes_now()) return CUBLAS_STATUS_SUCCESS;
  for (const std::int64_t batch : {0, d.batch - 1})
    for (const std::int64_t i : samples(d.rows))
      for (const std::int64_t j : samples(d.columns)) {
        double sum = 0;
        for (std::int64_t l = 0; l < static_cast<std::int64_t>(k); ++l) {
          double term = (transposed ? a.at(batch, l, i) : a.at(batch, i, l)) * b.at(batch, l, j);
          if (fp8)
            term *= static_cast<double>(a_scales[l / 128 + i / 128 * padded]) *
                    static_cast<double>(b_scales[l / 128 * static_cast<std::int64_t>(d.columns) + j]);
          sum += term;
        }
        d.put(batch, i, j, sum);
      }
  return CUBLAS_STATUS_SUCCESS;
}

// Two algorithms, of which nothing is known.
cublasStatus_t heuristic(cublasLtHandle_t, cublasLtMatmulDesc_t, cublasLtMatrixLayout_t,
                         cublasLtMatrixLayout_t, cublasLtMatrixLayout_t, cublasLtMatrixLayout_t,
                         cublasLtMatmulPreference_t, int, cublasLtMatmulHeuristicResult_t* results,
                         int* count) {
  extents.clear();
  *count = 2;
  for (int i = 0; i < 2; ++i) {
    results[i] = {};
    results[i].state = CUBLAS_STATUS_SUCCESS;
  }
  return CUBLAS_STATUS_SUCCESS;
}

}  // namespace
}  // namespace tideline::rehearsal

namespace tideline::profile {

void CublasLt::create_handle() {
  library_.find("cublasLtMatrixLayoutGetAttribute", rehearsal::get_layout);
  library_.find("cublasLtMatmulDescGetAttribute", rehearsal::get_desc);
  matmul = rehearsal::matmul;
  heuristic = rehearsal::heuristic;
}

}  // namespace tideline::profile
