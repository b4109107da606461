#include "sim/step/surface_store.h"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <string_view>
#include <utility>

#include "sim/base/digest.h"
#include "sim/base/error.h"
#include "sim/config/node.h"

namespace tideline::step {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "surface-";

// Of the program that runs, read in parts; nothing where it cannot be read, and nothing is stored then.
const std::optional<std::uint64_t>& program_digest() {
  static const std::optional<std::uint64_t> digest = []() -> std::optional<std::uint64_t> {
    std::ifstream in("/proc/self/exe", std::ios::binary);
    std::array<std::uint64_t, 4096> words{};
    Digest d;
    std::streamsize bytes = 0;
    while (in.read(reinterpret_cast<char*>(words.data()), sizeof(words)) || in.gcount() > 0) {
      bytes += in.gcount();
      for (const std::uint64_t word : words) d.add(word);
      words.fill(0);
    }
    d.add(static_cast<std::uint64_t>(bytes));
    return bytes > 0 ? std::optional(d.value()) : std::nullopt;
  }();
  return digest;
}

// Each number as its bits, in one text: as a list of tens of thousands it takes some 20 MB to read.
constexpr std::size_t kDigits = 16;

std::string as_bits(const std::vector<double>& values) {
  std::string out;
  for (const double v : values)
    fmt::format_to(std::back_inserter(out), "{:016x}", std::bit_cast<std::uint64_t>(v));
  return out;
}

std::optional<std::vector<double>> of_bits(std::string_view text) {
  std::vector<double> values;
  for (; !text.empty(); text.remove_prefix(kDigits)) {
    std::uint64_t bits = 0;
    const std::string_view digits = text.substr(0, kDigits);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits, 16);
    if (digits.size() != kDigits || error != std::errc() || end != digits.data() + kDigits)
      return std::nullopt;
    values.push_back(std::bit_cast<double>(bits));
  }
  return values;
}

std::optional<std::vector<double>> read(const fs::path& file, const std::string& content) try {
  if (!fs::exists(file)) return std::nullopt;
  const config::Document document = config::Document::load(file.string());
  if (document.root().text("content") != content) return std::nullopt;
  const std::string values = document.root().text("values");
  document.finish();
  return of_bits(values);
} catch (const InputError&) {
  return std::nullopt;
}

std::string as_json(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    c == '\n' ? out += "\\n" : out += c;
  }
  return out;
}

// The newest surfaces stay: about 130 MB.
void forget_old(const fs::path& folder) try {
  constexpr std::size_t kFilesMax = 256;
  std::vector<std::pair<fs::file_time_type, fs::path>> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().filename().string().starts_with(kPrefix))
      files.emplace_back(entry.last_write_time(), entry.path());
  if (files.size() <= kFilesMax) return;
  std::ranges::sort(files);
  for (std::size_t i = 0; i + kFilesMax < files.size(); ++i) fs::remove(files[i].second);
} catch (const fs::filesystem_error&) {  // another process was faster
}

void write(const fs::path& file, const std::string& content, const std::vector<double>& values) {
  std::error_code ignored;
  fs::create_directories(file.parent_path(), ignored);
  const fs::path part = fmt::format("{}.{}.part", file.string(), ::getpid());
  {
    std::ofstream out(part, std::ios::binary);
    out << fmt::format("{{\"content\": \"{}\",\n\"values\": \"{}\"}}\n", as_json(content), as_bits(values));
    if (!out.flush()) return void(fs::remove(part, ignored));
  }
  fs::rename(part, file, ignored);
  if (ignored) fs::remove(part, ignored);
  forget_old(file.parent_path());
}

}  // namespace

SurfaceStore SurfaceStore::of_user() {
  if (const char* const named = std::getenv("TIDELINE_CACHE")) return SurfaceStore(named);
  if (const char* const caches = std::getenv("XDG_CACHE_HOME"); caches && *caches)
    return SurfaceStore(fs::path(caches) / "tideline");
  if (const char* const home = std::getenv("HOME"); home && *home)
    return SurfaceStore(fs::path(home) / ".cache" / "tideline");
  return SurfaceStore("");
}

std::vector<double> SurfaceStore::get(const std::string& content,
                                      const std::function<std::vector<double>()>& make) const {
  if (folder_.empty() || !program_digest()) return make();
  const std::string whole = fmt::format("program {:016x}\n{}", *program_digest(), content);
  Digest digest;
  digest.add(std::string_view(whole));
  const fs::path file = fs::path(folder_) / fmt::format("{}{:016x}.json", kPrefix, digest.value());
  if (auto stored = read(file, whole)) return *std::move(stored);
  std::vector<double> values = make();
  write(file, whole, values);
  return values;
}

}  // namespace tideline::step
