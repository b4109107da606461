#include "calib/import/kineto.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "calib/import/utf8.h"

namespace tideline::calib {
namespace {

using Json = nlohmann::json;

constexpr double kTimeMax = 2.3e18;  // nanoseconds, 73 years: sums of a few stay within 64 bits

// Lets the parser pull one character at a time from the source.
struct Characters {
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;

  TextSource* source = nullptr;  // null: the end

  const char& operator*() const { return source->peek(); }
  Characters& operator++() {
    source->advance();
    return *this;
  }
  bool operator==(const Characters& b) const { return done() == b.done(); }
  bool operator!=(const Characters& b) const { return !(*this == b); }
  [[nodiscard]] bool done() const { return !source || source->at_end(); }
};

struct Number {
  double value = 0.0;
  std::int64_t integer = 0;  // where the number is whole and fits
  std::string_view text;     // as written, where it is not whole
};

// Microseconds as written -> nanoseconds, exactly: a double holds today's epoch in us to a quarter of a us.
std::optional<std::int64_t> nanoseconds(const Number& us, bool& fraction) {
  if (std::abs(us.value) * 1e3 > kTimeMax) return std::nullopt;
  if (us.text.empty()) return us.integer * 1000;
  const std::size_t point = us.text.find('.');
  if (point == us.text.npos || us.text.find_first_of("eE") != us.text.npos) {
    fraction |= us.value != std::floor(us.value);
    return std::llround(us.value * 1e3);
  }
  std::int64_t whole = 0;
  const std::string_view digits = us.text.substr(point + 1);
  const bool minus = us.text.front() == '-';
  std::from_chars(us.text.data() + minus, us.text.data() + point, whole);
  std::int64_t thousandths = 0;
  for (std::size_t i = 0; i < 3; ++i)
    thousandths = thousandths * 10 + (i < digits.size() ? digits[i] - '0' : 0);
  fraction |= thousandths != 0;
  const std::int64_t ns = whole * 1000 + thousandths;
  return minus ? -ns : ns;
}

// What an event said of itself; only what is kept.
struct Event {
  std::string phase, category, name;
  std::optional<std::int64_t> start_ns, duration_ns;
  std::optional<std::int64_t> device, stream;
  std::int64_t thread = 0, bytes = 0;
  std::uint64_t correlation = 0;
  LaunchConfig config;

  void clear() {
    phase.clear(), category.clear(), name.clear();
    start_ns.reset(), duration_ns.reset();
    device.reset(), stream.reset();
    thread = bytes = 0;
    correlation = 0;
    config = {};
  }
};

constexpr std::int64_t kDeviceMax = 1 << 30;

std::int32_t id(std::int64_t n) {
  return static_cast<std::int32_t>(std::clamp<std::int64_t>(n, -1, kDeviceMax));
}

bool one_of(std::string_view word, std::initializer_list<std::string_view> known) {
  return std::ranges::find(known, word) != known.end();
}

class Reader : public nlohmann::json_sax<Json> {
 public:
  explicit Reader(TextSource& source) : source_(source) { trace_.file = source.name(); }

  Trace read() {
    trace_.format = "kineto";
    Json::sax_parse(Characters{&source_}, Characters{}, this);
    if (!is_trace_)
      throw InputError({.file = source_.name(),
                        .message = "this is JSON but no trace: there is no list \"traceEvents\"" + found()});
    if (trace_.kernels.empty())
      throw InputError({.file = source_.name(),
                        .message = fmt::format("the trace has {} events but no GPU kernel", events_),
                        .suggestion = "profile with ProfilerActivity.CUDA"});
    trace_.resolution_us = fraction_ ? 0.001 : 1.0;
    trace_.sort();
    return std::move(trace_);
  }

  bool null() override { return understood(); }
  bool boolean(bool) override { return understood(); }
  bool binary(Json::binary_t&) override { return false; }
  bool number_integer(Json::number_integer_t n) override { return number({static_cast<double>(n), n, {}}); }
  bool number_unsigned(Json::number_unsigned_t n) override {
    const auto limit = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
    return number({static_cast<double>(n), static_cast<std::int64_t>(std::min(n, limit)), {}});
  }
  bool number_float(Json::number_float_t x, const std::string& text) override {
    return number({x, std::abs(x) < 9e18 ? static_cast<std::int64_t>(x) : 0, text});
  }
  bool string(std::string& text) override;
  bool key(std::string& name) override {
    if (skipped_ == 0) key_ = name;
    if (depth_ == 1 && keys_seen_.size() < 5) keys_seen_.push_back(name.substr(0, 40));
    return understood();
  }
  bool start_object(std::size_t) override { return open(true); }
  bool start_array(std::size_t) override { return open(false); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) override;

 private:
  enum class In { kTop, kEvents, kEvent, kArguments, kTriple, kDevices, kDevice };

  bool understood() {
    source_.understood();
    return true;
  }
  bool number(const Number& n);
  bool open(bool object);
  std::optional<In> entered(bool object) const;
  bool close();
  void finish_event();
  void finish_kernel();
  void finish_launch();
  [[noreturn]] void fail(std::string message, std::string suggestion = "") const;
  [[nodiscard]] std::string found() const;

  TextSource& source_;
  Trace trace_;
  std::vector<In> in_;
  int depth_ = 0, skipped_ = 0;  // skipped_: lists and objects open that nobody wants
  std::string key_;
  std::vector<std::string> keys_seen_;  // of the top, for a message
  bool is_trace_ = false, fraction_ = false;
  std::int64_t events_ = 0;
  Event event_;
  Gpu gpu_;  // of deviceProperties, the one at hand
  std::int32_t gpu_number_ = 0;
  std::size_t triple_ = 0;
};

void Reader::fail(std::string message, std::string suggestion) const {
  Problem problem = source_.problem(std::move(message));
  problem.pointer = fmt::format("/traceEvents/{}", events_);
  problem.suggestion = std::move(suggestion);
  throw InputError(problem);
}

std::string Reader::found() const {
  if (keys_seen_.empty()) return "";
  return fmt::format("; it holds \"{}\"", fmt::join(keys_seen_, "\", \""));
}

bool Reader::string(std::string& text) {
  if (skipped_ == 0 && !in_.empty()) {
    if (in_.back() == In::kEvent) {
      if (key_ == "ph") event_.phase = text;
      if (key_ == "cat") event_.category = text;
      if (key_ == "name") event_.name = text;
    } else if (in_.back() == In::kDevice && key_ == "name") {
      gpu_.name = as_utf8(text, 200);
    }
  }
  return understood();
}

bool Reader::number(const Number& n) {
  if (skipped_ > 0 || in_.empty()) return understood();
  switch (in_.back()) {
    case In::kEvent:
      if (key_ == "ts") event_.start_ns = nanoseconds(n, fraction_);
      if (key_ == "dur") event_.duration_ns = nanoseconds(n, fraction_);
      if (key_ == "tid") event_.thread = n.integer;
      break;
    case In::kArguments:
      if (key_ == "correlation") event_.correlation = static_cast<std::uint64_t>(n.integer);
      if (key_ == "stream") event_.stream = n.integer;
      if (key_ == "device") event_.device = n.integer;
      if (key_ == "bytes") event_.bytes = n.integer;
      break;
    case In::kTriple:
      if (triple_ < 3) {
        const auto size = static_cast<std::uint32_t>(std::clamp<std::int64_t>(n.integer, 0, 0xffffffff));
        (key_ == "grid" ? event_.config.grid : event_.config.block)[triple_] = size;
      }
      ++triple_;
      break;
    case In::kDevice:
      if (key_ == "id") gpu_number_ = id(n.integer);
      if (key_ == "numSms") gpu_.sms = std::clamp<std::int64_t>(n.integer, 0, 1 << 20);
      if (key_ == "totalGlobalMem") gpu_.memory_bytes = std::max<std::int64_t>(n.integer, 0);
      break;
    default:
      break;
  }
  return understood();
}

// What a list or object is that opens here; none: nobody wants it.
std::optional<Reader::In> Reader::entered(bool object) const {
  if (in_.empty()) return object ? In::kTop : In::kEvents;
  switch (in_.back()) {
    case In::kTop:
      if (!object && key_ == "traceEvents") return In::kEvents;
      if (!object && key_ == "deviceProperties") return In::kDevices;
      return std::nullopt;
    case In::kEvents:
      return object ? std::optional(In::kEvent) : std::nullopt;
    case In::kEvent:
      return object && key_ == "args" ? std::optional(In::kArguments) : std::nullopt;
    case In::kArguments:
      return !object && (key_ == "grid" || key_ == "block") ? std::optional(In::kTriple) : std::nullopt;
    case In::kDevices:
      return object ? std::optional(In::kDevice) : std::nullopt;
    default:
      return std::nullopt;
  }
}

bool Reader::open(bool object) {
  understood();
  if (++depth_ > kKinetoDepthMax)
    fail(fmt::format("more than {} lists and objects in one another", kKinetoDepthMax));
  const std::optional<In> in = skipped_ > 0 ? std::nullopt : entered(object);
  if (!in) return ++skipped_, true;
  in_.push_back(*in);
  if (*in == In::kEvents) is_trace_ = true;
  if (*in == In::kEvent) event_.clear();
  if (*in == In::kDevice) gpu_ = {}, gpu_number_ = static_cast<std::int32_t>(trace_.gpus.size());
  if (*in == In::kTriple) triple_ = 0;
  return true;
}

bool Reader::close() {
  --depth_;
  if (skipped_ > 0) return --skipped_, understood();
  if (in_.back() == In::kEvent) finish_event(), ++events_;
  if (in_.back() == In::kDevice && trace_.gpus.size() < kTraceGpusMax)
    trace_.gpus.try_emplace(gpu_number_, gpu_);
  in_.pop_back();
  return understood();
}

void Reader::finish_event() {
  if (event_.phase != "X") return;
  const std::string& c = event_.category;
  if (one_of(c, {"kernel", "gpu_memcpy", "gpu_memset", "Kernel", "Memcpy", "Memset"})) finish_kernel();
  if (one_of(c, {"cuda_runtime", "cuda_driver", "Runtime", "Driver"})) finish_launch();
  if (c == "user_annotation" && event_.start_ns && event_.duration_ns)
    trace_.ranges.push_back({*event_.start_ns, *event_.start_ns + *event_.duration_ns, event_.thread,
                             trace_.names.number_of(event_.name)});
  if (trace_.kernels.size() + trace_.launches.size() + trace_.ranges.size() > kTraceEventsMax)
    fail(fmt::format("more than {} kernels, launches and ranges", kTraceEventsMax),
         "record fewer steps (torch.profiler.schedule)");
  if (trace_.names.size() > kTraceNamesMax) fail(fmt::format("more than {} names", kTraceNamesMax));
}

void Reader::finish_kernel() {
  const char* missing = !event_.start_ns ? "ts" : !event_.duration_ns ? "dur" : nullptr;
  if (missing)
    fail(fmt::format("a GPU {} without \"{}\", a number of microseconds", event_.category, missing));
  if (*event_.duration_ns < 0) fail(fmt::format("a GPU {} with a negative \"dur\"", event_.category));
  // Without them it would stand on a stream that it did not run on, and look alone.
  if (!event_.device || *event_.device < 0 || *event_.device > kDeviceMax)
    fail(fmt::format("a GPU {} without \"device\", the number of its GPU, in its \"args\"", event_.category));
  if (!event_.stream)
    fail(fmt::format("a GPU {} without \"stream\", the number of its stream, in its \"args\"",
                     event_.category));
  trace_.kernels.push_back({*event_.start_ns, *event_.duration_ns, event_.correlation, event_.bytes,
                            *event_.stream, trace_.names.number_of(event_.name),
                            trace_.config_of(event_.config), static_cast<std::int32_t>(*event_.device)});
}

void Reader::finish_launch() {
  if (!puts_work_on_a_stream(event_.name) || !event_.start_ns || !event_.duration_ns) return;
  trace_.launches.push_back({*event_.start_ns, std::max<std::int64_t>(*event_.duration_ns, 0),
                             event_.correlation, event_.thread, launches_a_kernel(event_.name)});
}

// The parser's own words for what it found, without what it last read: that may be as long as a trace.
bool Reader::parse_error(std::size_t, const std::string&, const nlohmann::detail::exception& e) {
  std::string why = e.what();
  for (const std::string_view before : {"] ", "while parsing ", " - "})
    if (const std::size_t at = why.find(before); at != why.npos) why.erase(0, at + before.size());
  for (const std::string_view after : {"; last read", " parsing '"}) why = why.substr(0, why.find(after));
  Problem problem = source_.problem("broken JSON: " + why);
  if (!in_.empty()) problem.pointer = fmt::format("/traceEvents/{}", events_);
  if (why.find("invalid literal") != why.npos) problem.suggestion = "JSON has no NaN and no Infinity";
  throw InputError(problem);
}

}  // namespace

Trace read_kineto(TextSource& source) {
  return Reader(source).read();
}

}  // namespace tideline::calib
