// tideline man: the manual page, in man(7), from the commands themselves.
#include <fmt/format.h>

#include <cstdio>
#include <string>

#include "tools/command_tree.h"
#include "tools/tideline.h"

namespace tideline::tools {
namespace {

// Text as roff prints it: no hyphen for a dash, no escape, no request at the beginning of a line.
std::string roff(const std::string& text) {
  std::string out;
  for (const char c : text) {
    if (c == '\\')
      out += "\\e";
    else if (c == '-')
      out += "\\-";
    else if ((c == '.' || c == '\'') && (out.empty() || out.back() == '\n'))
      out += std::string("\\&") + c;
    else
      out += c;
  }
  return out;
}

std::string value_of(const CommandOption& o) {
  if (o.value.empty()) return "";
  std::string choices;
  for (const std::string& one : o.choices) choices += (choices.empty() ? "" : "|") + one;
  return choices.empty() ? fmt::format(" \\fI{}\\fR", roff(o.value)) : " " + roff(choices);
}

void print_options(const Command& command) {
  for (const CommandOption& o : command.options) {
    if (o.names == std::vector<std::string>{"-h", "--help"} && !command.path.empty()) continue;
    if (o.names.empty())
      fmt::print(".TP\n\\fI{}\\fR\n{}\n", roff(o.written), roff(o.description));
    else
      fmt::print(".TP\n\\fB{}\\fR{}\n{}\n", roff(o.written), value_of(o), roff(o.description));
  }
}

void print_command(const Command& command) {
  std::string line = fmt::format("\\fBtideline {}\\fR", roff(command.path));
  for (const CommandOption& o : command.options)
    if (o.names.empty())
      line += fmt::format(" {}\\fI{}\\fR{}{}", o.required ? "" : "[", roff(o.written), o.repeats ? "..." : "",
                          o.required ? "" : "]");
  fmt::print(".SS {}\n{}\n", line, roff(command.description));
  print_options(command);
}

constexpr const char* kEnd = R"(.SH EXIT STATUS
.TP
.B 0
answered
.TP
.B 1
a mistake of the program's own
.TP
.B 2
a mistake in the input, told with its file and place
.TP
.B 3
the answer is no: the fleet is saturated, or nothing is feasible
.TP
.B 4
an SLO or a goal is missed
.TP
.B 130
interrupted
.SH ENVIRONMENT
.TP
.B TIDELINE_MODELS
folder of language models, GPUs, nodes, fabrics, overlaps and price books, instead of the installed one
.TP
.B NO_COLOR
no colour and no progress line
.SH EXAMPLES
.nf
tideline run scenario.json \-\-set 'money.gpu_rate=1.5 USD/h'
tideline plan scenario.json \-\-out planned
tideline schema > tideline.schema.json
.fi
)";

}  // namespace

void add_man(CLI::App& program, int& exit_code) {
  CLI::App* command = program.add_subcommand("man", "the manual page, for man(1)");
  command->callback([&program, &exit_code] {
    fmt::print(".TH TIDELINE 1 \"\" \"tideline {}\" \"User Commands\"\n", TIDELINE_VERSION);
    fmt::print(".SH NAME\ntideline \\- simulate the serving of large mixture\\-of\\-experts models\n");
    fmt::print(".SH SYNOPSIS\n.B tideline\n.I command\n.RI [ options ]\n.RI [ file ...]\n");
    fmt::print(
        ".SH DESCRIPTION\nFrom a scenario file to throughput, latency, nodes, cost and margin. The result "
        "stands on standard output, everything else on standard error.\n");
    bool first = true;
    for (const Command& one : command_tree(program)) {
      if (first) {
        fmt::print(".SH OPTIONS\n");
        print_options(one);
        fmt::print(".SH COMMANDS\n");
      } else if (one.below.empty()) {
        print_command(one);
      }
      first = false;
    }
    fmt::print("{}", kEnd);
    exit_code = kOk;
  });
}

}  // namespace tideline::tools
