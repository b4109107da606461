#include "tools/interruption.h"

#include <fmt/format.h>
#include <pthread.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace tideline::tools {
namespace {

struct State {
  std::mutex mutex;
  std::string progress;
  std::set<std::filesystem::path> files;
  std::atomic<int>* asked = nullptr;  // where the signal is to be left
};

// Never destroyed: the thread that waits outlives main.
State& state() {
  static State& s = *new State;
  return s;
}

const char* name_of(int signal) {
  return signal == SIGINT ? "SIGINT" : signal == SIGTERM ? "SIGTERM" : "SIGUSR1";
}

// Whether the work has been asked to end, or is about to.
bool ask(int signal) {
  const std::lock_guard lock(state().mutex);
  int none = 0;
  return state().asked && (state().asked->compare_exchange_strong(none, signal) || signal != SIGINT);
}

[[noreturn]] void stop(int signal) {
  State& s = state();
  s.mutex.lock();  // for good: nothing may be begun any more
  for (const std::filesystem::path& file : s.files) {
    std::error_code gone;
    std::filesystem::remove(file, gone);
  }
  const char* const clear = isatty(STDERR_FILENO) != 0 ? "\r\033[K" : "";
  fmt::print(stderr, "{}tideline: stopped by {}{}{}\n", clear, name_of(signal), s.progress.empty() ? "" : " ",
             s.progress);
  std::fflush(stderr);
  _exit(128 + signal);
}

}  // namespace

void watch_for_interruption() {
  sigset_t awaited;
  sigemptyset(&awaited);
  for (const int signal : {SIGINT, SIGTERM, SIGUSR1}) {
    struct sigaction now {};
    sigaction(signal, nullptr, &now);
    if (now.sa_handler != SIG_IGN) sigaddset(&awaited, signal);
  }
  pthread_sigmask(SIG_BLOCK, &awaited, nullptr);
  std::thread([awaited] {
    for (int signal = 0;;)
      if (sigwait(&awaited, &signal) == 0 && !ask(signal)) stop(signal);
  }).detach();
}

void stop_in_good_order(std::atomic<int>& signal) {
  const std::lock_guard lock(state().mutex);
  state().asked = &signal;
}

void how_far(std::string progress) {
  const std::lock_guard lock(state().mutex);
  state().progress = std::move(progress);
}

void guard_file(const std::filesystem::path& file) {
  const std::lock_guard lock(state().mutex);
  state().files.insert(file);
}

void release_file(const std::filesystem::path& file) {
  const std::lock_guard lock(state().mutex);
  state().files.erase(file);
}

}  // namespace tideline::tools
