// Times what a family hands over and writes the records. A family makes operands, says how launch i is queued
// and how its output is checked; everything about the method is here and in timer.h.
#pragma once

#include <functional>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "calib/profile/cuda/cublaslt.h"
#include "calib/profile/cuda/device.h"
#include "calib/profile/cuda/timer.h"
#include "calib/profile/journal.h"
#include "calib/profile/record.h"

namespace tideline::profile {

class Cudnn;

struct Subject {
  Enqueue enqueue;  // launch i works on operand set i modulo operand_sets
  int operand_sets = 1;
  records::Texts dtype;
  std::string layout;
  std::vector<std::string> includes;  // everything inside the timed region
  records::Impl implementation;
  // Queues launch 0 and says how far its output is from the reference (reference.h); empty: nothing to check.
  std::function<double()> error;
  double tolerance = 0.02;
  // Several kernels that belong together: the cold timing replays a captured graph of them.
  bool cold_as_graph = false;
};

class Bench {
 public:
  // `done`: keys of records that are there already.
  Bench(Device& device, Journal& journal, RunFacts run, std::set<std::string> done);
  ~Bench();

  Device& device() { return device_; }
  const Timer& timer() const { return timer_; }
  const RunFacts& run() const { return run_; }
  // Fails: Unavailable when the library is not there. Cudnn: also when this program was built without it.
  void load_cublaslt();
  void load_cudnn();
  const CublasLt& cublaslt() const { return *cublaslt_; }
  const Cudnn& cudnn() const { return *cudnn_; }

  // Everything that the point asks for is there already.
  [[nodiscard]] bool is_done(const Point& point) const;
  // Makes what is missing of the cold and the graph record. Fails: DeviceError.
  void measure(const Point& point, const Subject& subject);
  // One record timed by the host's clock.
  void add_host(const Point& point, const Subject& subject, const Statistics& time_us);
  // The fastest of `count` ways to queue the same work, each timed a few times; those that are refused are
  // left out. Fails: DeviceError when all are.
  int fastest(int count, const std::function<Enqueue(int way)>& make) const;

  // While true, records are marked as sentinels and are made even if they are there already.
  void set_sentinel(bool on) { sentinel_ = on; }
  [[nodiscard]] int records() const { return order_; }
  [[nodiscard]] int failed_checks() const { return failed_checks_; }

 private:
  [[nodiscard]] bool wants(const Point& point, const std::string& mode) const;
  [[nodiscard]] double quick_us(const Enqueue& enqueue) const;
  records::Quality check(const Subject& subject) const;
  records::Record start(const Point& point, const Subject& subject, const std::string& mode) const;
  void finish(records::Record record, const NvmlSample& before);

  Device& device_;
  Timer timer_;
  Journal& journal_;
  RunFacts run_;
  std::set<std::string> done_;
  std::optional<CublasLt> cublaslt_;
  std::unique_ptr<Cudnn> cudnn_;
  bool sentinel_ = false;
  int order_ = 0, failed_checks_ = 0;
};

}  // namespace tideline::profile
