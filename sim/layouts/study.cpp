#include "sim/layouts/study.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <utility>

#include "sim/parallel/for_each_index.h"

namespace tideline::layouts {
namespace {

// The part of a step that is worth attacking, with what attacks it.
std::string largest_part(const Parts& p) {
  struct Named {
    double share;
    const char* text;
  };
  const std::array parts = {
      Named{p.exchange, "exchanges that nothing hides: fewer GPUs, or an overlap"},
      Named{p.experts, "experts: more GPUs leave fewer weights to read on each"},
      Named{p.attention, "attention: fewer cached tokens a GPU, or more bandwidth"},
      Named{p.other, "projections and small kernels: they shrink with the batch alone"}};
  const auto& largest = *std::ranges::max_element(parts, {}, &Named::share);
  return fmt::format("{:.0f} % of a layer is {}", 100.0 * largest.share, largest.text);
}

// What weights and cache may not take.
std::string kept(double reserve) {
  return fmt::format("with {:.0f} % of memory kept for activations and buffers", 100.0 * reserve);
}

void judge(DecodeRow& row, const scenario::Scenario& s) {
  const DecodeValue& v = row.value;
  const scenario::LayoutAxes& wanted = *s.layouts;
  if (!row.layout.refused.empty()) {
    row.why = row.layout.refused;
  } else if (v.curve.empty()) {
    row.why = fmt::format("weights leave room for {:.0f} requests a GPU {}: more nodes, or fewer replicas",
                          v.fits, kept(s.fleet.decode.memory_reserve));
  } else if (v.binds == DecodeValue::Binds::kNothing) {
    row.why = fmt::format("{:.1f} tok/s with one request a GPU where {:.1f} is wanted; {}",
                          v.curve.front().speed, wanted.output_speed, largest_part(v.parts));
  } else {
    row.allowed = true;
    row.why = v.binds == DecodeValue::Binds::kMemory
                  ? fmt::format("memory holds {:.0f} requests a GPU: more nodes leave room for more", v.fits)
                  : largest_part(v.parts);
  }
}

void judge(PrefillRow& row, const scenario::Scenario& s) {
  const double reserve = s.fleet.prefill.memory_reserve;
  const scenario::LayoutAxes& wanted = *s.layouts;
  if (!row.layout.refused.empty()) {
    row.why = row.layout.refused;
  } else if (row.layout.unit.kv_capacity_tokens(reserve) < static_cast<double>(row.layout.tokens_per_gpu)) {
    row.why = fmt::format("weights leave no room for the cache of one pass {}: more nodes, or fewer replicas",
                          kept(reserve));
  } else if (!row.value.keeps_ttft) {
    row.why = fmt::format("TTFT of {:.1f} s where {:.1f} s is wanted: fewer tokens a pass", row.value.ttft_s,
                          wanted.ttft_s);
  } else {
    row.allowed = true;
    row.why = largest_part(row.value.parts);
  }
}

// The batches of all allowed layouts that none beats, and how far each layout stays behind.
std::vector<FrontPoint> front_of(std::vector<DecodeRow>& rows) {
  std::vector<FrontPoint> all;
  for (std::size_t r = 0; r < rows.size(); ++r) {
    if (rows[r].layout.refused.empty())
      for (const Batch& b : rows[r].value.curve) all.push_back({r, b});
    if (rows[r].allowed) all.push_back({r, rows[r].value.at});
  }
  std::ranges::stable_sort(all, [](const FrontPoint& a, const FrontPoint& b) {
    return a.batch.speed != b.batch.speed ? a.batch.speed > b.batch.speed : a.batch.per_gpu > b.batch.per_gpu;
  });
  std::vector<FrontPoint> front;
  std::vector<double> nearest(rows.size(), 1.0);
  double best = 0.0;
  for (const FrontPoint& p : all) {
    if (p.batch.per_gpu > best) best = p.batch.per_gpu, front.push_back(p);
    nearest[p.row] = std::min(nearest[p.row], 1.0 - p.batch.per_gpu / best);
  }
  for (std::size_t r = 0; r < rows.size(); ++r) rows[r].behind_front = nearest[r];
  return front;
}

template <class Row, class Cost>
std::vector<std::size_t> cheapest_first(const std::vector<Row>& rows, Cost cost) {
  std::vector<std::size_t> order(rows.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::ranges::stable_sort(order, [&](std::size_t a, std::size_t b) {
    if (rows[a].allowed != rows[b].allowed) return rows[a].allowed;
    return rows[a].allowed && cost(rows[a]) < cost(rows[b]);
  });
  return order;
}

// The cheapest that is allowed of a type of node: a scenario has one `node`, of both phases. None: null.
const PrefillRow* cheapest_of(const std::string& node, const std::vector<PrefillRow>& cheapest_first) {
  const auto of_it = [&](const PrefillRow& r) { return r.allowed && r.layout.node == node; };
  const auto found = std::ranges::find_if(cheapest_first, of_it);
  return found == cheapest_first.end() ? nullptr : &*found;
}

template <class Row>
std::vector<Row> in_order(const std::vector<Row>& rows, const std::vector<std::size_t>& order) {
  std::vector<Row> out;
  for (const std::size_t i : order) out.push_back(rows[i]);
  return out;
}

}  // namespace

std::string Comparison::missing() const {
  if (!any_decode() && !any_prefill()) return "No decode layout is allowed, and no prefill layout";
  if (!any_decode()) return "No decode layout is allowed: what a million output tokens cost is not known";
  if (!any_prefill())
    return "No prefill layout is allowed: decode layouts are ranked by what decode alone costs";
  std::vector<std::string> without;
  for (const DecodeRow& r : decode)
    if (r.allowed && !r.usd_per_mtok && std::ranges::find(without, r.layout.node) == without.end())
      without.push_back(r.layout.node);
  if (without.empty()) return "";
  return fmt::format(
      "No prefill layout of {} is allowed: decode layouts of such nodes have no price with prompts, and "
      "follow those that have",
      fmt::join(without, " or "));
}

Comparison compare(const Study& study, int threads,
                   const std::function<void(std::size_t, std::size_t)>& progress) {
  Comparison c;
  c.scenario = study.scenario;
  c.mean = scenario::mean_request(study.scenario);
  for (const Candidate& layout : study.decode) c.decode.push_back({layout, {}, false, {}, {}, 0, ""});
  for (const Candidate& layout : study.prefill) c.prefill.push_back({layout, {}, false, ""});
  std::atomic<std::size_t> done{0};
  const std::size_t all = c.decode.size() + c.prefill.size();
  parallel::for_each_index(all, threads, [&](std::size_t i) {
    if (i < c.decode.size()) {
      DecodeRow& row = c.decode[i];
      if (row.layout.refused.empty()) row.value = evaluate_decode(row.layout, c.scenario, c.mean);
      judge(row, c.scenario);
    } else {
      PrefillRow& row = c.prefill[i - c.decode.size()];
      if (row.layout.refused.empty()) row.value = evaluate_prefill(row.layout, c.scenario, c.mean);
      judge(row, c.scenario);
    }
    if (progress) progress(++done, all);
  });

  c.prefill = in_order(c.prefill,
                       cheapest_first(c.prefill, [](const PrefillRow& r) { return r.value.usd_per_mtok; }));
  // Prompts of a million output tokens, in millions computed.
  const double computed = c.mean.output > 0.0 ? c.mean.computed / c.mean.output : 0.0;
  for (DecodeRow& row : c.decode) {
    const PrefillRow* const best = row.allowed ? cheapest_of(row.layout.node, c.prefill) : nullptr;
    if (!best) continue;
    row.usd_per_mtok = row.value.usd_per_mtok + computed * best->value.usd_per_mtok;
    row.prefill_gpus = row.value.at.per_gpu * computed / best->value.per_gpu;
  }
  c.decode = in_order(c.decode, cheapest_first(c.decode, [](const DecodeRow& r) {
                        return std::pair(!r.usd_per_mtok, r.usd_per_mtok.value_or(r.value.usd_per_mtok));
                      }));
  c.front = front_of(c.decode);
  return c;
}

}  // namespace tideline::layouts
