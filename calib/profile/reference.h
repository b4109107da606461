// What the kernels should have computed, in double precision on the CPU, for a few rows; and the two number
// formats as plain integers. The device's answers and the kernels run on the CPU in tests are both held to
// it.
#pragma once

#include <cstdint>
#include <vector>

namespace tideline::profile {

using Row = std::vector<double>;

double from_bf16(std::uint16_t bits);
// E4M3 as NVIDIA defines it: no infinities, 0x7f and 0xff are NaN, largest 448.
double from_e4m3(std::uint8_t bits);

double dot(const Row& a, const Row& b);
// x / rms(x) * weight.
Row rms_norm(const Row& x, const Row& weight, double epsilon);
// silu(gate) * up.
Row swiglu(const Row& gate, const Row& up);
// Pairs (2 i, 2 i + 1) turned by the angle whose cosine and sine are given.
Row rotate(const Row& x, const Row& cosine, const Row& sine);
// softmax(scale * q . k_j) . v_j over all keys given.
Row attend(const Row& q, const std::vector<Row>& keys, const std::vector<Row>& values, double scale);

struct Choice {
  std::vector<int> experts;  // by falling biased score
  std::vector<double> weights;
};
// DeepSeek-V3's router: sigmoid scores; groups by the sum of their two best biased scores, `groups_kept` of
// them; the `top_k` best biased scores there; weights of the unbiased scores, to the sum `scale`.
Choice route(const Row& logits, const Row& bias, int groups, int groups_kept, int top_k, double scale);

// Largest difference by the root mean square of what was expected; NaN where anything is not a number.
double relative_error(const Row& got, const Row& expected);

}  // namespace tideline::profile
