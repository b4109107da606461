// An allocator for large arrays that are read in no order: on pages of 2 MiB the processor finds an address
// without a walk through page tables, which on a virtual machine costs as much as the memory itself. Where
// the system has none to give, the array lies on common pages.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

namespace tideline {

template <class T>
struct HugePages {
  using value_type = T;
  HugePages() = default;
  template <class U>
  HugePages(const HugePages<U>&) {}

  T* allocate(std::size_t n) {
    const std::size_t bytes = n * sizeof(T);
    // Half a page and more is worth a whole one.
    if (bytes < kPage / 2) return std::allocator<T>{}.allocate(n);
    const std::size_t whole = (bytes + kPage - 1) / kPage * kPage;
    void* const at = std::aligned_alloc(kPage, whole);
    if (at == nullptr) throw std::bad_alloc();
    madvise(at, whole, MADV_HUGEPAGE);  // a wish: what it returns changes nothing
    return static_cast<T*>(at);
  }
  void deallocate(T* at, std::size_t n) {
    if (n * sizeof(T) < kPage / 2)
      std::allocator<T>{}.deallocate(at, n);
    else
      std::free(at);
  }
  template <class U>
  bool operator==(const HugePages<U>&) const {
    return true;
  }

 private:
  static constexpr std::size_t kPage = std::size_t{1} << 21;
};

}  // namespace tideline
