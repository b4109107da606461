// libFuzzer's entry: one program a target, named by TIDELINE_FUZZ_TARGET.
#include <cstddef>
#include <cstdint>

#include "tests/fuzz/targets.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  tideline::fuzz::TIDELINE_FUZZ_TARGET({reinterpret_cast<const char*>(data), size});
  return 0;
}
