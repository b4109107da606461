#include "calib/profile/cuda/library.h"

#include <dlfcn.h>

#include "calib/profile/cuda/check.h"

namespace tideline::profile {

SharedLibrary::SharedLibrary(const std::vector<std::string>& names) : name_(names.front()) {
  for (const char* folder : {"", TIDELINE_CUDA_LIBRARIES "/"})
    for (const std::string& name : names)
      if (void* handle = dlopen((folder + name).c_str(), RTLD_NOW | RTLD_LOCAL)) {
        handle_ = std::shared_ptr<void>(handle, [](void*) {});
        return;
      }
  throw Unavailable(name_ + " is not on this machine (looked where the loader looks; set LD_LIBRARY_PATH)");
}

void* SharedLibrary::symbol_or_null(const char* name) const {
  return dlsym(handle_.get(), name);
}

void* SharedLibrary::symbol(const char* name) const {
  if (void* address = symbol_or_null(name)) return address;
  throw Unavailable(name_ + " is too old: it has no " + name);
}

}  // namespace tideline::profile
