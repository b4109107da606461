// The points of each family: the shapes that sim/step/operations.cpp asks for in DeepSeek-V3/R1, on a grid of
// tokens that has points on both sides of the steps of a tile.
#pragma once

#include <vector>

#include "calib/profile/point.h"

namespace tideline::profile {

std::vector<Point> launch_points();
std::vector<Point> copy_points();
std::vector<Point> dense_gemm_points();
std::vector<Point> dense_gemm_lent_points();  // 112 and 108 SMs: the rest is lent to communication
std::vector<Point> batched_gemm_points();
std::vector<Point> bf16_gemm_points();
std::vector<Point> layer_points();
std::vector<Point> mla_prefill_points();
std::vector<Point> grouped_gemm_points();

// Single points with their work, also used for the drift sentinels.
Point dense_gemm(std::int64_t m, std::int64_t n, std::int64_t k, int sms = 0);
Point copy(std::string op, std::int64_t bytes);

}  // namespace tideline::profile
