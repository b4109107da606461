#include "sim/workload/traces/trace_arrivals.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "sim/workload/traces/formats.h"

namespace tideline::workload::traces {
namespace {

constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

// Sets the blocks of copies and repetitions apart: 0 for the trace itself.
std::uint64_t tag_of(std::uint64_t copy, std::uint64_t round) {
  return copy * 0x9e3779b97f4a7c15u ^ round * 0xc2b2ae3d27d4eb4fu;
}

// One copy of the trace, from its own place in it on.
class Copy {
 public:
  Copy(const TraceLoad& load, std::uint32_t copy, double kept, std::uint64_t seed, std::uint32_t run)
      : load_(load),
        copy_(copy),
        kept_(kept),
        pace_(load.scaling == Scaling::kCompression ? 1.0 / load.rate_factor : 1.0),
        words_(seed, run, Purpose::kTrace),
        reader_(open_trace(
            load.file,
            {.format = load.format, .bytes_per_token = load.bytes_per_token, .seed = seed, .run = run})) {
    const bool generated = reader_->traits().is_generated;
    begin_ns_ = generated ? 0 : std::int64_t{copy} * load.copy_shift.ns % load.period_ns();
    // What comes later than any run lasts never comes: read ahead by whole traces, it would leave the clock.
    end_ns_ = load.loop ? kLongestNs : at_pace(load.period_ns());
    reader_->rewind(copy_);
    advance();
  }

  // Of the request at hand; kNever when there are no more.
  [[nodiscard]] std::int64_t at_ns() const { return at_ns_; }
  [[nodiscard]] const Row& row() const { return row_; }
  [[nodiscard]] const Reader& reader() const { return *reader_; }
  [[nodiscard]] std::uint64_t tag() const { return tag_of(copy_, round_); }
  void advance() {
    do at_ns_ = next_ns();
    while (at_ns_ != kNever && kept_ < 1.0 && uniform(words_.block(read_, copy_)[0]) >= kept_);
  }

 private:
  std::int64_t next_ns() {
    for (;;) {
      if (!reader_->next(row_)) {
        if (!round_has_any_) return kNever;
        ++round_;
        round_has_any_ = false;
        reader_->rewind(copy_ + (reader_->traits().is_generated ? round_ * kCopiesMax : 0));
        if (!reader_->next(row_)) return kNever;
      }
      ++read_;
      const std::int64_t place = row_.at_ns - load_.contents.first_ns - load_.offset.ns;
      if (place < 0) continue;
      round_has_any_ = true;
      const std::int64_t at = at_pace(place - begin_ns_) + round_ * at_pace(load_.period_ns());
      if (at >= end_ns_) return kNever;
      if (at >= 0) return at;
    }
  }

  [[nodiscard]] std::int64_t at_pace(std::int64_t ns) const {
    return pace_ == 1.0 ? ns : std::llround(static_cast<double>(ns) * pace_);
  }

  const TraceLoad& load_;
  std::uint32_t copy_;
  double kept_;  // share of requests that stay
  double pace_;  // by which all times are multiplied
  RandomStream words_;
  std::unique_ptr<Reader> reader_;
  std::int64_t begin_ns_ = 0;            // place at which this copy begins, after the offset
  std::int64_t end_ns_ = 0, at_ns_ = 0;  // since its beginning
  std::uint32_t round_ = 0;
  bool round_has_any_ = false;  // requests after the offset
  std::uint64_t read_ = 0;
  Row row_;
};

void fill(const TraceLoad& load, const Row& row, const Reader& reader, std::uint64_t tag,
          ChainedRequest& request) {
  check_row(reader, row, load);
  request.arrival.request_class = class_of(reader, row, load);
  request.arrival.lengths = {.input = static_cast<std::int32_t>(row.input),
                             .cached = static_cast<std::int32_t>(row.cached),
                             .output = static_cast<std::int32_t>(row.output)};
  request.chain.clear();
  for (const std::uint64_t block : row.blocks) request.chain.push_back({block ^ tag, 1});
  request.prompt_extents = request.chain.size();
}

class TimedTrace : public ChainSource {
 public:
  TimedTrace(const TraceLoad& load, std::uint64_t seed, std::uint32_t run, Instant start)
      : load_(load), start_(start) {
    const double copies = load.scaling == Scaling::kCopies ? load.rate_factor : 1.0;
    for (std::uint32_t i = 0; i < copies; ++i) copies_.emplace_back(load, i, copies - i, seed, run);
  }

  bool next(ChainedRequest& request) override {
    Copy& first = *std::ranges::min_element(copies_, {}, &Copy::at_ns);
    if (first.at_ns() == kNever) return false;
    fill(load_, first.row(), first.reader(), first.tag(), request);
    request.arrival.at = start_ + Duration{first.at_ns()};
    first.advance();
    return true;
  }

 private:
  const TraceLoad& load_;
  Instant start_;
  std::vector<Copy> copies_;
};

// A list of lengths, in its order, at the times of a Poisson process.
class UntimedTrace : public ChainSource {
 public:
  UntimedTrace(const TraceLoad& load, std::uint64_t seed, std::uint32_t run, Instant start)
      : load_(load),
        reader_(open_trace(load.file, {.format = load.format, .bytes_per_token = load.bytes_per_token})),
        gaps_(seed, run, Purpose::kArrival),
        at_(start) {}

  bool next(ChainedRequest& request) override {
    if (!reader_->next(row_)) {
      if (!load_.loop) return false;
      reader_->rewind();
      if (!reader_->next(row_)) return false;
    }
    fill(load_, row_, *reader_, 0, request);
    at_ = at_ + to_duration(Seconds(-std::log(uniform(gaps_.block(read_++)[0])) / load_.rate_factor));
    request.arrival.at = at_;
    return true;
  }

 private:
  const TraceLoad& load_;
  std::unique_ptr<Reader> reader_;
  RandomStream gaps_;
  Instant at_;
  std::uint64_t read_ = 0;
  Row row_;
};

}  // namespace

std::unique_ptr<ChainSource> make_trace_arrivals(const TraceLoad& load, std::uint64_t seed, std::uint32_t run,
                                                 Instant start) {
  if (load.has_times) return std::make_unique<TimedTrace>(load, seed, run, start);
  return std::make_unique<UntimedTrace>(load, seed, run, start);
}

}  // namespace tideline::workload::traces
