// Work on many things side by side, on the threads of one machine. What comes of it must not depend on the
// order: each call writes to a place of its own, or to something that sorts what it is given.
#pragma once

#include <cstddef>
#include <functional>

namespace tideline::parallel {

// Calls work(i) once for every i below `count`, on at most `threads` threads, the caller's among them; with
// one, in order. Called at work for another such call, it is on the threads of that one, and those who are
// done there help here. Fails: throws on what one of them throws; others may then be left out.
void for_each_index(std::size_t count, int threads, const std::function<void(std::size_t)>& work);

}  // namespace tideline::parallel
