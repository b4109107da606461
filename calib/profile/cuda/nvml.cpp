#include "calib/profile/cuda/nvml.h"

#include "calib/profile/cuda/check.h"

namespace tideline::profile {
namespace {

constexpr int kSmClock = 1, kGpuSensor = 0;

}  // namespace

Nvml::Nvml(const std::string& pci) {
  try {
    library_.emplace(std::vector<std::string>{"libnvidia-ml.so.1"});
  } catch (const Unavailable&) {
    return;
  }
  int (*init)() = nullptr;
  int (*by_pci)(const char*, Handle*) = nullptr;
  library_->find_optional("nvmlInit_v2", init);
  library_->find_optional("nvmlDeviceGetHandleByPciBusId_v2", by_pci);
  if (init == nullptr || by_pci == nullptr || init() != 0 || by_pci(pci.c_str(), &device_) != 0) {
    device_ = nullptr;
    return;
  }
  library_->find_optional("nvmlDeviceGetClockInfo", clock_);
  library_->find_optional("nvmlDeviceGetTemperature", temperature_);
  library_->find_optional("nvmlDeviceGetPowerUsage", power_);
  library_->find_optional("nvmlDeviceGetEnforcedPowerLimit", power_limit_);
  library_->find_optional("nvmlDeviceGetCurrentClocksEventReasons", reasons_);
  if (reasons_ == nullptr) library_->find_optional("nvmlDeviceGetCurrentClocksThrottleReasons", reasons_);
  library_->find_optional("nvmlSystemGetDriverVersion", driver_);
}

NvmlSample Nvml::sample() const {
  NvmlSample s;
  if (device_ == nullptr) return s;
  unsigned milliwatts = 0;
  unsigned long long bits = 0;
  if (clock_ != nullptr && clock_(device_, kSmClock, &s.sm_mhz) != 0) s.sm_mhz = 0;
  if (temperature_ != nullptr && temperature_(device_, kGpuSensor, &s.temp_c) != 0) s.temp_c = 0;
  if (power_ != nullptr && power_(device_, &milliwatts) == 0) s.power_w = milliwatts * 1e-3;
  if (reasons_ != nullptr && reasons_(device_, &bits) == 0) s.throttle_bits = bits;
  return s;
}

double Nvml::power_limit_w() const {
  unsigned milliwatts = 0;
  const bool known = device_ != nullptr && power_limit_ != nullptr && power_limit_(device_, &milliwatts) == 0;
  return known ? milliwatts * 1e-3 : 0.0;
}

std::string Nvml::driver() const {
  char text[96] = {};
  const bool known = device_ != nullptr && driver_ != nullptr && driver_(text, sizeof text) == 0;
  return known ? text : "";
}

}  // namespace tideline::profile
