#include "sim/sweep/store.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <system_error>

#include "sim/base/error.h"
#include "sim/config/json_stream.h"

namespace tideline::sweep {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  throw InputError({.file = path.string(), .message = what + ": " + std::strerror(errno)});
}

std::string host() {
  char name[64] = "host";
  (void)::gethostname(name, sizeof name - 1);
  std::string out;
  for (const char* c = name; *c != '\0' && *c != '.'; ++c)
    out += std::isalnum(static_cast<unsigned char>(*c)) != 0 || *c == '-' ? *c : '_';
  return out;
}

}  // namespace

std::string line_of(const Row& row, const std::vector<std::string>& metrics) {
  std::string out = fmt::format(R"({{"point":{},"key":"{}","status":"{}","code":{})", row.point, hex(row.key),
                                row.status == Status::kDone ? "done" : "failed", row.code);
  if (row.status == Status::kFailed)
    return out + fmt::format(R"(,"message":{}}})", config::json_text(row.message));
  out += R"(,"metrics":{)";
  for (std::size_t m = 0; m < metrics.size(); ++m) {
    out += m > 0 ? "," : "";
    out += config::json_text(metrics[m]);
    out += ':';
    const double x = row.metrics[m];
    if (std::isfinite(x))
      fmt::format_to(std::back_inserter(out), "{}", x);
    else
      out += "null";
  }
  return out + "}}";
}

ShardFile::ShardFile(const std::filesystem::path& folder, const Study& study, const Identity& identity,
                     const Shard& shard) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed)
    throw InputError({.file = folder.string(), .message = "cannot make this folder: " + failed.message()});
  std::string name = (folder / fmt::format("shard-{}-{}-XXXXXX.jsonl", host(), ::getpid())).string();
  descriptor_ = ::mkostemps(name.data(), 6, O_APPEND);
  path_ = name;
  if (descriptor_ < 0) refuse(path_, "cannot make this file");
  (void)::fchmod(descriptor_, 0644);  // whoever merges may be another user
  write(fmt::format(R"({{"study":{},"shard":"{}/{}","engine":"{}","catalogue":"{}","scenario":"{}"}})"
                    "\n",
                    config::json_text(std::filesystem::path(study.file).filename().string()), shard.index,
                    shard.count, identity.engine, identity.catalogue, identity.base));
}

ShardFile::~ShardFile() {
  if (empty_) ::unlink(path_.c_str());
  ::close(descriptor_);
}

void ShardFile::append(const std::string& line) {
  const std::lock_guard lock(mutex_);
  write(line + "\n");
  empty_ = false;
}

void ShardFile::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const ssize_t n = ::write(descriptor_, bytes.data(), bytes.size());
    if (n < 0 && errno != EINTR) refuse(path_, "cannot write this file");
    if (n > 0) bytes.remove_prefix(static_cast<std::size_t>(n));
  }
}

}  // namespace tideline::sweep
