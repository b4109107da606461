// Time of one kernel on one GPU, from measurements: a smooth roofline fitted per family (calib/fit), corrected by
// the residuals of the nearest measured shapes. Pure: the same question has the same answer.
//
// Every answer says what it stands on (Provenance) and how far it may be off (sigma of ln time).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "sim/base/units.h"
#include "sim/catalog/hardware.h"

namespace tideline::kernels {

enum class Provenance { kMeasured, kInterpolated, kExtrapolated, kRoofline, kAssumed };
std::string_view to_string(Provenance p);

struct Answer {
  Seconds time;
  double sigma = 0.0;     // standard deviation of ln(time)
  Provenance provenance = Provenance::kAssumed;
  Seconds roofline;       // max(flop / peak, bytes / bandwidth) of the same shape
};

// How many SMs the kernel may use, and whether an all-to-all runs beside it on the others (measured slow-down).
struct Lane {
  std::int64_t sms = 132;
  bool beside_communication = false;
};

// FP8 (1x128 by 128x128 scales) matrix product, BF16 out: [m,k] x [k,n].
struct DenseGemm { double m = 0; std::int64_t n = 0, k = 0; };
// BF16 matrix product (router gate, LM head).
struct Bf16Gemm { double m = 0; std::int64_t n = 0, k = 0; };
// One FP8 product per expert: `groups` experts on this GPU, `rows` rows in all of them together.
// masked: decode layout (padded per expert, CUDA graph); otherwise contiguous (prefill).
struct GroupedGemm { std::int64_t groups = 0; double rows = 0; std::int64_t n = 0, k = 0; bool masked = false; };
// `batch` BF16 products [m,k] x [k,n] with a weight each (MLA absorption: batch = heads).
struct BatchedGemm { std::int64_t batch = 0; double m = 0; std::int64_t n = 0, k = 0; };
// MLA decode core in latent space (d_qk = kv_lora + rope, d_v = kv_lora): `requests` with `q_tokens` queries each
// against `kv_tokens` on average.
struct MlaDecode {
  double requests = 0, q_tokens = 1, kv_tokens = 0;
  std::int64_t heads = 128, d_qk = 576, d_v = 512;
};
// Prefill core (not absorbed), causal. pairs = sum over sequences of query-key pairs that are attended
// (a full prompt of s tokens: s (s + 1) / 2); tokens = query tokens in all.
struct PrefillAttention {
  double pairs = 0, tokens = 0;
  std::int64_t heads = 128, d_qk = 192, d_v = 128;
};
// A kernel that only streams memory (norm, quantisation, rope, activation, permutation, un-permutation).
struct Streaming { Bytes bytes; };

class KernelModel {
 public:
  // The fitted model of a GPU: calib/fitted/<gpu>.json.
  static KernelModel load(const catalog::Gpu& gpu);

  [[nodiscard]] Answer time(const DenseGemm& q, Lane lane) const;
  [[nodiscard]] Answer time(const Bf16Gemm& q, Lane lane) const;
  [[nodiscard]] Answer time(const GroupedGemm& q, Lane lane) const;
  [[nodiscard]] Answer time(const BatchedGemm& q, Lane lane) const;
  [[nodiscard]] Answer time(const MlaDecode& q, Lane lane) const;
  [[nodiscard]] Answer time(const PrefillAttention& q, Lane lane) const;
  [[nodiscard]] Answer time(const Streaming& q, Lane lane) const;

  [[nodiscard]] const catalog::Gpu& gpu() const;

 private:
  struct Fitted;
  std::shared_ptr<const Fitted> fitted_;
};

}  // namespace tideline::kernels
