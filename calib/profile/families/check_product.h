// Samples of a product's output, held to a dot product in double precision.
#pragma once

#include "calib/profile/cuda/device.h"
#include "calib/profile/cuda/matmul.h"

namespace tideline::profile {

// Relative error (reference.h) over sampled rows and columns of the product, and of the first and last of a
// batch. The formats follow from `shape`. Waits for the device.
double product_error(const Device& device, const MatmulShape& shape, const Operands& operands);

}  // namespace tideline::profile
