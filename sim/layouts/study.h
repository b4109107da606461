// All layouts of a study beside one another: ranked by what a million output tokens cost with their prompts,
// with those that no other beats in both speed and throughput, those refused with the reason, and for each
// what would make it better.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "sim/layouts/evaluate.h"

namespace tideline::layouts {

struct DecodeRow {
  Candidate layout;
  DecodeValue value;
  bool allowed = false;  // not refused, and it keeps the speed at some batch
  // Of output, its prompts prefilled by the cheapest prefill layout of the same type of node (a scenario has
  // one), and GPUs of that for each decode GPU: none where no prefill layout of that type is allowed.
  std::optional<double> usd_per_mtok, prefill_gpus;
  double behind_front =
      0;            // least share by which any of its batches stays behind the best of its speed; 0: on it
  std::string why;  // not allowed: why not. Allowed: what would make it better
};

struct PrefillRow {
  Candidate layout;
  PrefillValue value;
  bool allowed = false;
  std::string why;
};

// A batch of a layout that no batch of any layout beats in tok/s/user without losing in tok/s/GPU.
struct FrontPoint {
  std::size_t row = 0;
  Batch batch;
};

struct Comparison {
  scenario::Scenario scenario;
  scenario::MeanRequest mean;
  std::vector<DecodeRow> decode;  // cheapest first; then those without a price, by decode alone; not allowed
  std::vector<PrefillRow> prefill;  // cheapest first, then those not allowed
  std::vector<FrontPoint> front;    // by falling speed

  [[nodiscard]] bool any_decode() const { return !decode.empty() && decode.front().allowed; }
  [[nodiscard]] bool any_prefill() const { return !prefill.empty() && prefill.front().allowed; }
  // What the ranks leave out because no layout of a phase, or none of prefill of a type of node, is allowed;
  // empty where nothing is.
  [[nodiscard]] std::string missing() const;
};

// `threads`: layouts are evaluated side by side; the result is the same for any number. Progress is called
// from any of them, several at a time.
Comparison compare(const Study& study, int threads,
                   const std::function<void(std::size_t done, std::size_t all)>& progress = {});

}  // namespace tideline::layouts
