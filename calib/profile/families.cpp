#include "calib/profile/families.h"

#include "calib/profile/sweep.h"

namespace tideline::profile {

const std::array<Family, 9> kFamilies{{
    {"launch", "null kernel, cost of a launch to the host, replay of graphs by their nodes", Library::kNone,
     false, false, launch_points},
    {"copy", "copies on the device, to and from pinned host memory, and memset", Library::kNone, false, false,
     copy_points},
    {"dense_gemm", "FP8 product, 1x128 by 128x128 scales, BF16 out (cuBLASLt)", Library::kCublasLt, false,
     false, dense_gemm_points},
    {"batched_gemm", "BF16 products of MLA absorption, one a head (cuBLASLt)", Library::kCublasLt, false,
     false, batched_gemm_points},
    {"bf16_gemm", "BF16 product: router gate and head (cuBLASLt)", Library::kCublasLt, false, false,
     bf16_gemm_points},
    {"layer", "norm, quantisation, SwiGLU, rotary, top-k, permutation, combination, sampling (own kernels)",
     Library::kNone, true, false, layer_points},
    {"mla_prefill", "causal attention of prefill, 192/128, BF16 (cuDNN)", Library::kCudnn, false, false,
     mla_prefill_points},
    {"grouped_gemm", "FP8 products of the experts, a cuBLASLt product each on four streams: an upper bound",
     Library::kCublasLt, false, false, grouped_gemm_points},
    {"dense_gemm_lent", "dense_gemm told to plan for 112 and 108 SMs, the rest lent to communication",
     Library::kCublasLt, false, false, dense_gemm_lent_points},
}};

const std::array<Absent, 3> kAbsent{{
    {"mla_decode", "MLA decode core: needs a wgmma kernel with TMA; cuDNN's plan is an Ampere kernel",
     "calib/timings: FlashInfer's bench on H800 and FlashMLA's two ceilings"},
    {"grouped_gemm, one launch", "what DeepGEMM does: FP8 grouped kernel with two-level accumulation",
     "grouped_gemm here as an upper bound; calib/timings: DeepGEMM on H800"},
    {"all-to-all", "dispatch and combine need more than one GPU", "calib/timings: DeepEP's tables"},
}};

const Family* find_family(std::string_view name) {
  for (const Family& family : kFamilies)
    if (family.name == name) return &family;
  return nullptr;
}

}  // namespace tideline::profile
