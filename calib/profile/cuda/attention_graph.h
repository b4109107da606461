// Causal attention as a graph of thirteen operations, the pattern that cuDNN's Hopper engine matches:
// softmax(scale Q K^T masked) V with the log of the softmax's sum as a second output.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "calib/profile/cuda/cudnn.h"

namespace tideline::profile {

// Tensors are [batch, tokens, heads, width] in memory, BF16; statistics [batch, heads, tokens], FP32.
struct AttentionShape {
  std::int64_t batch = 1, heads = 128, tokens = 4096, d_qk = 192, d_v = 128;
};

struct AttentionPointers {
  const void *q = nullptr, *k = nullptr, *v = nullptr;
  void *out = nullptr, *statistics = nullptr, *workspace = nullptr;
};

class AttentionPlan {
 public:
  // For the current device. `handle` outlives the plan. Fails: DeviceError when cuDNN has no plan.
  AttentionPlan(const Cudnn& library, cudnnHandle_t handle, const AttentionShape& shape);
  // For a device described in JSON (cuDNN 9.11 and later), on a machine that needs none.
  AttentionPlan(const Cudnn& library, const std::string& device_json, const AttentionShape& shape);
  AttentionPlan(const AttentionPlan&) = delete;  // what is bound points into it
  AttentionPlan& operator=(const AttentionPlan&) = delete;

  [[nodiscard]] std::int64_t workspace_bytes() const { return workspace_bytes_; }
  // "eng2 cfg7": which engine, in which configuration; another engine is another kernel.
  [[nodiscard]] std::string engine() const;
  // Binds operands; execute it any number of times. `pointers` are copied.
  [[nodiscard]] Descriptor bind(const AttentionPointers& pointers);
  void execute(const Descriptor& bound) const;

 private:
  struct Target {
    cudnnHandle_t handle = nullptr;      // or
    const Descriptor* device = nullptr;  // a description
  };
  void choose(const Target& target, const Descriptor& graph);

  const Cudnn& library_;
  cudnnHandle_t handle_ = nullptr;
  std::vector<Descriptor> plan_;  // one
  std::int64_t workspace_bytes_ = 0;
  // Passed by value into the graph, read at execution: they live as long as the plan.
  float scale_, masked_ = -1e30f;
};

}  // namespace tideline::profile
