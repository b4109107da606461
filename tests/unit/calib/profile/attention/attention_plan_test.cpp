// cuDNN makes a plan of the attention graph for an H200 that it is only told about. Skipped, saying so, where
// cuDNN is not installed or is too old to plan without a device.
#include <doctest/doctest.h>

#include <optional>
#include <string>

#include "calib/profile/cuda/attention_graph.h"
#include "calib/profile/cuda/check.h"
#include "calib/profile/sweep.h"

using namespace tideline::profile;

namespace {

// Keys as cuDNN 9.19 writes them of a device (CUDNN_ATTR_DEVICEPROP_JSON_REPRESENTATION).
const std::string kH200 =
    R"({"maxGridSize":[2147483647,65535,65535],"maxBlockSize":[1024,1024,64],"regsPerBlock":65536,)"
    R"("multiProcessorCount":132,"warpSize":32,"maxSharedMemoryPerBlock":49152,)"
    R"("maxSharedMemoryPerBlockOptin":232448,"reservedSharedMemoryPerBlock":1024,"maxRegistersPerSM":65536,)"
    R"("maxCtasPerSM":32,"maxThreadsPerBlock":1024,"maxThreadsPerSM":2048,"pciDeviceId":0,"isTccDriver":0,)"
    R"("supportCoopLaunch":1,"totalGlobalMem":150110011392,"smClockRateKHz":1980000,)"
    R"("memClockRateKHz":3201000,"l2CacheSize":62914560,"cudaDeviceId":0,"deviceVer":900,"driverVer":13000,)"
    R"("deviceName":"NVIDIA H200"})";
constexpr std::size_t kFirstDeviceless = 91100;

std::optional<Cudnn> library() {
  try {
    std::optional<Cudnn> cudnn;
    cudnn.emplace();
    if (cudnn->version() >= kFirstDeviceless) return cudnn;
    MESSAGE("skipped: cuDNN ", cudnn->version(), " cannot plan without a device");
  } catch (const Unavailable& e) {
    MESSAGE("skipped: ", e.what());
  }
  return std::nullopt;
}

}  // namespace

TEST_CASE("Every prefill point gets a plan from cuDNN's Hopper engine") {
  const std::optional<Cudnn> cudnn = library();
  if (!cudnn) return;
  for (const Point& p : mla_prefill_points()) {
    CAPTURE(to_string(p));
    const AttentionPlan plan(*cudnn, kH200,
                             {p.at("batch"), p.at("heads"), p.at("tokens"), p.at("d_qk"), p.at("d_v")});
    // Engine 2 is the wgmma kernel; 8 would be Ampere's, and its time would say nothing of Hopper.
    CHECK(plan.engine().substr(0, 5) == "eng2 ");
    CHECK(plan.workspace_bytes() < 1 << 20);
  }
}

TEST_CASE("Operands can be bound to a plan") {
  const std::optional<Cudnn> cudnn = library();
  if (!cudnn) return;
  AttentionPlan plan(*cudnn, kH200, {1, 16, 1024, 192, 128});
  alignas(256) static char memory[256];
  CHECK(plan.bind({memory, memory, memory, memory, memory, memory}).raw() != nullptr);
}

TEST_CASE("A width that Hopper's engine does not have is refused or another engine's") {
  const std::optional<Cudnn> cudnn = library();
  if (!cudnn) return;
  std::string engine = "refused";
  try {
    engine = AttentionPlan(*cudnn, kH200, {1, 128, 1024, 576, 512}).engine();
  } catch (const DeviceError&) {
  }
  CHECK(engine.substr(0, 5) != "eng2 ");
}
