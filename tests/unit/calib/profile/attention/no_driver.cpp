// A libcuda.so.1 for machines without a GPU. cuDNN opens it and looks for its functions even when it only
// plans for a device described in JSON. Every call answers that all is well and does nothing; those that hand
// something back hand back as little as planning wants. Nothing can run through it, and no other program
// should meet it.
#include <dlfcn.h>

extern "C" {

#define DOES_NOTHING(name) \
  int name() {             \
    return 0;              \
  }
DOES_NOTHING(cuCtxGetCurrent)
DOES_NOTHING(cuCtxGetLimit)
DOES_NOTHING(cuCtxPopCurrent)
DOES_NOTHING(cuCtxPushCurrent)
DOES_NOTHING(cuDeviceGet)
DOES_NOTHING(cuKernelSetAttribute)
DOES_NOTHING(cuLaunchCooperativeKernel)
DOES_NOTHING(cuLaunchKernel)
DOES_NOTHING(cuLaunchKernelEx)
DOES_NOTHING(cuLibraryLoadFromFile)
DOES_NOTHING(cuLibraryUnload)
DOES_NOTHING(cuLinkAddData)
DOES_NOTHING(cuLinkComplete)
DOES_NOTHING(cuLinkCreate)
DOES_NOTHING(cuLinkDestroy)
DOES_NOTHING(cuOccupancyMaxPotentialClusterSize)
DOES_NOTHING(cuStreamGetCtx)

int cuInit(unsigned) {
  return 34;  // CUDA_ERROR_STUB_LIBRARY
}
int cuDeviceGetCount(int* count) {
  *count = 0;
  return 34;
}
int cuDriverGetVersion(int* version) {
  *version = 13000;
  return 0;
}
int cuGetErrorName(int, const char** text) {
  *text = "none";
  return 0;
}
int cuGetErrorString(int, const char** text) {
  *text = "none";
  return 0;
}
int cuLibraryLoadData(void** library, const void*) {
  *library = library;  // any address
  return 0;
}
int cuLibraryGetKernel(void** kernel, void*, const char*) {
  *kernel = kernel;
  return 0;
}
// 0: threads in a block at most; 4: registers of a thread.
int cuKernelGetAttribute(int* value, int attribute, void*, int) {
  *value = attribute == 0 ? 1024 : attribute == 4 ? 168 : 0;
  return 0;
}
int cuGetProcAddress_v2(const char* name, void** function, int, unsigned long, int* status) {
  *function = dlsym(RTLD_DEFAULT, name);
  if (status != nullptr) *status = *function != nullptr ? 0 : 1;
  return 0;
}
}
