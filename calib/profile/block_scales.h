// Where the scale of an FP8 element lies, as cuBLASLt's VEC128_32F and BLK128x128_32F want it (cuBLAS 13.0,
// "1D Block Scaling" and "2D Block Scaling" for Hopper). Plain integers, so that the kernel that writes
// scales, the host that checks them and the tests all use the same two functions.
#pragma once

#include <cstdint>

#if defined(__CUDACC__)
#define TIDELINE_HOST_DEVICE __host__ __device__
#else
#define TIDELINE_HOST_DEVICE
#endif

namespace tideline::profile {

inline constexpr std::int64_t kScaleBlock = 128;

TIDELINE_HOST_DEVICE constexpr std::int64_t round_up(std::int64_t value, std::int64_t multiple) {
  return (value + multiple - 1) / multiple * multiple;
}

TIDELINE_HOST_DEVICE constexpr std::int64_t blocks_of(std::int64_t values) {
  return (values + kScaleBlock - 1) / kScaleBlock;
}

// Scales of [rows, k], one per row and 128 of k: the rows of one block of k lie side by side.
struct RowScales {
  std::int64_t rows, blocks;
  TIDELINE_HOST_DEVICE constexpr std::int64_t at(std::int64_t row, std::int64_t k) const {
    return k / kScaleBlock * rows + row;
  }
  TIDELINE_HOST_DEVICE constexpr std::int64_t floats() const { return blocks * rows; }
};
TIDELINE_HOST_DEVICE constexpr RowScales row_scales(std::int64_t rows, std::int64_t k) {
  return {rows, blocks_of(k)};
}

// Scales of [n, k], one per 128 x 128: the blocks of k lie side by side, padded to four, so that the scales
// of every 128 rows begin on 16 bytes. Without the padding the product is silently wrong (pytorch 166752).
struct BlockScales {
  std::int64_t stride, row_blocks;
  TIDELINE_HOST_DEVICE constexpr std::int64_t at(std::int64_t row, std::int64_t k) const {
    return row / kScaleBlock * stride + k / kScaleBlock;
  }
  TIDELINE_HOST_DEVICE constexpr std::int64_t floats() const { return stride * row_blocks; }
};
TIDELINE_HOST_DEVICE constexpr BlockScales block_scales(std::int64_t n, std::int64_t k) {
  return {round_up(blocks_of(k), 4), blocks_of(n)};
}

}  // namespace tideline::profile
