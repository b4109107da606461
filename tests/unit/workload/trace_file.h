// A trace in a scratch file, gone after the test; and what reading one says, files named by their last part.
#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "sim/base/error.h"
#include "sim/workload/traces/formats.h"
#include "sim/workload/traces/trace_arrivals.h"

namespace tideline::workload::traces {

class TraceFile {
 public:
  explicit TraceFile(const std::string& text, const std::string& name = "trace") {
    static int count = 0;
    folder_ = std::filesystem::temp_directory_path() /
              ("tideline-trace-" + std::to_string(getpid()) + "-" + std::to_string(count++));
    std::filesystem::create_directories(folder_);
    add(name, text);
    path_ = (folder_ / name).string();
  }
  TraceFile(const TraceFile&) = delete;
  TraceFile& operator=(const TraceFile&) = delete;
  ~TraceFile() { std::filesystem::remove_all(folder_); }

  void add(const std::string& name, const std::string& text) const {
    std::ofstream(folder_ / name, std::ios::binary) << text;
  }
  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] std::string folder() const { return folder_.string(); }
  // A message without the scratch folder.
  [[nodiscard]] std::string without_folder(std::string message) const {
    for (std::size_t at; (at = message.find(folder_.string() + "/")) != std::string::npos;)
      message.erase(at, folder_.string().size() + 1);
    return message;
  }

 private:
  std::filesystem::path folder_;
  std::string path_;
};

inline std::vector<Row> rows_of(Reader& reader) {
  std::vector<Row> rows;
  for (Row row; reader.next(row);) rows.push_back(row);
  return rows;
}

// The rows of a text, in the format that it is taken for.
inline std::vector<Row> rows_of(const std::string& text) {
  const TraceFile file(text);
  return rows_of(*open_trace(file.path(), {}));
}

// What is said of a text that is no good trace.
inline std::string complaint(const std::string& text, const std::string& format = "") {
  const TraceFile file(text);
  try {
    rows_of(*open_trace(file.path(), {.format = format}));
  } catch (const InputError& e) {
    return file.without_folder(e.what());
  }
  return "";
}

// "trace" of a workload, from a file and what else it says of it.
inline TraceLoad load_of(const std::string& path, const std::string& more = "") {
  const auto document =
      config::Document::parse(R"({"trace": {"file": ")" + path + "\"" + more + "}}", "test.json");
  TraceLoad load = read_trace_load(document.root());
  document.finish();
  return load;
}

inline std::vector<ChainedRequest> requests_of(const TraceLoad& load, std::size_t most = 1000000,
                                               std::uint64_t seed = 1) {
  const auto source = make_trace_arrivals(load, seed, 0, Instant{0});
  std::vector<ChainedRequest> requests;
  for (ChainedRequest r; requests.size() < most && source->next(r);) requests.push_back(r);
  return requests;
}

}  // namespace tideline::workload::traces
