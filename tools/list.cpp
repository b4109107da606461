// tideline list: the policies a scenario may name, with what each does.
#include <fmt/format.h>

#include "sim/catalog/models.h"
#include "sim/finance/terms.h"
#include "sim/policy/admission.h"
#include "sim/policy/balancers.h"
#include "sim/policy/leaving.h"
#include "sim/policy/scaling.h"
#include "sim/policy/storage.h"
#include "sim/policy/transfer.h"
#include "sim/step/schedule.h"
#include "sim/workload/day_curve.h"
#include "sim/workload/prefix_caching.h"
#include "sim/workload/traces/formats.h"
#include "sim/workload/traces/trace_load.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

template <class Table>
void print_table(const char* title, const Table& table) {
  fmt::print("{}\n", title);
  for (const auto& policy : table) fmt::print("  {:<18}{}\n", policy.name, policy.sentence);
}

}  // namespace

void add_list(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("list", "the policies that a scenario may name");
  command->callback([&exit_code] {
    print_table("workload.between_hours", workload::kBetweenHours);
    print_table("workload.prefix_cache.kind", workload::kHitModels);
    print_table("workload.trace.format", workload::traces::kFormats);
    print_table("workload.trace.scale_by", workload::traces::kScalings);
    print_table("prefill.balancer", policy::kPrefillBalancers);
    print_table("decode.balancer", policy::kDecodeBalancers);
    print_table("decode.admission", policy::kAdmissions);
    print_table("prefill.scaling, decode.scaling", policy::kScalings);
    print_table("prefill.scaling.signal", policy::kPrefillSignals);
    print_table("decode.scaling.signal", policy::kDecodeSignals);
    print_table("prefill.leaving, decode.leaving", policy::kLeavings);
    print_table("fleet.transfer", policy::kTransfers);
    print_table("fleet.storage", policy::kStorages);
    print_table("money.commitment", finance::kCommitments);
    print_table("money.owned.depreciation", finance::kDepreciations);
    print_table("money.uncertainty.ranges", finance::kLevers);
    print_table("money.uncertainty.ranges.*.shape", finance::kShapes);
    fmt::print("overlap\n");
    for (const std::string& name : catalog::known_names("overlap"))
      fmt::print("  {:<18}{}\n", name, step::load_schedule(name).sentence);
    exit_code = kOk;
  });
}

}  // namespace tideline::tools
