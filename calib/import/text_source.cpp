#include "calib/import/text_source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <memory>
#include <utility>

namespace tideline::calib {
namespace {

constexpr std::size_t kPiece = 1 << 16;

}  // namespace

TextSource::TextSource(std::string name, Read read)
    : name_(std::move(name)), read_(std::move(read)), buffer_(kPiece, '\0') {
  at_ = end_ = buffer_.data();
}

TextSource TextSource::open(const std::string& file) {
  if (std::filesystem::is_directory(file))
    throw InputError({.file = file, .message = "this is a folder, a file is wanted"});
  const std::shared_ptr<gzFile_s> gz(gzopen(file.c_str(), "rb"), [](gzFile f) {
    if (f) gzclose(f);
  });
  if (!gz) throw InputError({.file = file, .message = "this file cannot be read"});
  gzbuffer(gz.get(), 1 << 17);
  return TextSource(file, [gz, file](char* buffer, std::size_t size) {
    const int got = gzread(gz.get(), buffer, static_cast<unsigned>(size));
    int error = Z_OK;
    const char* why = gzerror(gz.get(), &error);
    // A file cut short gives what it still holds, then Z_BUF_ERROR.
    if (got < 0 || error == Z_BUF_ERROR)
      throw InputError(
          {.file = file,
           .message = fmt::format("the gzip data is {} after {} bytes of text",
                                  error == Z_BUF_ERROR ? "cut short" : "broken", gztell(gz.get())),
           .suggestion = error == Z_ERRNO ? std::string(why) : "fetch the file again"});
    return static_cast<std::size_t>(got);
  });
}

TextSource TextSource::of(std::string_view text, std::string name) {
  return TextSource(std::move(name), [text](char* buffer, std::size_t size) mutable {
    const std::size_t n = std::min(size, text.size());
    std::memcpy(buffer, text.data(), n);
    text.remove_prefix(n);
    return n;
  });
}

bool TextSource::refill() {
  const std::int64_t here = offset();
  if (here - understood_ > kTokenMax)
    throw InputError(problem(fmt::format("more than {} MiB without a value", kTokenMax >> 20)));
  if (here > kBytesMax) throw InputError(problem(fmt::format("more than {} GiB of text", kBytesMax >> 30)));
  for (const char* c = buffer_.data(); (c = std::find(c, end_, '\n')) != end_;) {
    ++lines_, ++c;
    line_start_ = start_ + (c - buffer_.data());
  }
  start_ = here;
  const std::size_t got = read_(buffer_.data(), buffer_.size());
  at_ = buffer_.data();
  end_ = at_ + got;
  return got > 0;
}

Problem TextSource::problem(std::string message) const {
  std::int64_t lines = lines_, line_start = line_start_;
  for (const char* c = buffer_.data(); (c = std::find(c, at_, '\n')) != at_;) {
    ++lines, ++c;
    line_start = start_ + (c - buffer_.data());
  }
  const std::int64_t column = std::max<std::int64_t>(offset() - line_start, 1);
  return {.file = name_,
          .line = static_cast<int>(std::min<std::int64_t>(lines + 1, 2'000'000'000)),
          .column = static_cast<int>(std::min<std::int64_t>(column, 2'000'000'000)),
          .message = std::move(message)};
}

}  // namespace tideline::calib
