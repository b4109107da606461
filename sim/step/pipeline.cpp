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

template <class Enum>
std::size_t index(Enum e) {
  return static_cast<std::size_t>(e);
}

// Of many MoE layers so many at either end are not counted: there the pipeline fills and drains.
constexpr int kEnoughLayers = 8, kEdge = 3;

// Kernels that a dispatch and a combine of DeepEP's normal mode are: layout, counts and tokens; notification
// and tokens (deepseek-ai/profile-data, training trace).
constexpr std::size_t kDispatchLaunches = 3, kCombineLaunches = 2;

}  // namespace

Pipeline::Pipeline(const PipelineInput& input, TrafficSource& traffic, SimulatedStep& result)
    : input_(input), traffic_source_(traffic), result_(result), gpus_(input.ranks.size()) {
  flatten();
  for (Gpu& gpu : gpus_) {
    for (auto& batch : gpu.done) batch.fill(kNoLayer);
    if (input.host.sets_pace()) gpu.launched_at.resize(items_.size());
  }
  for (auto& batch : meetings_)
    for (Meeting& e : batch) e.begin.resize(gpus_.size());
  ready_s_.resize(gpus_.size());
  layer_end_.resize(static_cast<std::size_t>(input.layers));
  const int edge = input.layers - input.dense_layers >= kEnoughLayers ? kEdge : 0;
  count_from_ = input.dense_layers + edge;
  count_to_ = input.layers - edge;
}

// The entries of every layer, one layer after the other, and one pass more for what is ended a layer later.
void Pipeline::flatten() {
  for (int pass = 0; pass <= input_.layers; ++pass)
    for (const ScheduleEntry& entry : input_.schedule->layer) {
      const int layer = pass - entry.layers_back;
      if (layer < 0 || layer >= input_.layers) continue;
      stream_items_[static_cast<std::size_t>(entry.stream)].push_back(
          static_cast<std::int32_t>(items_.size()));
      items_.push_back({entry.stream, static_cast<std::int8_t>(entry.micro_batch), entry.stage,
                        static_cast<std::int16_t>(layer)});
    }
}

// Does this item move tokens between GPUs?
bool Pipeline::exchanges(const Item& item) const {
  return is_exchange(item.stage) && !is_dense(item.layer) && input_.exchanges != nullptr;
}

bool Pipeline::ready(const Gpu& gpu, std::int32_t i) const {
  const Item& item = items_[static_cast<std::size_t>(i)];
  if (input_.host.sets_pace() && gpu.launched <= static_cast<std::size_t>(i)) return false;
  const auto& done = gpu.done[static_cast<std::size_t>(item.micro_batch)];
  return std::ranges::all_of((*input_.waits)[index(item.stage)], [&](const Wait& w) {
    return done[index(w.stage)] >= item.layer - w.layers_back;
  });
}

// What an item waited for last, and since when it is done; none: for nothing.
const Wait* Pipeline::last_wait(const Gpu& gpu, const Item& item, Instant& at) const {
  const auto& done_at = gpu.done_at[static_cast<std::size_t>(item.micro_batch)];
  const Wait* last = nullptr;
  for (const Wait& w : (*input_.waits)[index(item.stage)])
    if (last == nullptr || done_at[index(w.stage)] > at) last = &w, at = done_at[index(w.stage)];
  return last;
}

std::size_t Pipeline::kernels_of(int gpu, const Item& item) const {
  if (is_exchange(item.stage)) {
    if (!exchanges(item)) return 0;
    return item.stage == Stage::kDispatch ? kDispatchLaunches : kCombineLaunches;
  }
  const RankProgram& rank = *input_.ranks[static_cast<std::size_t>(gpu)];
  if (is_dense(item.layer)) return rank.dense[index(item.stage)].size();
  if (item.stage == Stage::kMlp) return input_.experts->kernels();
  return rank.moe[index(item.stage)].size();
}

std::vector<Instant> Pipeline::run(const std::vector<Instant>& start) {
  events_.start_at(*std::min_element(start.begin(), start.end()));
  for (std::size_t g = 0; g < gpus_.size(); ++g) {
    Gpu& gpu = gpus_[g];
    gpu.lanes[0].free = gpu.lanes[1].free = gpu.host_free = start[g];
    for (auto& batch : gpu.done_at) batch.fill(start[g]);
    launch(static_cast<int>(g));
  }
  for (std::size_t g = 0; g < gpus_.size(); ++g) advance(static_cast<int>(g));
  while (!events_.empty()) {
    const bool exchange = events_.next_phase() == Phase::kExchangeEnd;
    const Event event = events_.take();
    ++result_.events;
    if (exchange)
      end_exchange(event.gpu, event.item);
    else
      end_kernels(event);
  }
  std::vector<Instant> end;
  for (const Gpu& gpu : gpus_) {
    for (const Stream s : {Stream::kCompute, Stream::kCommunication})
      CHECK(gpu.lanes[index(s)].next == stream_items_[index(s)].size(), "a GPU stopped at entry {} of {}",
            gpu.lanes[index(s)].next, stream_items_[index(s)].size());
    const Instant computed = gpu.lanes[index(Stream::kCompute)].free;
    end.push_back(std::max(computed, gpu.lanes[index(Stream::kCommunication)].free));
    // No layer follows to wait for the last combine.
    if (counts(input_.layers - 1)) sums_.combine_exposed_s += seconds(end.back() - computed);
  }
  account();
  return end;
}

// The host launches ahead of the GPU, as far as it need not wait for it.
void Pipeline::launch(int g) {
  if (!input_.host.sets_pace()) return;
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  while (!gpu.host_waits && gpu.launched < items_.size()) {
    const Item& item = items_[gpu.launched];
    gpu.launched_at[gpu.launched++] = after(gpu.host_free, input_.host.latency_ns);
    gpu.host_free =
        after(gpu.host_free, static_cast<double>(kernels_of(g, item)) * input_.host.per_launch_ns);
    gpu.host_waits = input_.host.waits_for_counts && item.stage == Stage::kDispatch && exchanges(item);
  }
}

// Starts whatever both streams of a GPU can start now; exchanges first, for kernels to run beside them.
void Pipeline::advance(int g) {
  while (start_next(g, Stream::kCommunication) || start_next(g, Stream::kCompute)) {
  }
}

bool Pipeline::start_next(int g, Stream stream) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  Lane& lane = gpu.lanes[index(stream)];
  const auto& items = stream_items_[index(stream)];
  if (lane.busy || lane.next == items.size() || !ready(gpu, items[lane.next])) return false;
  const std::int32_t i = items[lane.next];
  const Item item = items_[static_cast<std::size_t>(i)];
  if (kernels_of(g, item) == 0) {
    ++lane.next;
    finish(gpu, item);
    return true;
  }
  lane.busy = true;
  if (is_exchange(item.stage)) {
    enter(g, i);
    return true;
  }
  Instant at = lane.free;
  const Wait* wait = last_wait(gpu, item, at);
  at = std::max(at, lane.free);
  if (counts(item.layer))
    (wait != nullptr && wait->stage == Stage::kDispatch ? sums_.dispatch_exposed_s
                                                        : sums_.combine_exposed_s) += seconds(at - lane.free);
  gpu.kernel = 0;
  run_kernels(g, i, at);
  return true;
}

// The kernel of a stage that is next.
Kernel Pipeline::kernel_of(int g, const Item& item) {
  const std::size_t next = gpus_[static_cast<std::size_t>(g)].kernel;
  const RankProgram& rank = *input_.ranks[static_cast<std::size_t>(g)];
  if (is_dense(item.layer)) return rank.dense[index(item.stage)][next];
  if (item.stage != Stage::kMlp) return rank.moe[index(item.stage)][next];
  const ExpertTraffic& traffic = routed(item.layer, item.micro_batch).traffic;
  return input_.experts->at(next, traffic.rows[static_cast<std::size_t>(g)]);
}

// Of the next kernel, when the one before it ended at `at`.
Instant Pipeline::begin_of(const Gpu& gpu, std::int32_t i, Instant at) const {
  const Instant begin = after(at, input_.gap_ns);
  if (!input_.host.sets_pace()) return begin;
  return std::max(begin, after(gpu.launched_at[static_cast<std::size_t>(i)],
                               static_cast<double>(gpu.kernel) * input_.host.per_launch_ns));
}

// Kernels of a stage, one after the other: up to its end at once, or each by itself where exchanges slow it.
void Pipeline::run_kernels(int g, std::int32_t i, Instant at) {
  if (input_.slowed_beside) return start_kernel(g, i, at);
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Item& item = items_[static_cast<std::size_t>(i)];
  for (const std::size_t kernels = kernels_of(g, item); gpu.kernel < kernels; ++gpu.kernel) {
    const Kernel kernel = kernel_of(g, item);
    const Instant begin = begin_of(gpu, i, at), end = after(begin, kernel.time.alone_ns);
    count(g, item, kernel, at, begin, end);
    at = end;
  }
  events_.schedule(at, Phase::kKernelEnd, {g, i});
}

void Pipeline::start_kernel(int g, std::int32_t i, Instant at) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Instant begin = begin_of(gpu, i, at);
  gpu.running = {.item = i,
                 .kernel = kernel_of(g, items_[static_cast<std::size_t>(i)]),
                 .from = at,
                 .begin = begin,
                 .since = begin,
                 .left = 1.0,
                 .beside = gpu.exchanges > 0};
  tell_end(g);
}

// When it ends as things stand.
void Pipeline::tell_end(int g) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Running& r = gpu.running;
  events_.schedule(after(r.since, r.left * r.ns()), Phase::kKernelEnd, {g, r.item, ++gpu.told});
}

// An exchange begins or ends: what is left of the running kernel takes longer, or less.
void Pipeline::change_exchanges(int g, int by) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  gpu.exchanges += by;
  Running& r = gpu.running;
  const bool beside = gpu.exchanges > 0;
  if (r.item < 0 || r.beside == beside) return;
  if (const Instant now = events_.now(); now > r.since) {
    r.left = std::max(0.0, r.left - static_cast<double>((now - r.since).ns) / r.ns());
    r.since = now;
  }
  r.beside = beside;
  tell_end(g);
}

void Pipeline::end_kernels(const Event& event) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(event.gpu)];
  const Item& item = items_[static_cast<std::size_t>(event.item)];
  if (input_.slowed_beside) {
    if (event.told != gpu.told) return;
    count(event.gpu, item, gpu.running.kernel, gpu.running.from, gpu.running.begin, events_.now());
    gpu.running.item = -1;
    if (++gpu.kernel < kernels_of(event.gpu, item)) return start_kernel(event.gpu, event.item, events_.now());
  }
  leave_lane(event.gpu, item);
}

// A kernel that ran after the one that ended at `from`.
void Pipeline::count(int g, const Item& item, const Kernel& kernel, Instant from, Instant begin,
                     Instant end) {
  if (counts(item.layer)) {
    sums_.launch_s += seconds(begin - from);
    sums_.kernels_s[static_cast<std::size_t>(kernel.kind)] += seconds(end - begin);
  }
  record(g, item, kernel.kind, kernel.name, begin, end);
  ++result_.kernels;
}

// What its stream ran is over: whatever can start now does.
void Pipeline::leave_lane(int g, const Item& item) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  Lane& lane = gpu.lanes[index(item.stream)];
  lane.busy = false;
  lane.free = events_.now();
  ++lane.next;
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

void Pipeline::enter(int g, std::int32_t i) {
  Gpu& gpu = gpus_[static_cast<std::size_t>(g)];
  const Item& item = items_[static_cast<std::size_t>(i)];
  Meeting& e = meetings_[static_cast<std::size_t>(item.micro_batch)][item.stage == Stage::kCombine ? 1 : 0];
  Instant& begin = e.begin[static_cast<std::size_t>(g)];
  begin = events_.now();
  if (input_.host.sets_pace()) begin = std::max(begin, gpu.launched_at[static_cast<std::size_t>(i)]);
  change_exchanges(g, 1);
  if (++e.entered == static_cast<int>(gpus_.size())) finish_exchange(e, i);
}

// All GPUs have come: when each is done is settled.
void Pipeline::finish_exchange(Meeting& e, std::int32_t i) {
  const Item item = items_[static_cast<std::size_t>(i)];
  const bool combine = item.stage == Stage::kCombine;
  const Instant first = *std::ranges::min_element(e.begin), last = *std::ranges::max_element(e.begin);
  for (std::size_t g = 0; g < gpus_.size(); ++g) ready_s_[g] = seconds(e.begin[g] - first);
  input_.exchanges->ends(routed(item.layer, item.micro_batch).exchange, combine, ready_s_, end_s_);
  e.entered = 0;
  for (std::size_t g = 0; g < gpus_.size(); ++g) {
    const Instant end = std::max(after(first, end_s_[g] * 1e9), events_.now());
    if (counts(item.layer)) {
      const double in_flight = seconds(end - e.begin[g]);
      (combine ? sums_.combine_s : sums_.dispatch_s) += in_flight;
      if (item.stream == Stream::kCompute)  // nothing hides it
        (combine ? sums_.combine_exposed_s : sums_.dispatch_exposed_s) += in_flight;
    }
    record(static_cast<int>(g), item, Kind::kExchange, to_string(item.stage), e.begin[g], end);
    events_.schedule(end, Phase::kExchangeEnd, {static_cast<std::int32_t>(g), i});
  }
  if (!input_.host.waits_for_counts || combine) return;
  for (std::size_t g = 0; g < gpus_.size(); ++g) {
    gpus_[g].host_waits = false;
    gpus_[g].host_free = std::max(gpus_[g].host_free, last);
    launch(static_cast<int>(g));
  }
  for (std::size_t g = 0; g < gpus_.size(); ++g) advance(static_cast<int>(g));
}

void Pipeline::end_exchange(int g, std::int32_t i) {
  change_exchanges(g, -1);
  leave_lane(g, items_[static_cast<std::size_t>(i)]);
}

void Pipeline::record(int gpu, const Item& item, Kind kind, std::string_view name, Instant begin,
                      Instant end) {
  if (!input_.spans) return;
  result_.spans.push_back({gpu, item.stream, static_cast<std::int16_t>(input_.first_layer + item.layer),
                           item.micro_batch, item.stage, kind, name, begin, end});
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
