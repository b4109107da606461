// A CUDA program writes records as C++17, without this project's libraries: this file only has to compile.
#include "calib/records/write.h"

static_assert(__cplusplus == 201703L, "built as C++17");

std::string as_cxx17(const tideline::records::Record& record) {
  return tideline::records::to_line(record);
}
