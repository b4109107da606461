// Whether terms can be counted on a ledger at all: what neither of the two shows by itself.
#pragma once

#include "sim/finance/ledger.h"
#include "sim/finance/terms.h"

namespace tideline::finance {

// Fails: throws InputError, with the place in the terms, where cost or revenue is more than Money holds, and
// where fewer nodes are owned than were held at once: nobody would have paid for the others.
void require_payable(const Terms& terms, const Ledger& ledger);

}  // namespace tideline::finance
