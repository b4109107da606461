// The examination: what the models say of cases that were published and that nothing here was fitted to,
// beside what was published. Source of the step profiles: deepseek-ai/profile-data (2025-02-27), its layers
// as digitised from LMSYS, "Deploying DeepSeek with PD disaggregation and large-scale expert parallelism",
// 2025-05-05 (+-1 us decode, +-30 us prefill).
#pragma once

#include <string_view>
#include <vector>

namespace tideline::examination {

enum class Unit { kMilliseconds, kMicroseconds };

struct Case {
  std::string_view group, name;
  Unit unit = Unit::kMilliseconds;
  double published_low = 0, published_high = 0;  // equal where one figure was published
  double predicted = 0;
  double goal = 0;  // largest relative error that the project set itself
  // Signed distance to the nearest published figure, as a share of it; 0 inside a range.
  [[nodiscard]] double error() const;
  [[nodiscard]] bool holds() const;
};

// One layer and one step of decode: EP128, 128 requests a GPU with 2 query tokens each, 4096 cached tokens,
// balanced experts.
std::vector<Case> examine_decode();
// One layer of prefill: EP32, 16,384 tokens a GPU in prompts of 4096, balanced experts.
std::vector<Case> examine_prefill();
// The same layers with the luck of the draw, under both models of an exchange (sim/step/exchanges.h): whether
// the published steps had it is not said.
std::vector<Case> examine_drawn_tokens();
// DeepEP's published all-to-alls on H800, in both modes, by both models of an exchange: fitted to, so that
// these show the fits and not predictions. Counted: DeepEP's own benchmark, simulated
// (sim/network/deep_ep_bench.h).
std::vector<Case> compare_fitted_all_to_alls();
std::vector<Case> compare_counted_all_to_alls();

}  // namespace tideline::examination
