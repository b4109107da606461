#include "sim/report/middle_layer.h"

#include <algorithm>

namespace tideline::report {

MiddleLayer middle_layer(const scenario::StepResult& r) {
  MiddleLayer m;
  m.layer = r.scenario.unit.middle_layer();
  Instant from{INT64_MAX}, to{INT64_MIN};
  for (const step::Span& s : r.step.spans)
    if (s.gpu == 0 && s.layer == m.layer) from = std::min(from, s.begin), to = std::max(to, s.end);
  if (from >= to) return m;
  m.from = from, m.to = to;
  for (step::Span s : r.step.spans) {
    if (s.gpu != 0 || s.end <= from || s.begin >= to) continue;
    s.begin = std::max(s.begin, from), s.end = std::min(s.end, to);
    m.spans.push_back(s);
  }
  return m;
}

}  // namespace tideline::report
