#!/usr/bin/env python3
"""Does every command in the pages run?

Blocks fenced as ```sh are run, each as one shell script that stops at its first failure (```sh exit 4: has to
end so), in a folder that has the tree's own beside it; blocks of a page share it. `tideline` is the program
behind a wrapper that makes long work short, and says with what: the commands are the page's, the windows are
not. Commands inside a sentence are held to the program's own --help: their subcommand and every option has to
be there.

usage: commands_test.py TIDELINE [PAGE...]
"""
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *sorted(
    str(page.relative_to(ROOT)) for top in ("calib", "models", "notebooks", "scenarios", "sim", "tests")
    for page in (ROOT / top).rglob("*.md") if "node_modules" not in page.parts)]

# Work of more than seconds: what is set in addition, in the order of what is looked for in the command. One
# thread: two that wait for one another are slow on a machine that runs other tests.
SHORTER = [
    # The plan is of these settings, and its scenario does not hold them.
    ("run planned/", ["--threads", "1", "--set", "duration=1 h", "--set", "warm_up=1 min",
                      "--set", "workload.output_tokens_per_day=8 Gtok"]),
    # Units that follow the load take a while to; at a tenth of it the least will do.
    ("run scenarios/deepseek-2025-02-27-reactive", [
        "--threads", "1", "--set", "duration=3 min", "--set", "warm_up=1 min",
        "--set", "workload.output_tokens_per_day=17 Gtok"]),
    ("run scenarios/deepseek-r1-and-v3", [
        "--threads", "1", "--set", "duration=3 min", "--set", "warm_up=1 min",
        "--set", "workload.output_tokens_per_day=17 Gtok",
        "--set", "prefill.scaling=null", "--set", "decode.scaling=null"]),
    # The unit is lost at ten.
    ("run scenarios/deepseek-2025-02-27-unit-lost", [
        "--set", "start=2025-02-27T22:00:00+08:00", "--set", "duration=3 min", "--set", "warm_up=1 min",
        "--threads", "1"]),
    ("run mine/", ["--set", "warm_up=1 min", "--threads", "1"]),
    ("run", ["--set", "duration=3 min", "--set", "warm_up=1 min", "--threads", "1"]),
    ("plan", ["--threads", "1", "--set", "duration=1 h", "--set", "warm_up=1 min",
              "--set", "plan.trial_warm_up=2 min",
              "--set", "plan.trial_window=2 min", "--set", "workload.output_tokens_per_day=8 Gtok"]),
    ("ablate", ["--hours", "0.02"]),
    ("layouts", ["--set", "layouts.decode.nodes=[18]", "--set", "layouts.prefill.nodes=[4]"]),
]
# A line that begins so is run elsewhere, and is left out here.
ELSEWHERE = {
    "./tools/demo": "a minute of simulation and a build: CI runs it from nothing",
    "./tools/test": "runs these tests",
    "tools/": "the checks are tests of their own (check.style, check.modules)",
    "cmake ": "configures and builds, as tools/test does",
    "ctest ": "runs these tests",
    "tests/fuzz": "wants the fuzz preset; its corpus is replayed by the tests",
    "build/fuzz": "wants the fuzz preset",
    "tideline report": "page.report looks at it in a browser, where the page could be built",
    "jupyter": "the notebooks are run by notebooks.*",
}
# Words that stand for something else: such a line cannot be run.
STANDS_FOR = re.compile(r"\b[A-Z]{2,}\b|\.\.\.|…|\bN\b|<\w+>")

class Page:
    def __init__(self, path):
        self.path, self.blocks, self.spans, self.stray = path, [], [], []
        language, block, first = None, [], 0
        for number, line in enumerate((ROOT / path).read_text().split("\n"), 1):
            if line.startswith("```"):
                if language is None:
                    language, block, first = line[3:].strip() or "text", [], number
                else:
                    if re.fullmatch(r"sh( exit \d+)?", language):
                        self.blocks.append((first, block, int(language[8:] or 0)))
                    language = None
            elif language is not None:
                block.append(line)
                if not language.startswith("sh") and line.startswith("tideline "):
                    self.stray.append((number, line))
            else:
                self.spans += [(number, span) for span in re.findall(r"`(tideline [^`]+)`", line)]
                if re.match(r" {4,}(tideline|\./tools/\w+) ", line):
                    self.stray.append((number, line.strip()))


def wrapper(program):
    """A `tideline` that finds what to add by its own arguments."""
    cases = "\n".join(
        f"  '{beginning}'*) set -- \"$@\" {' '.join(map(repr, more))} ;;" for beginning, more in SHORTER)
    return f"""#!/bin/sh
case "$*" in
{cases}
esac
echo "+ tideline $*" >&2
exec '{program}' "$@"
"""


def runnable(block):
    """The lines of a block that are run here, and those that are run elsewhere."""
    lines, elsewhere, inside = [], [], None
    for line in block:
        if inside is not None:
            lines.append(line)
            inside = None if line == inside else inside
            continue
        here_document = re.search(r"<<'(\w+)'", line)
        why = next((reason for beginning, reason in ELSEWHERE.items() if line.startswith(beginning)), None)
        if why:
            elsewhere.append((line, why))
            continue
        inside = here_document and here_document[1]
        lines.append(line)
    return lines, elsewhere


def options_of(program, known={}):  # noqa: B006: a cache
    def of(words):
        if words not in known:
            done = subprocess.run([program, *words, "--help"], capture_output=True, text=True)
            known[words] = done.returncode == 0 and set(re.findall(r"--[a-z][a-z-]*", done.stdout)) or None
        return known[words]
    return of


def check_span(span, of):
    """What is wrong with a command in a sentence, or None."""
    words = span.split()[1:]
    if not words or words[0].startswith("-"):
        return None
    two = len(words) > 1 and words[1].isalpha() and words[1].islower() and of(tuple(words[:2]))
    path = tuple(words[:2] if two else words[:1])
    known = of(path)
    if known is None:
        return f"there is no `tideline {' '.join(path)}`"
    unknown = [w for w in re.findall(r"--[a-z][a-z-]*", span) if w not in known and w != "--help"]
    return f"`tideline {' '.join(path)}` has no {unknown[0]}" if unknown else None


def main(program, pages):
    failures, ran, spans = [], 0, 0
    of = options_of(program)
    with tempfile.TemporaryDirectory() as folder:
        here = pathlib.Path(folder)
        bin_ = here / "bin"
        bin_.mkdir()
        (bin_ / "tideline").write_text(wrapper(program))
        (bin_ / "tideline").chmod(0o755)
        environment = os.environ | {"PATH": f"{bin_}:{os.environ['PATH']}"}
        for path in pages:
            page = Page(path)
            for number, line in page.stray:
                if not STANDS_FOR.search(line):
                    failures.append(f"{path}:{number}: fence it as ```sh, so that it is run: {line}")
                elif line.startswith("tideline"):
                    page.spans.append((number, line))
            for number, span in page.spans:
                spans += 1
                wrong = check_span(span, of)
                if wrong:
                    failures.append(f"{path}:{number}: {wrong}: {span}")
            work = here / path.replace("/", "-")
            for number, block, wanted in page.blocks:
                lines, elsewhere = runnable(block)
                for line, why in elsewhere:
                    print(f"{path}:{number}: not here ({why}): {line}")
                if not any(line.strip() and not line.startswith("#") for line in lines):
                    continue
                if not work.exists():
                    work.mkdir()
                    for part in ("calib", "models", "notebooks", "scenarios", "sim", "tests", "tools"):
                        (work / part).symlink_to(ROOT / part)
                began = time.monotonic()
                done = subprocess.run(["bash", "-euo", "pipefail", "-c", "\n".join(lines)], cwd=work,
                                      env=environment, text=True, capture_output=True)
                ran += 1
                print(f"{path}:{number}: exit {done.returncode} after {time.monotonic() - began:.1f} s")
                print("\n".join(f"    {line}" for line in done.stderr.split("\n") if line.startswith("+ ")))
                if done.returncode != wanted:
                    said = (done.stderr or done.stdout)[-1500:]
                    failures.append(f"{path}:{number}: exit {done.returncode}\n{said}")
    print(f"{ran} blocks run, {spans} commands in sentences checked, {len(pages)} pages")
    if not ran or not spans:
        failures.append("nothing was found to run: are the pages where they were?")
    for failure in failures:
        print(f"\n{failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    chosen = sys.argv[2:]
    sys.exit(main(str(pathlib.Path(sys.argv[1]).resolve()), chosen or PAGES))
