// A shared library that is opened when it is needed and not before, so that one program runs on machines with
// and without it, and on those where Python packages brought it.
#pragma once

#include <memory>
#include <string>
#include <vector>

namespace tideline::profile {

class SharedLibrary {
 public:
  // The first of `names` that can be opened; by the loader's own search (LD_LIBRARY_PATH, ld.so.cache), then
  // in the toolkit that this program was built with. Fails: Unavailable (check.h).
  explicit SharedLibrary(const std::vector<std::string>& names);

  // Fails: Unavailable when the library has no such function.
  template <class Function>
  void find(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(symbol(name));
  }
  // Null when there is none.
  template <class Function>
  void find_optional(const char* name, Function& function) const {
    function = reinterpret_cast<Function>(symbol_or_null(name));
  }

 private:
  [[nodiscard]] void* symbol(const char* name) const;
  [[nodiscard]] void* symbol_or_null(const char* name) const;
  std::string name_;
  std::shared_ptr<void> handle_;  // never closed: CUDA libraries do not like to be unloaded
};

}  // namespace tideline::profile
