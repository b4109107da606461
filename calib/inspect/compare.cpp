#include "calib/inspect/compare.h"

#include <fmt/format.h>

#include <cmath>

#include "calib/fit/fit_family.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::ordered_json;
using namespace kernels;

class Rows {
 public:
  Rows(const Side& a, const Side& b) : a_(a), b_(b) {}

  template <class Shape>
  Rows& add(const std::string& phase, const std::string& kernel, const Shape& q) {
    const Answer a = a_.model.time(q, alone(a_)), b = b_.model.time(q, alone(b_));
    rows_.push_back({{"phase", phase},
                     {"kernel", kernel},
                     {"a", side(a)},
                     {"b", side(b)},
                     {"ratio", rounded(b.time / a.time)}});
    return *this;
  }
  [[nodiscard]] const Json& json() const { return rows_; }

 private:
  static Lane alone(const Side& side) { return {side.model.gpu().sms, false}; }
  static Json side(const Answer& answer) {
    return {{"us", rounded(answer.time.value() * 1e6)},
            {"sigma", rounded(answer.sigma)},
            {"of_roofline", rounded(answer.roofline / answer.time)},
            {"provenance", to_string(answer.provenance)}};
  }
  const Side &a_, &b_;
  Json rows_ = Json::array();
};

constexpr double kQuantised = 2.0 + 1.0 + 4.0 / 128.0;  // bytes of an element read in BF16, written in FP8

void add_products(Rows& rows, const std::string& phase, double tokens) {
  rows.add(phase, "q_a + kv_a", DenseGemm{tokens, 2112, 7168})
      .add(phase, "q_b", DenseGemm{tokens, 24576, 1536})
      .add(phase, "output projection", DenseGemm{tokens, 7168, 16384})
      .add(phase, "shared gate-up", DenseGemm{tokens, 4096, 7168})
      .add(phase, "shared down", DenseGemm{tokens, 7168, 2048})
      .add(phase, "router gate", Bf16Gemm{tokens, 256, 7168})
      .add(phase, "quantise hidden", Streaming{Bytes(tokens * 7168 * kQuantised)});
}

}  // namespace

Json compare(const Side& a, const Side& b) {
  Rows rows(a, b);
  add_products(rows, "decode", 128);
  rows.add("decode", "absorption", BatchedGemm{128, 128, 512, 128})
      .add("decode", "attention core", MlaDecode{64, 2, 4096})
      .add("decode", "experts gate-up", GroupedGemm{2, 1024, 4096, 7168, true})
      .add("decode", "experts down", GroupedGemm{2, 1024, 7168, 2048, true});
  add_products(rows, "prefill", 8192);
  rows.add("prefill", "kv_b", DenseGemm{8192, 32768, 512})
      .add("prefill", "attention core", PrefillAttention{2 * 0.5 * 4096 * 4096, 8192})
      .add("prefill", "experts gate-up", GroupedGemm{9, 65536, 4096, 7168, false})
      .add("prefill", "experts down", GroupedGemm{9, 65536, 7168, 2048, false});
  return {{"a", a.name}, {"b", b.name}, {"kernels", rows.json()}};
}

std::string compare_text(const Json& compared) {
  std::string out = fmt::format("{:<9}{:<20}{:>24}{:>34}{:>12}\n", "", "us, +- one sigma",
                                compared["a"].get<std::string>(), compared["b"].get<std::string>(), "ratio");
  const auto side = [](const Json& s) {
    return fmt::format("{:>10.1f} +-{:>3.0f} % {:<14}", s["us"].get<double>(),
                       100.0 * s["sigma"].get<double>(), s["provenance"].get<std::string>());
  };
  double log_sum = 0.0;
  for (const Json& row : compared["kernels"]) {
    out += fmt::format("{:<9}{:<20}{:>34}{:>34}{:>9.3f}\n", row["phase"].get<std::string>(),
                       row["kernel"].get<std::string>(), side(row["a"]), side(row["b"]),
                       row["ratio"].get<double>());
    log_sum += std::log(row["ratio"].get<double>());
  }
  return out + fmt::format("geometric mean of the ratios {:.3f}\n",
                           std::exp(log_sum / static_cast<double>(compared["kernels"].size())));
}

}  // namespace tideline::calib
