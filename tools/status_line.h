// One line on a terminal's stderr that says what is being done, and for whoever interrupts it how far it was.
#pragma once

#include <unistd.h>

#include <cstdio>
#include <string>

#include "tools/interruption.h"

namespace tideline::tools {

class StatusLine {
 public:
  // From any thread.
  void show(const std::string& what) const {
    how_far("at " + what);
    if (visible_) std::fprintf(stderr, "\r%s \033[K", what.c_str());
  }
  void clear() const {
    if (visible_) std::fputs("\r\033[K", stderr);
  }

 private:
  bool visible_ = isatty(STDERR_FILENO) != 0;
};

}  // namespace tideline::tools
