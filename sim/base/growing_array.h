// A large array of small records that only grows and is read in no order.
//
// 1. It grows by moving pages, not what stands on them: memory never holds it twice. What nobody has written
//    to takes none.
// 2. It lies on pages of 2 MiB, where the processor finds an address without a walk through page tables,
//    which on a virtual machine costs as much as the memory itself; on common pages where the system has no
//    others, and where it is smaller than one.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <type_traits>

namespace tideline {

template <class T>
class GrowingArray {
  static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);

 public:
  GrowingArray() = default;
  GrowingArray(const GrowingArray&) = delete;
  GrowingArray& operator=(const GrowingArray&) = delete;
  ~GrowingArray() { mapped() ? void(munmap(data_, bytes_)) : std::free(data_); }

  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // Fails: std::bad_alloc, and all is as before.
  void add() {
    if ((size_ + 1) * sizeof(T) > bytes_) grow();
    std::construct_at(data_ + size_++);
  }

 private:
  static constexpr std::size_t kPage = std::size_t{1} << 21;  // bytes
  // Of the first memory, in bytes, and how many times as much there is when that is full. Decide cost alone.
  static constexpr std::size_t kFirst = 1024, kGrowth = 4;
  static_assert(sizeof(T) <= kFirst && alignof(T) <= kFirst);

  [[nodiscard]] bool mapped() const { return bytes_ >= kPage; }

  void grow() {
    const std::size_t more = bytes_ == 0 ? kFirst : kGrowth * bytes_;
    void* const at = mapped() ? moved_to(on_whole_pages(more), more) : copied_to(room_for(more));
    data_ = static_cast<T*>(at), bytes_ = more;
    if (mapped()) madvise(data_, bytes_, MADV_HUGEPAGE);  // a wish: what it returns changes nothing
  }
  static void* room_for(std::size_t bytes) {
    if (bytes >= kPage) return on_whole_pages(bytes);
    void* const at = std::aligned_alloc(kFirst, bytes);
    if (at == nullptr) throw std::bad_alloc();
    return at;
  }
  void* copied_to(void* at) {
    if (bytes_ > 0) std::memcpy(at, data_, bytes_);
    std::free(data_);
    return at;
  }
  void* moved_to(void* at, std::size_t bytes) {
    if (mremap(data_, bytes_, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, at) != MAP_FAILED) return at;
    munmap(at, bytes);
    throw std::bad_alloc();
  }
  // Memory of its own that begins where a page of 2 MiB does.
  static void* on_whole_pages(std::size_t bytes) {
    void* const at = mmap(nullptr, bytes + kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at == MAP_FAILED) throw std::bad_alloc();
    auto* const begin = static_cast<std::byte*>(at);
    void* whole = at;
    std::size_t room = bytes + kPage;
    std::align(kPage, bytes, whole, room);
    auto* const end = static_cast<std::byte*>(whole) + bytes;
    if (whole != begin) munmap(begin, static_cast<std::size_t>(static_cast<std::byte*>(whole) - begin));
    if (room > bytes) munmap(end, room - bytes);
    return whole;
  }

  T* data_ = nullptr;
  std::size_t size_ = 0, bytes_ = 0;
};

}  // namespace tideline
