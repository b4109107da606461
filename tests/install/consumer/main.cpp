// What a stranger would write first: a quantity with a unit, a queue of events, a fact of models/.
#include <cstdio>
#include <cstdlib>
#include <string>

#include "sim/base/time.h"
#include "sim/base/units.h"
#include "sim/catalog/models.h"
#include "sim/engine/heap.h"

int main() {
  using namespace tideline;
  engine::QuadHeap<Instant, int> events;
  events.push(Instant{} + to_duration(Seconds(2.0)), 2);
  events.push(Instant{} + to_duration(Seconds(1.0)), 1);
  if (events.pop().value != 1) return EXIT_FAILURE;

  setenv("TIDELINE_MODELS", TIDELINE_DATA "/models", 1);
  const std::string gpu = catalog::find_record("gpu", "h800");
  std::printf("%s\n", gpu.c_str());
  return gpu.rfind(TIDELINE_DATA, 0) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
