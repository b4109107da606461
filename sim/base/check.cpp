#include "sim/base/check.h"

#include <cstdio>
#include <cstdlib>

namespace tideline {
namespace {
thread_local std::string (*describe_simulation)(const void*) = nullptr;
thread_local const void* running_simulation = nullptr;
}  // namespace

void set_check_context(std::string (*describe)(const void*), const void* simulation) {
  describe_simulation = describe;
  running_simulation = simulation;
}

void check_failed(const char* file, int line, const char* condition, const std::string& message) {
  std::fprintf(stderr, "tideline: internal error at %s:%d: %s does not hold. %s\n", file, line, condition,
               message.c_str());
  if (describe_simulation) std::fprintf(stderr, "  %s\n", describe_simulation(running_simulation).c_str());
  std::abort();
}

}  // namespace tideline
