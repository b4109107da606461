#include "calib/profile/cuda/session.h"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <map>

#include "calib/profile/cuda/bench.h"
#include "calib/profile/families.h"
#include "calib/profile/families/families.h"
#include "calib/profile/schedule.h"
#include "calib/profile/sweep.h"
#include "sim/base/digest.h"

namespace tideline::profile {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr double kWarmUpSeconds = 2.0;

volatile std::sig_atomic_t interrupted = 0;

const std::map<std::string, void (*)(const Point&, Bench&)> kRun{{"launch", run_launch},
                                                                 {"copy", run_copy},
                                                                 {"dense_gemm", run_dense_gemm},
                                                                 {"dense_gemm_lent", run_dense_gemm},
                                                                 {"batched_gemm", run_batched_gemm},
                                                                 {"bf16_gemm", run_bf16_gemm},
                                                                 {"layer", run_layer},
                                                                 {"mla_prefill", run_mla_prefill},
                                                                 {"grouped_gemm", run_grouped_gemm}};

std::string hex(std::string_view text) {
  Digest digest;
  digest.add(text);
  char word[20];
  std::snprintf(word, sizeof word, "%016llx", static_cast<unsigned long long>(digest.value()));
  return word;
}

RunFacts run_facts() {
  char host[256] = {}, utc[32] = {};
  gethostname(host, sizeof host - 1);
  const std::time_t now = std::time(nullptr);
  std::strftime(utc, sizeof utc, "%Y-%m-%dT%H:%M:%SZ", std::gmtime(&now));
  RunFacts run;
  run.run.utc = utc;
  run.run.host_hash = hex(host);
  run.run.id = hex(std::string(utc) + host + std::to_string(getpid()));
  run.nvcc = TIDELINE_NVCC;
  run.git = TIDELINE_GIT_REV;
  return run;
}

// The libraries that the families need. A family whose library is not there is left out when it was not asked
// for by name. Fails: Unavailable when it was.
std::vector<std::string> load_libraries(const std::vector<std::string>& asked, Bench& bench) {
  std::map<Library, std::string> missing{{Library::kNone, ""}};
  std::vector<std::string> names;
  for (const Family& family : kFamilies) {
    if (!asked.empty() && std::find(asked.begin(), asked.end(), family.name) == asked.end()) continue;
    if (!missing.contains(family.needs)) try {
        if (family.needs == Library::kCublasLt) bench.load_cublaslt();
        if (family.needs == Library::kCudnn) bench.load_cudnn();
        missing[family.needs] = "";
      } catch (const Unavailable& e) {
        if (!asked.empty()) throw;
        missing[family.needs] = e.what();
      }
    const std::string& why = missing[family.needs];
    if (why.empty())
      names.emplace_back(family.name);
    else
      std::fprintf(stderr, "left out: %s: %s\n", std::string(family.name).c_str(), why.c_str());
  }
  return names;
}

std::set<std::string> keys_there(const Arguments& arguments) {
  if (arguments.resume.empty()) return {};
  std::error_code not_there;  // a new file to go on in is no other name of the old one
  return read_keys(arguments.resume, /*mend=*/fs::equivalent(arguments.resume, arguments.out, not_there));
}

std::set<std::string> begun_there(const Arguments& arguments) {
  return arguments.resume.empty() ? std::set<std::string>{} : read_begun(arguments.resume);
}

class Session {
 public:
  explicit Session(const Arguments& arguments)
      : budget_(arguments.budget_s),
        keys_(keys_there(arguments)),
        never_ended_(begun_there(arguments)),
        device_(arguments.device),
        journal_(arguments.out),
        begun_(arguments.out, !arguments.resume.empty()),
        out_(arguments.out),
        begun_path_(begun_path(arguments.resume)),
        bench_(device_, journal_, run_facts(), keys_),
        families_(load_libraries(arguments.families, bench_)) {}

  int run() {
    announce();
    warm_up();
    const std::vector<Point> plan = plan_sweep(families_);
    std::string family;
    std::size_t at = 0;
    for (; at < plan.size() && interrupted == 0; ++at) {
      if (bench_.is_done(plan[at])) {
        ++done_before_;
        continue;
      }
      if (plan[at].family != family) {
        family = plan[at].family;
        std::fprintf(stderr, "%6.1f s  %s\n", elapsed(), family.c_str());
        sentinels();
      }
      if (!supported(plan[at]) || passed_over(plan[at])) continue;
      const double guess = guess_seconds(plan[at]);
      if (!budget_.fits(elapsed(), guess + kLastSeconds)) break;
      measure(plan[at], guess);
    }
    sentinels();
    summarise_run(plan.size() - at);
    return interrupted != 0 ? 130 : 0;
  }

 private:
  static constexpr double kLastSeconds = 0.5;  // the sentinels at the end

  [[nodiscard]] double elapsed() const {
    return std::chrono::duration<double>(Clock::now() - begin_).count();
  }
  [[nodiscard]] bool has(Library library) const {
    return std::any_of(families_.begin(), families_.end(),
                       [&](const std::string& name) { return find_family(name)->needs == library; });
  }
  // A device with fewer SMs than a point asks for has nothing to lend.
  [[nodiscard]] bool supported(const Point& point) { return point.sms < device_.facts().sms; }

  // The point by its key, in whichever way it is timed.
  [[nodiscard]] std::string begun_key(const Point& point) const {
    return key_of(bench_.run(), point, "begun");
  }
  // A point that ended the run before would end this one too.
  [[nodiscard]] bool passed_over(const Point& point) {
    const std::string key = begun_key(point);
    if (!never_ended_.contains(key)) return false;
    if (told_.insert(key).second)
      std::fprintf(stderr,
                   "passed over: %s: a run before ended in it; to try it again, delete its line in %s\n",
                   to_string(point).c_str(), begun_path_.c_str());
    return true;
  }

  void announce() {
    const records::Device& f = device_.facts();
    std::fprintf(
        stderr, "%s, %lld SMs, %.0f MB L2, %.0f GB, driver %s; cuBLASLt %s, cuDNN %s\n", f.name.c_str(),
        static_cast<long long>(f.sms), static_cast<double>(f.l2_bytes.value_or(0)) / 1e6,
        static_cast<double>(f.memory_bytes.value_or(0)) / 1e9, f.driver.value_or("unknown (no NVML)").c_str(),
        dotted_version(bench_.run().cublaslt).c_str(), dotted_version(bench_.run().cudnn).c_str());
  }

  // The card is cool and idle at first: two seconds of copies bring its clocks and temperature near those of
  // work.
  void warm_up() {
    while (elapsed() < kWarmUpSeconds) {
      for (int i = 0; i < 200; ++i) bench_.timer().flush();
      device_.synchronise();
    }
  }

  void measure(const Point& point, double guess) {
    const double before = elapsed();
    device_.release();
    begun_.begin(begun_key(point));
    try {
      kRun.at(point.family)(point, bench_);
    } catch (const DeviceError& e) {
      if (e.lost) tell_lost(point);
      if (e.lost) throw;
      ++refused_;
      std::fprintf(stderr, "left out: %s: %s\n", to_string(point).c_str(), e.what());
    } catch (...) {
      begun_.end();  // a full disk, or our mistake: not the point's
      throw;
    }
    begun_.end();
    budget_.learn(guess, elapsed() - before);
  }

  void tell_lost(const Point& point) const {
    std::fprintf(stderr, "the device was lost in: %s\n", to_string(point).c_str());
    if (out_ != "-") std::fprintf(stderr, "--resume %s goes on without it\n", out_.c_str());
  }

  // One product and one copy, the same between all families: how the card drifts.
  void sentinels() {
    if (interrupted != 0) return;
    bench_.set_sentinel(true);
    for (const Point& point : {dense_gemm(4096, 7168, 2048), copy("copy_d2d", std::int64_t{1} << 28)})
      if ((point.family == "copy" || has(Library::kCublasLt)) && !passed_over(point))
        measure(point, guess_seconds(point));
    bench_.set_sentinel(false);
  }

  void summarise_run(std::size_t left) const {
    std::fprintf(stderr,
                 "%6.1f s  %d records; %zu points there before, %d refused, %d records failed their check",
                 elapsed(), bench_.records(), done_before_, refused_, bench_.failed_checks());
    if (!told_.empty()) std::fprintf(stderr, ", %zu passed over", told_.size());
    if (left > 0) std::fprintf(stderr, "; %zu points left, --resume goes on", left);
    std::fprintf(stderr, "\n");
  }

  const Clock::time_point begin_ = Clock::now();
  Budget budget_;
  // Before the journal: without a file to resume or without a GPU none is made.
  std::set<std::string> keys_, never_ended_;
  Device device_;
  Journal journal_;
  Begun begun_;
  std::string out_, begun_path_;
  Bench bench_;
  std::vector<std::string> families_;
  std::set<std::string> told_;  // of never_ended_, those that were met
  std::size_t done_before_ = 0;
  int refused_ = 0;
};

}  // namespace

int run_session(const Arguments& arguments) {
  const fs::path out = arguments.out;
  if (out != "-" && arguments.resume.empty() && fs::exists(out) && fs::file_size(out) > 0)
    throw UsageError(arguments.out + ": is there already; --resume " + arguments.out + " goes on in it");
  std::signal(SIGINT, [](int) { interrupted = 1; });
  std::signal(SIGTERM, [](int) { interrupted = 1; });
  return Session(arguments).run();
}

}  // namespace tideline::profile
