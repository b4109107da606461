// The layers of a step on every GPU of a unit, event by event: the inside of StepSimulation, which adds what
// stands outside the layers.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "sim/engine/event_queue.h"
#include "sim/step/exchanges.h"
#include "sim/step/program.h"
#include "sim/step/rank_load.h"
#include "sim/step/timeline.h"

namespace tideline::step {

// How the host launches kernels one by one, ahead of the GPU.
struct Host {
  double per_launch_ns = 0;  // 0: replayed from a graph, the host sets no pace
  double latency_ns = 0;     // from a launch to the start of its kernel
  // A dispatch that tells the host how many tokens will come: it launches nothing more before all GPUs have
  // come to it.
  bool waits_for_counts = false;
  [[nodiscard]] bool sets_pace() const { return per_launch_ns > 0; }
};

struct PipelineInput {
  const Schedule* schedule = nullptr;
  const StageWaits* waits = nullptr;
  int layers = 0, dense_layers = 0;           // the dense ones come first
  int first_layer = 0;                        // number of the first, for spans and traffic
  std::span<const RankProgram* const> ranks;  // by GPU
  std::span<const double> tokens;             // of one micro-batch, by GPU
  const ExpertProgram* experts = nullptr;
  const Exchanges* exchanges = nullptr;  // none: one GPU, or no experts
  double gap_ns = 0;                     // between kernels
  bool slowed_beside = false;            // is a kernel slower while an exchange runs on its GPU?
  Host host;
  bool spans = false;
};

class Pipeline {
 public:
  Pipeline(const PipelineInput& input, TrafficSource& traffic, SimulatedStep& result);

  // Runs the layers; GPU g may begin at start[g]. Returns when each GPU is done.
  std::vector<Instant> run(const std::vector<Instant>& start);

 private:
  enum class Phase : std::uint8_t {
    kExchangeEnd,  // first: what a kernel that starts at this instant waits for, or runs beside
    kKernelEnd,
  };
  struct Event {
    std::int32_t gpu = 0, item = 0;
    std::uint32_t told = 0;  // of a kernel's end: void where it was told again
  };
  // An entry of the schedule at a layer.
  struct Item {
    Stream stream = Stream::kCompute;
    std::int8_t micro_batch = 0;
    Stage stage = Stage::kAttention0;
    std::int16_t layer = 0;
  };
  struct Lane {
    std::size_t next = 0;  // into the items of the stream
    bool busy = false;
    Instant free;
  };
  // A kernel that exchanges slow down.
  struct Running {
    std::int32_t item = -1;  // none
    Kernel kernel;
    Instant from, begin, since;
    double left = 0;  // of its work, at `since`
    bool beside = false;
    // All of its work, as things stand.
    [[nodiscard]] double ns() const { return beside ? kernel.time.beside_ns : kernel.time.alone_ns; }
  };
  struct Gpu {
    std::array<Lane, 2> lanes;  // by stream
    std::size_t kernel = 0;     // of the running stage, the next to start
    int exchanges = 0;          // under way
    Running running;
    std::uint32_t told = 0;                                   // how often an end of a kernel was
    std::array<std::array<std::int16_t, kStages>, 2> done{};  // last layer of which a stage is done, by batch
    std::array<std::array<Instant, kStages>, 2> done_at{};
    std::size_t launched = 0;  // items that the host has come past
    bool host_waits = false;   // for the counts of the last of them
    Instant host_free;
    std::vector<Instant> launched_at;  // by item: its first launch
  };
  // All GPUs come to a dispatch or a combine of a micro-batch.
  struct Meeting {
    int entered = 0;
    std::vector<Instant> begin;  // by GPU
  };
  // Where the tokens of a micro-batch go in the layer that it is in.
  struct Routed {
    int layer = -1;
    ExpertTraffic traffic;
    Exchange exchange;
  };

  void flatten();
  [[nodiscard]] bool ready(const Gpu& gpu, std::int32_t item) const;
  [[nodiscard]] const Wait* last_wait(const Gpu& gpu, const Item& item, Instant& at) const;
  [[nodiscard]] std::size_t kernels_of(int gpu, const Item& item) const;
  [[nodiscard]] bool exchanges(const Item& item) const;
  void launch(int gpu);
  void advance(int gpu);
  bool start_next(int gpu, Stream stream);
  void run_kernels(int gpu, std::int32_t item, Instant at);
  void start_kernel(int gpu, std::int32_t item, Instant at);
  void tell_end(int gpu);
  void change_exchanges(int gpu, int by);
  void end_kernels(const Event& event);
  [[nodiscard]] Kernel kernel_of(int gpu, const Item& item);
  [[nodiscard]] Instant begin_of(const Gpu& gpu, std::int32_t item, Instant at) const;
  void count(int gpu, const Item& item, const Kernel& kernel, Instant from, Instant begin, Instant end);
  void enter(int gpu, std::int32_t item);
  void finish_exchange(Meeting& meeting, std::int32_t item);
  void end_exchange(int gpu, std::int32_t item);
  void leave_lane(int gpu, const Item& item);
  const Routed& routed(int layer, int micro_batch);
  void finish(Gpu& gpu, const Item& item);
  void record(int gpu, const Item& item, Kind kind, std::string_view name, Instant begin, Instant end);
  [[nodiscard]] bool is_dense(int layer) const { return layer < input_.dense_layers; }
  [[nodiscard]] bool counts(int layer) const { return layer >= count_from_ && layer < count_to_; }
  void account();

  PipelineInput input_;
  TrafficSource& traffic_source_;
  SimulatedStep& result_;
  std::vector<Item> items_;                                // in the order in which the host launches them
  std::array<std::vector<std::int32_t>, 2> stream_items_;  // the same by stream
  std::vector<Gpu> gpus_;
  std::array<std::array<Meeting, 2>, 2> meetings_;  // by micro-batch; dispatch, combine
  std::array<Routed, 2> routed_;                    // by micro-batch
  std::vector<double> ready_s_, end_s_;             // buffers
  engine::EventQueue<Phase, Event> events_;
  std::vector<Instant> layer_end_;
  LayerParts sums_;
  int count_from_ = 0, count_to_ = 0;  // MoE layers in the steady state
};

}  // namespace tideline::step
