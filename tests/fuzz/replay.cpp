// Runs the corpus through every parser in the ordinary build: replay FOLDER, where FOLDER/<target>/ holds the
// inputs of one target. Each seed is also cut short and has bytes changed, always the same ones.
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "tests/fuzz/targets.h"

namespace {

namespace fs = std::filesystem;

// Some of the ways in which a file gets broken.
std::string spoilt(std::string bytes, std::uint64_t n) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  if (bytes.empty()) return bytes;
  if (n % 4 == 0) bytes.resize(n * kOdd % bytes.size());
  for (std::uint64_t i = 0; i < n % 4 && !bytes.empty(); ++i)
    bytes[(n + i) * kOdd % bytes.size()] = static_cast<char>((n + 7 * i) * kOdd >> 56);
  return bytes;
}

}  // namespace

int main(int, char** argv) {
  constexpr std::uint64_t kSpoilt = 40;
  int seeds = 0;
  for (const tideline::fuzz::Target& target : tideline::fuzz::kTargets) {
    int of_target = 0;
    for (const auto& entry : fs::directory_iterator(fs::path(argv[1]) / target.name)) {
      std::ifstream in(entry.path(), std::ios::binary);
      const std::string bytes{std::istreambuf_iterator<char>(in), {}};
      target.run(bytes);
      for (std::uint64_t n = 0; n < kSpoilt; ++n) target.run(spoilt(bytes, n));
      ++of_target;
    }
    if (of_target == 0) {
      std::fprintf(stderr, "no seeds for %s\n", std::string(target.name).c_str());
      return 1;
    }
    seeds += of_target;
  }
  std::printf("%d seeds\n", seeds);
}
