#include "sim/step/pipeline.h"

#include <algorithm>

#include "sim/base/check.h"

namespace tideline::step {
namespace {

constexpr std::int16_t kNoLayer = -1;

Instant after(Instant from, double ns) {
  return {from.ns + static_cast<std::int64_t>(ns + 0.5)};
}

double seconds(Duration d) {
  return to_seconds(d).value();
}

std::size_t index(Stage s) {
  return static_cast<std::size_t>(s);
}

}  // namespace

Pipeline::Pipeline(const PipelineInput& input, TrafficSource& traffic, SimulatedStep& result)
    : input_(input), traffic_source_(traffic), result_(result), gpus_(input.ranks.size()) {
  flatten();
  for (Gpu& gpu : gpus_)
    for (auto& batch : gpu.done) batch.fill(kNoLayer);
  for (auto& batch : meetings_)
    for (Meeting& e : batch) e.begin.resize(gpus_.size());
  ready_s_.resize(gpus_.size());
  layer_end_.resize(static_cast<std::size_t>(input.layers));
  // Filling and draining left out, where there are layers enough.
  const int moe = input.layers - input.dense_layers;
  count_from_ = input.dense_layers + (moe >= 8 ? 3 : 0);
  count_to_ = input.layers - (moe >= 8 ? 3 : 0);
}

// The entries of every layer, in the order in which each stream takes them.
void Pipeline::flatten() {
  for (int pass = 0; pass <= input_.layers; ++pass)
    for (const ScheduleEntry& entry : input_.schedule->layer) {
      const int layer = pass + entry.layer_offset;
      if (layer < 0 || layer >= input_.layers) continue;
      const Item item{static_cast<std::int8_t>(entry.micro_batch), entry.stage,
                      static_cast<std::int16_t>(layer)};
      (entry.stream == Stream::kCompute ? compute_items_ : exchange_items_).push_back(item);
    }
}

// The chain ATTN-0, ATTN-1, DISPATCH, MLP, COMBINE; SHARED after ATTN-1 and due before the next layer.
Stage Pipeline::waits_for(const Item& item) const {
  switch (item.stage) {
    case Stage::kAttention0:
      return Stage::kCombine;
    case Stage::kAttention1:
      return Stage::kAttention0;
    case Stage::kShared:
    case Stage::kDispatch:
      return Stage::kAttention1;
    case Stage::kMlp:
      return Stage::kDispatch;
    case Stage::kCombine:
      return Stage::kMlp;
  }
  CHECK(false, "unknown stage");
}

bool Pipeline::ready(const Gpu& gpu, const Item& item) const {
  const auto& done = gpu.done[static_cast<std::size_t>(item.micro_batch)];
  if (item.stage != Stage::kAttention0) return done[index(waits_for(item))] >= item.layer;
  const int before = item.layer - 1;
  return done[index(Stage::kCombine)] >= before && done[index(Stage::kShared)] >= before;
}

Instant Pipeline::ready_at(const Gpu& gpu, const Item& item) const {
  const auto& at = gpu.done_at[static_cast<std::size_t>(item.micro_batch)];
  const Instant waited = at[index(waits_for(item))];
  return item.stage == Stage::kAttention0 ? std::max(waited, at[index(Stage::kShared)]) : waited;
}

std::size_t Pipeline::kernels_of(int gpu, const Item& item) const {
  const RankProgram& rank = *input_.ranks[static_cast<std::size_t>(gpu)];
  if (is_dense(item.layer)) return rank.dense[index(item.stage)].size();
  if (item.stage == Stage::kMlp) return input_.experts->kernels();
  return rank.moe[index(item.stage)].size();
}

std::vector<Instant> Pipeline::run(const std::vector<Instant>& start) {
  events_.start_at(*std::min_element(start.begin(), start.end()));
  for (std::size_t g = 0; g < gpus_.size(); ++g) {
    gpus_[g].compute_free = gpus_[g].exchange_free = start[g];
    for (auto& batch : gpus_[g].done_at) batch.fill(start[g]);
  }
  for (std::size_t g = 0; g < gpus_.size(); ++g) advance(static_cast<int>(g));
  while (!events_.empty()) {
    const bool exchange = events_.next_phase() == Phase::kExchangeEnd;
    const Event event = events_.take();
    ++result_.events;
    if (exchange)
      end_exchange(event.gpu,
                   {static_cast<std::int8_t>(event.micro_batch), event.stage,
                    exchange_items_[gpus_[static_cast<std::size_t>(event.gpu)].next_exchange].layer});
    else
      end_kernel(event.gpu);
  }
  std::vector<Instant> end;
  for (const Gpu& gpu : gpus_) {
    CHECK(gpu.next_compute == compute_items_.size() && gpu.next_exchange == exchange_items_.size(),
          "a GPU stopped at entry {} of {}", gpu.next_compute, compute_items_.size());
    end.push_back(std::max(gpu.compute_free, gpu.exchange_free));
  }
  account();
  return end;
}

// Starts whatever both streams of a GPU can start now.
void Pipeline::advance(int g) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  for (bool moved = true; moved;) {
    moved = false;
    while (!gpu.exchanging && gpu.next_exchange < exchange_items_.size() &&
           ready(gpu, exchange_items_[gpu.next_exchange])) {
      const Item item = exchange_items_[gpu.next_exchange];
      if (is_dense(item.layer) || input_.exchanges == nullptr) {
        ++gpu.next_exchange;
        finish(gpu, item);
        moved = true;
      } else {
        enter(g, item);
      }
    }
    while (!gpu.computing && gpu.next_compute < compute_items_.size() &&
           ready(gpu, compute_items_[gpu.next_compute])) {
      start_stage(g);
      moved = moved || !gpu.computing;
    }
  }
}

void Pipeline::start_stage(int g) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Item item = compute_items_[gpu.next_compute];
  if (kernels_of(g, item) == 0) {
    ++gpu.next_compute;
    finish(gpu, item);
    return;
  }
  const Instant waited = std::max(ready_at(gpu, item), gpu.compute_free);
  if (counts(item.layer)) {
    const double idle = seconds(waited - gpu.compute_free);
    (waits_for(item) == Stage::kDispatch ? sums_.dispatch_exposed_s : sums_.combine_exposed_s) += idle;
  }
  gpu.computing = true;
  gpu.kernel = 0;
  start_kernel(g, waited);
}

void Pipeline::start_kernel(int g, Instant at) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Item item = compute_items_[gpu.next_compute];
  const RankProgram& rank = *input_.ranks[static_cast<std::size_t>(g)];
  std::string_view name;
  Kind kind = Kind::kOther;
  double ns = 0.0;
  if (item.stage == Stage::kMlp && !is_dense(item.layer)) {
    const ExpertTraffic& traffic = routed(item.layer, item.micro_batch).traffic;
    ns = input_.experts->time_ns(gpu.kernel, traffic.rows[static_cast<std::size_t>(g)], gpu.exchanging);
    name = input_.experts->name(gpu.kernel), kind = input_.experts->kind(gpu.kernel);
  } else {
    const Kernel& kernel = (is_dense(item.layer) ? rank.dense : rank.moe)[index(item.stage)][gpu.kernel];
    ns = gpu.exchanging ? kernel.time.beside_ns : kernel.time.alone_ns;
    name = kernel.name, kind = kernel.kind;
  }
  const Instant begin = after(at, input_.gap_ns), end = after(begin, ns);
  if (counts(item.layer)) {
    sums_.launch_s += seconds(begin - at);
    sums_.kernels_s[static_cast<std::size_t>(kind)] += seconds(end - begin);
  }
  record(g, Stream::kCompute, item, name, begin, end);
  ++result_.kernels;
  gpu.compute_free = end;
  events_.schedule(end, Phase::kKernelEnd, {g, 0, item.stage});
}

void Pipeline::end_kernel(int g) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Item item = compute_items_[gpu.next_compute];
  if (++gpu.kernel < kernels_of(g, item)) return start_kernel(g, events_.now());
  gpu.computing = false;
  ++gpu.next_compute;
  finish(gpu, item);
  advance(g);
}

void Pipeline::finish(Gpu& gpu, const Item& item) {
  const auto batch = static_cast<std::size_t>(item.micro_batch);
  gpu.done[batch][index(item.stage)] = item.layer;
  gpu.done_at[batch][index(item.stage)] = events_.now();
  Instant& end = layer_end_[static_cast<std::size_t>(item.layer)];
  end = std::max(end, events_.now());
}

const Pipeline::Routed& Pipeline::routed(int layer, int micro_batch) {
  Routed& r = routed_[static_cast<std::size_t>(micro_batch)];
  if (r.layer == layer) return r;
  traffic_source_.draw(input_.first_layer + layer, micro_batch, input_.tokens, r.traffic);
  if (input_.exchanges != nullptr) r.exchange = input_.exchanges->exchange(input_.tokens, r.traffic);
  r.layer = layer;
  return r;
}

void Pipeline::enter(int g, const Item& item) {
  Meeting& e = meetings_[static_cast<std::size_t>(item.micro_batch)][item.stage == Stage::kCombine ? 1 : 0];
  e.begin[static_cast<std::size_t>(g)] = events_.now();
  gpus_[static_cast<std::size_t>(g)].exchanging = true;
  if (++e.entered == static_cast<int>(gpus_.size())) finish_exchange(e, item);
}

// All GPUs have come: when each is done is settled.
void Pipeline::finish_exchange(Meeting& e, const Item& item) {
  const bool combine = item.stage == Stage::kCombine;
  const Instant first = *std::ranges::min_element(e.begin);
  for (std::size_t g = 0; g < gpus_.size(); ++g) ready_s_[g] = seconds(e.begin[g] - first);
  input_.exchanges->ends(routed(item.layer, item.micro_batch).exchange, combine, ready_s_, end_s_);
  for (std::size_t g = 0; g < gpus_.size(); ++g) {
    const Instant end = std::max(after(first, end_s_[g] * 1e9), events_.now());
    if (counts(item.layer)) (combine ? sums_.combine_s : sums_.dispatch_s) += seconds(end - e.begin[g]);
    record(static_cast<int>(g), Stream::kCommunication, item, to_string(item.stage), e.begin[g], end);
    events_.schedule(end, Phase::kExchangeEnd,
                     {static_cast<std::int32_t>(g), static_cast<std::uint8_t>(item.micro_batch), item.stage});
  }
  e.entered = 0;
}

void Pipeline::end_exchange(int g, const Item& item) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  gpu.exchanging = false;
  gpu.exchange_free = events_.now();
  ++gpu.next_exchange;
  finish(gpu, item);
  advance(g);
}

void Pipeline::record(int gpu, Stream stream, const Item& item, std::string_view name, Instant begin,
                      Instant end) {
  if (!input_.spans) return;
  result_.spans.push_back({gpu, stream, static_cast<std::int16_t>(input_.first_layer + item.layer),
                           item.micro_batch, item.stage, name, begin, end});
}

// From sums over GPUs and counted layers to one layer.
void Pipeline::account() {
  const int layers = count_to_ - count_from_;
  if (layers <= 0) return;
  const double scale = 1.0 / (static_cast<double>(layers) * static_cast<double>(gpus_.size()));
  result_.parts = sums_;
  for (double& k : result_.parts.kernels_s) k *= scale;
  for (double* part : {&result_.parts.dispatch_exposed_s, &result_.parts.combine_exposed_s,
                       &result_.parts.launch_s, &result_.parts.dispatch_s, &result_.parts.combine_s})
    *part *= scale;
  if (count_from_ > 0)
    result_.moe_layer = to_seconds(layer_end_[static_cast<std::size_t>(count_to_ - 1)] -
                                   layer_end_[static_cast<std::size_t>(count_from_ - 1)]) /
                        static_cast<double>(layers);
  else
    result_.moe_layer = to_seconds(layer_end_.back() - Instant{}) / static_cast<double>(layers);
}

}  // namespace tideline::step
