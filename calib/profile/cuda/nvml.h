// Clocks, power and the reasons why they are lower than they could be, from NVML if the driver brought it.
// Reads only; sets nothing. The header of NVML is not part of every toolkit, so what is used is declared
// here.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "calib/profile/cuda/library.h"

namespace tideline::profile {

struct NvmlSample {
  unsigned sm_mhz = 0, temp_c = 0;
  double power_w = 0;
  std::uint64_t throttle_bits = 0;
};

class Nvml {
 public:
  // `pci`: bus id of the device. Everything reads zero where NVML is absent or refuses.
  explicit Nvml(const std::string& pci);
  [[nodiscard]] NvmlSample sample() const;
  [[nodiscard]] double power_limit_w() const;
  [[nodiscard]] std::string driver() const;

 private:
  using Handle = void*;
  std::optional<SharedLibrary> library_;
  Handle device_ = nullptr;  // null: there is nothing to ask
  // Source: NVML API reference; clock types 0 graphics, 1 SM, 2 memory; temperature sensor 0 is the GPU.
  int (*clock_)(Handle, int, unsigned*) = nullptr;
  int (*temperature_)(Handle, int, unsigned*) = nullptr;
  int (*power_)(Handle, unsigned*) = nullptr;
  int (*power_limit_)(Handle, unsigned*) = nullptr;
  int (*reasons_)(Handle, unsigned long long*) = nullptr;
  int (*driver_)(char*, unsigned) = nullptr;
};

}  // namespace tideline::profile
