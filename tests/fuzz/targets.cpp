#include "tests/fuzz/targets.h"

#include <sys/mman.h>
#include <unistd.h>

#include <string>

#include "calib/import/csv.h"
#include "calib/import/host.h"
#include "calib/import/import_file.h"
#include "calib/import/kineto.h"
#include "calib/import/nsys.h"
#include "calib/records/merge.h"
#include "calib/records/read.h"
#include "sim/base/check.h"
#include "sim/base/error.h"

namespace tideline::fuzz {
namespace {

using namespace tideline::calib;

// A file in memory, for readers that want a path.
class MemoryFile {
 public:
  explicit MemoryFile(std::string_view bytes) : descriptor_(memfd_create("fuzz", 0)) {
    CHECK(write(descriptor_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()));
  }
  MemoryFile(const MemoryFile&) = delete;
  MemoryFile& operator=(const MemoryFile&) = delete;
  ~MemoryFile() { close(descriptor_); }
  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(descriptor_); }

 private:
  int descriptor_;
};

const Rules& some_rules() {
  static const Rules rules = parse_rules(R"({
    "source": {"origin": "{source}", "date": "2025-02-27"}, "device": {"name": "GPU", "sms": 132},
    "kernels": [
      {"kernel": "gemm<([0-9]+)>", "family": "dense_gemm_fp8", "op": "g", "library": "l",
       "range": "a", "nth": [1, 2],
       "shape": {"m": "padded / 2", "n": "$1", "k": "grid_x * block_y"},
       "flop": "2 * m * n * k", "sms": "grid_x"},
      {"kernel": "rows", "family": "streaming", "op": "s", "library": "l", "range": "a",
       "shape": {"bytes": "copied_bytes"}, "remember": {"padded": "grid_y"}},
      {"kernel": "nccl|deep_ep", "family": "exchange_setup", "op": "e", "library": "l"}],
    "rows": [{"where": {"op": "x"}, "family": "dense_gemm_fp8", "op": "{op}", "library": "{library}",
              "shape": {"m": "m", "n": "n * 2", "k": "n / m"}, "time_us": "t / 1000", "bytes": "m * n"}]})",
                                         "rules");
  return rules;
}

void read_back(const std::vector<tideline::records::Record>& written) {
  using namespace tideline::records;
  CHECK(parse_records(to_lines(written), "written by the importer").size() == written.size());
}

void use(const Trace& trace) {
  const Imported imported = import_trace(trace, some_rules());
  CHECK(imported.mapped_us <= imported.time_us * (1.0 + 1e-9));
  read_back(imported.records);
  (void)host_pace_csv(host_pace(trace), some_rules());
}

template <class Body>
void unless_refused(Body body) {
  try {
    body();
  } catch (const InputError&) {  // the answer that broken input wants
  }
}

}  // namespace

void kineto(std::string_view bytes) {
  std::optional<Trace> trace;
  unless_refused([&] {
    TextSource source = TextSource::of(bytes, "trace.json");
    trace = read_kineto(source);
  });
  if (trace) use(*trace);
}

void gzip(std::string_view bytes) {
  const MemoryFile file(bytes);
  unless_refused([&] { (void)read_trace(file.path(), format_of(file.path())); });
}

void nsys(std::string_view bytes) {
  const MemoryFile file(bytes);
  std::optional<Trace> trace;
  unless_refused([&] { trace = read_nsys(file.path()); });
  if (trace) use(*trace);
}

void csv(std::string_view bytes) {
  std::vector<tideline::records::Record> written;
  unless_refused([&] {
    TextSource source = TextSource::of(bytes, "table.csv");
    const Imported imported = import_csv(source, some_rules());
    written = imported.records;
  });
  read_back(written);
}

void rules(std::string_view bytes) {
  unless_refused([&] { (void)parse_rules(std::string(bytes), "rules.json"); });
}

void records(std::string_view bytes) {
  std::vector<tideline::records::Record> read;
  unless_refused([&] { read = tideline::records::parse_records(bytes, "records.jsonl"); });
  const std::string lines = tideline::records::to_lines(read);
  CHECK(tideline::records::to_lines(tideline::records::parse_records(lines, "again")) == lines);
  CHECK(tideline::records::merge(read).size() <= read.size());
}

}  // namespace tideline::fuzz
