// Starts a kernel, in one place, so that a test can start the same kernels with the same arguments on the CPU
// (there `start` comes from the test).
// Never run on a GPU.
#pragma once

#include <cuda_runtime_api.h>

#if defined(__CUDACC__)
namespace tideline::profile::kernels {

template <class... Parameters, class... Arguments>
void start(void (*kernel)(Parameters...), unsigned blocks, unsigned threads, cudaStream_t stream,
           Arguments... arguments) {
  kernel<<<blocks, threads, 0, stream>>>(arguments...);
}

}  // namespace tideline::profile::kernels
#endif
