// CHECK(condition, "message {}", args...): our own mistakes. Always on; prints the place and what the running
// simulation said of itself (seed, instant, event), then aborts. A user's mistake is an InputError instead.
#pragma once

#include <fmt/format.h>

#include <string>

namespace tideline {

// What a running simulation wants printed if a CHECK fails under it. Set by the fleet; empty otherwise.
void set_check_context(std::string (*describe)(const void*), const void* simulation);

[[noreturn]] void check_failed(const char* file, int line, const char* condition, const std::string& message);

}  // namespace tideline

#define CHECK(condition, ...)                                                                  \
  do {                                                                                         \
    if (!(condition)) [[unlikely]]                                                             \
      ::tideline::check_failed(__FILE__, __LINE__, #condition, fmt::format("" __VA_ARGS__));   \
  } while (false)
