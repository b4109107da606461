// One function a family: makes the operands of a point and hands them to the bench.
// Fails: DeviceError when the device or a library refuses the point.
#pragma once

#include "calib/profile/cuda/bench.h"
#include "calib/profile/point.h"

namespace tideline::profile {

void run_launch(const Point& point, Bench& bench);
void run_copy(const Point& point, Bench& bench);
void run_dense_gemm(const Point& point, Bench& bench);
void run_batched_gemm(const Point& point, Bench& bench);
void run_bf16_gemm(const Point& point, Bench& bench);
void run_layer(const Point& point, Bench& bench);
void run_mla_prefill(const Point& point, Bench& bench);
void run_grouped_gemm(const Point& point, Bench& bench);

}  // namespace tideline::profile
