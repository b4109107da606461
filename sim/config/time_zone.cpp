#include "sim/config/time_zone.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <string_view>
#include <vector>

#include "sim/base/error.h"

namespace tideline::config {
namespace {

namespace fs = std::filesystem;

const fs::path kZones = "/usr/share/zoneinfo";
constexpr std::string_view kUtc = "UTC";

// A big-endian number of four bytes, which are there.
std::int32_t number_at(const std::string& bytes, std::size_t at) {
  std::uint32_t n = 0;
  for (std::size_t i = 0; i < 4; ++i) n = n << 8 | static_cast<unsigned char>(bytes[at + i]);
  return static_cast<std::int32_t>(n);
}

// One of the two blocks of a zone's file. Source: RFC 8536, section 3.
struct Block {
  std::size_t types, count, end;  // where the types of local time stand, each of six bytes; how many

  // REQUIRES: a header stands there.
  Block(const std::string& bytes, std::size_t header, std::size_t time_bytes) {
    const auto count_at = [&](std::size_t i) {
      return static_cast<std::size_t>(static_cast<std::uint32_t>(number_at(bytes, header + 20 + 4 * i)));
    };
    const std::size_t utc = count_at(0), standard = count_at(1), leaps = count_at(2), times = count_at(3),
                      letters = count_at(5);
    count = count_at(4);
    types = header + kHeader + times * (time_bytes + 1);
    end = types + 6 * count + letters + leaps * (time_bytes + 4) + standard + utc;
  }
  static constexpr std::size_t kHeader = 44;
};

// Seconds ahead of UTC that the clocks of a zone have ever been; none where the file is of no zone.
std::set<std::int32_t> offsets_in(const fs::path& file) {
  if (!fs::is_regular_file(file)) return {};
  std::ifstream in(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(in), {}};
  const auto header_at = [&](std::size_t at) {
    return at + Block::kHeader <= bytes.size() && std::string_view(bytes).substr(at).starts_with("TZif");
  };
  std::set<std::int32_t> offsets;
  if (!header_at(0)) return offsets;
  Block block(bytes, 0, 4);
  // From the second version on, the first block may say nothing.
  if (bytes[4] != '\0' && header_at(block.end)) block = Block(bytes, block.end, 8);
  for (std::size_t i = 0; i < block.count && block.types + 6 * (i + 1) <= bytes.size(); ++i)
    offsets.insert(number_at(bytes, block.types + 6 * i));
  return offsets;
}

bool is_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("/_+-").find(c) != std::string_view::npos;
  };
  return !name.empty() && name.front() != '/' && std::ranges::all_of(name, fits);
}

std::string nearest_zone(const std::string& name) {
  std::vector<std::string> zones;
  std::error_code ignored;
  for (fs::recursive_directory_iterator file(kZones, ignored), end; file != end; file.increment(ignored))
    if (file->is_regular_file(ignored)) zones.push_back(fs::relative(file->path(), kZones).string());
  std::ranges::sort(zones);
  return nearest(name, zones);
}

// "+08:00".
std::string offset_text(std::int64_t minutes) {
  return fmt::format("{}{:02}:{:02}", minutes < 0 ? '-' : '+', std::abs(minutes) / 60,
                     std::abs(minutes) % 60);
}

std::int64_t offset_minutes(const Start& start) {
  const std::int64_t second = (start.unix_seconds % 60 + 60) % 60;
  return start.day * 24 * 60 + start.first_minute - (start.unix_seconds - second) / 60;
}

}  // namespace

std::string read_time_zone(const Node& node, const Start& start) {
  std::string name = node.text("time_zone", std::string(kUtc));
  const bool given = node.given("time_zone");
  std::set<std::int32_t> offsets{0};
  if (name != kUtc) {
    if (!node.is_text("time_zone") || !fs::exists(kZones / kUtc)) return name;
    offsets = is_name(name) ? offsets_in(kZones / name) : std::set<std::int32_t>{};
    if (offsets.empty()) {
      const std::string near = nearest_zone(name);
      node.problem("time_zone", fmt::format("no time zone is called \"{}\"", name),
                   near.empty() ? "an IANA name, such as \"Asia/Shanghai\""
                                : fmt::format("did you mean \"{}\"?", near));
      return name;
    }
  }
  const std::int64_t minutes = offset_minutes(start);
  if (!start.known || offsets.contains(static_cast<std::int32_t>(minutes * 60))) return name;
  node.problem(given ? "time_zone" : "start",
               fmt::format("{}\"start\" is at {}, where the clocks of {} never are",
                           given ? "" : "no \"time_zone\" is given, and ", offset_text(minutes), name),
               "\"start\" and \"time_zone\" are of one clock, that of the service and its prices");
  return name;
}

}  // namespace tideline::config
