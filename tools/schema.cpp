// tideline schema: the form of scenarios and studies, for editors that complete keys and underline mistakes.
#include "sim/config/schema.h"

#include <cstdio>
#include <string>

#include "sim/finance/study.h"
#include "sim/scenario/scenario.h"
#include "sim/scenario/step_scenario.h"
#include "sim/sweep/study.h"
#include "tools/tideline.h"

namespace tideline::tools {

void add_schema(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand(
      "schema", "a JSON Schema of scenarios and studies, for editors: made from what readers take");
  command->callback([&exit_code] {
    const config::DocumentKind kinds[] = {
        // Classes are named in a scenario, and then have terms and SLOs of their own.
        {"day", "a service through a window: run, plan, layouts, ablate, explain, export", "workload",
         R"({"workload": {"classes": [{"name": "all"}]}})",
         [](const config::Document& d) { (void)scenario::read(d); }, "pools"},
        {"step", "a single step of a unit: step", "phase", "{}",
         [](const config::Document& d) { (void)scenario::read_step(d); }},
        {"books", "what was sold on which nodes: finance", "volumes", R"({"volumes": {}})",
         [](const config::Document& d) { (void)finance::read_books(d); }},
        {"study", "many variants of a scenario: sweep", "base", "{}",
         [](const config::Document& d) { (void)sweep::read_form(d, "study.json"); }},
    };
    const std::string schema = config::json_schema("Tideline scenario or study", kinds);
    std::fwrite(schema.data(), 1, schema.size(), stdout);
    exit_code = kOk;
  });
}

}  // namespace tideline::tools
