#include "calib/profile/families/check_product.h"

#include <set>

#include "calib/profile/block_scales.h"
#include "calib/profile/reference.h"

namespace tideline::profile {
namespace {

Row row_of(const std::vector<Bf16>& bits) {
  Row row;
  for (const Bf16 b : bits) row.push_back(from_bf16(b));
  return row;
}

// First, last, both sides of a block of 128, and one in between.
std::set<std::int64_t> samples(std::int64_t size) {
  std::set<std::int64_t> all;
  for (const std::int64_t i : {std::int64_t{0}, std::int64_t{127}, std::int64_t{128}, size * 5 / 8, size - 1})
    if (i < size) all.insert(i);
  return all;
}

class Product {
 public:
  Product(const Device& device, const MatmulShape& shape, const Operands& operands)
      : device_(device), s_(shape), o_(operands) {
    if (!s_.fp8) return;
    x_scales_ = device.fetch(o_.x_scales, 0, row_scales(s_.m, s_.k).floats());
    w_scales_ = device.fetch(o_.w_scales, 0, block_scales(s_.n, s_.k).floats());
  }

  [[nodiscard]] Row x(std::int64_t batch, std::int64_t row) const {
    const std::int64_t begin = batch * s_.x_next + row * (s_.x_stride > 0 ? s_.x_stride : s_.k);
    if (!s_.fp8) return row_of(device_.fetch(static_cast<const Bf16*>(o_.x), begin, s_.k));
    const std::vector<Fp8> bits = device_.fetch(static_cast<const Fp8*>(o_.x), begin, s_.k);
    Row values;
    for (std::int64_t k = 0; k < s_.k; ++k)
      values.push_back(from_e4m3(bits[static_cast<std::size_t>(k)]) *
                       x_scales_[static_cast<std::size_t>(row_scales(s_.m, s_.k).at(row, k))]);
    return values;
  }

  [[nodiscard]] Row w(std::int64_t batch, std::int64_t column) const {
    if (s_.fp8) {
      const std::vector<Fp8> bits = device_.fetch(static_cast<const Fp8*>(o_.w), column * s_.k, s_.k);
      Row values;
      for (std::int64_t k = 0; k < s_.k; ++k)
        values.push_back(from_e4m3(bits[static_cast<std::size_t>(k)]) *
                         w_scales_[static_cast<std::size_t>(block_scales(s_.n, s_.k).at(column, k))]);
      return values;
    }
    const std::int64_t begin = batch * s_.w_next;
    const auto* weights = static_cast<const Bf16*>(o_.w);
    if (s_.k_major) return row_of(device_.fetch(weights, begin + column * s_.k, s_.k));
    const Row all = row_of(device_.fetch(weights, begin, s_.k * s_.n));
    Row values;
    for (std::int64_t k = 0; k < s_.k; ++k)
      values.push_back(all[static_cast<std::size_t>(k * s_.n + column)]);
    return values;
  }

  [[nodiscard]] double y(std::int64_t batch, std::int64_t row, std::int64_t column) const {
    const std::int64_t at = batch * s_.y_next + row * (s_.y_stride > 0 ? s_.y_stride : s_.n) + column;
    if (s_.out == CUDA_R_32F) return device_.fetch(static_cast<const float*>(o_.y), at, 1)[0];
    return from_bf16(device_.fetch(static_cast<const Bf16*>(o_.y), at, 1)[0]);
  }

 private:
  const Device& device_;
  const MatmulShape& s_;
  const Operands& o_;
  std::vector<float> x_scales_, w_scales_;
};

}  // namespace

double product_error(const Device& device, const MatmulShape& shape, const Operands& operands) {
  const Product product(device, shape, operands);
  Row got, expected;
  for (const std::int64_t batch : std::set<std::int64_t>{0, shape.batch - 1}) {
    std::vector<Row> columns;
    for (const std::int64_t column : samples(shape.n)) columns.push_back(product.w(batch, column));
    for (const std::int64_t row : samples(shape.m)) {
      const Row x = product.x(batch, row);
      std::size_t at = 0;
      for (const std::int64_t column : samples(shape.n)) {
        expected.push_back(dot(x, columns[at++]));
        got.push_back(product.y(batch, row, column));
      }
    }
  }
  return relative_error(got, expected);
}

}  // namespace tideline::profile
