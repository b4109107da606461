// Is a time zone held to the offset that a window starts with?
#include "sim/config/time_zone.h"

#include <fmt/format.h>

#include <filesystem>
#include <string>

#include "tests/unit/config/reading.h"

namespace tideline::config {
namespace {

// What is said of a window that starts at that offset in that zone; of none where it is "".
std::string said_of(const std::string& offset, const std::string& zone) {
  const std::string of_zone = zone.empty() ? "" : fmt::format(R"(, "time_zone": "{}")", zone);
  return mistakes(fmt::format(R"({{"start": "2025-07-01T12:00:00{}"{}}})", offset, of_zone),
                  [](const Node& root) { (void)read_time_zone(root, read_start(root)); });
}

bool is_here(const char* zone) {
  return std::filesystem::exists(std::filesystem::path("/usr/share/zoneinfo") / zone);
}

TEST_CASE("UTC, which is meant where no zone is named, is at no offset") {
  CHECK(said_of("+00:00", "") == "");
  CHECK(said_of("-00:00", "UTC") == "");
  CHECK(said_of("+08:00", "") ==
        "a.json:1:11: error: no \"time_zone\" is given, and \"start\" is at +08:00, where the clocks of UTC "
        "never are\n"
        "  at /start\n"
        "  \"start\" and \"time_zone\" are of one clock, that of the service and its prices\n");
  CHECK(said_of("-03:30", "UTC")
            .starts_with("a.json:1:53: error: \"start\" is at -03:30, where the clocks of UTC never are\n  "
                         "at /time_zone\n"));
}

TEST_CASE("a zone has the offsets of its summer and of its winter, and no others") {
  if (!is_here("UTC") || !is_here("Europe/Berlin")) return;  // no tzdata
  CHECK(said_of("+02:00", "Europe/Berlin") == "");
  CHECK(said_of("+01:00", "Europe/Berlin") == "");
  CHECK(said_of("-01:00", "Europe/Berlin").find("never are") != std::string::npos);
  CHECK(said_of("+05:30", "Asia/Kolkata") == "");
  CHECK(said_of("-03:00", "America/Sao_Paulo") == "");
}

TEST_CASE("what is no name of a zone is said to be none, and nothing of its offset") {
  if (!is_here("UTC")) return;  // no tzdata
  for (const char* zone : {"Europe", "../zoneinfo/UTC", "/etc/hostname", "zone.tab", "CEST?"})
    CHECK(said_of("+02:00", zone).find(fmt::format("no time zone is called \"{}\"", zone)) !=
          std::string::npos);
  CHECK(said_of("noon", "Europe/Berlin").find("never are") == std::string::npos);
}

}  // namespace
}  // namespace tideline::config
