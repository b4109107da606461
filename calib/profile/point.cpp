#include "calib/profile/point.h"

#include <stdexcept>

namespace tideline::profile {

std::int64_t Point::at(std::string_view name) const {
  for (const Dimension& d : shape)
    if (d.name == name) return d.value;
  throw std::logic_error(op + " has no dimension " + std::string(name));
}

bool Point::has(std::string_view name) const {
  for (const Dimension& d : shape)
    if (d.name == name) return true;
  return false;
}

std::string to_string(const Point& point) {
  std::string text = point.op;
  for (const Dimension& d : point.shape) text += " " + d.name + "=" + std::to_string(d.value);
  if (point.sms > 0) text += " sms=" + std::to_string(point.sms);
  return text;
}

}  // namespace tideline::profile
