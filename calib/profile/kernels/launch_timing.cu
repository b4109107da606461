#include "calib/profile/kernels/launch.h"
#include "calib/profile/kernels/start.cuh"
#include "calib/profile/kernels/timing.cuh"

namespace tideline::profile::kernels {

void launch_nothing(cudaStream_t stream) {
  start(nothing, 1, 32, stream);
}

void launch_block_stream(int* flag, std::int64_t patience_ns, cudaStream_t stream) {
  start(block_stream, 1, 1, stream, flag, patience_ns);
}

void launch_stamp(unsigned long long* out, int sms, cudaStream_t stream) {
  start(stamp, static_cast<unsigned>(sms), 1024, stream, out);  // so wide that every SM gets a block
}

void launch_read_all(const void* x, std::int64_t bytes, unsigned* sink, cudaStream_t stream) {
  start(read_all, 1024, 512, stream, static_cast<const uint4*>(x), bytes / 16, sink);
}

}  // namespace tideline::profile::kernels
