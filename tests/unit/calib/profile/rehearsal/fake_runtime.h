// A CUDA runtime that has an H200 and no hardware: memory is host memory, a launch adds five microseconds to
// a clock, graphs count launches, and the host's time for each of them shows unless the stream is held. It
// keeps to the rules that a device would enforce and throws where one is broken.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>

namespace tideline::rehearsal {

// A rule of CUDA or of a library was broken.
class Broken : public std::logic_error {
 public:
  using std::logic_error::logic_error;
};

// Something was queued. Counts, moves the clock, and checks that a kernel loaded for the first time does not
// meet a held stream.
void queue(const char* what);
// What is queued now is computed: a test asked for it, and it is neither captured nor behind a held stream.
extern bool computing;
bool computes_now();
// The whole range lies in one allocation. Fails: Broken.
void require_inside(const void* begin, std::int64_t bytes, const char* what);

struct Counts {
  std::int64_t launches = 0, captured = 0, replays = 0, allocated = 0;
};
extern Counts counts;

// Another program holds the GPU for itself.
extern bool busy;

// Copies of so many bytes from the host fault, and the device answers no more until it is set again. 0: none.
extern std::size_t faulty_bytes;
extern bool lost;

}  // namespace tideline::rehearsal
