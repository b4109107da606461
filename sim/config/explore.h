// Inside config: finds what a reader may ask for, by giving it documents that have ever more of what it asks
// for.
#pragma once

#include "sim/config/schema.h"
#include "sim/config/wanted.h"

namespace tideline::config {

// Fails: a CHECK, where a reader asks without end.
Wanted explore(const DocumentKind& kind);

}  // namespace tideline::config
