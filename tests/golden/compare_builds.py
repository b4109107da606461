#!/usr/bin/env python3
"""Do two builds agree? Runs every scenario tests/golden/*.json with both and wants the same bytes.

usage: compare_builds.py TIDELINE OTHER_TIDELINE [SCENARIO...]
"""
import pathlib
import subprocess
import sys

ANSWERED = (0, 3, 4)  # yes; no: saturated; no: an SLO is missed


def answer(program, scenario):
    """Exit code and standard output of one run; standard error is talk and may differ."""
    command = "step" if pathlib.Path(scenario).name.startswith("step-") else "run"
    done = subprocess.run([program, command, str(scenario), "--format", "json"],
                          stdin=subprocess.DEVNULL, capture_output=True, check=False)
    return done.returncode, done.stdout, done.stderr


def first_difference(a, b):
    lines_a, lines_b = a.splitlines(), b.splitlines()
    for number, (x, y) in enumerate(zip(lines_a, lines_b), 1):
        if x != y:
            return f"line {number}:\n    {x.decode(errors='replace')}\n    {y.decode(errors='replace')}"
    return f"{len(lines_a)} lines and {len(lines_b)} lines"


def compare(program, other, scenario):
    """None when the builds agree on an answer, else what is wrong."""
    code, out, err = answer(program, scenario)
    other_code, other_out, other_err = answer(other, scenario)
    if code != other_code or code not in ANSWERED:
        return f"exit codes {code} and {other_code}\n{(err or other_err).decode(errors='replace')}"
    if not out:
        return "no output"
    return None if out == other_out else "they differ at " + first_difference(out, other_out)


def main(arguments):
    if len(arguments) < 2:
        print(__doc__.strip().splitlines()[-1], file=sys.stderr)
        return 2
    program, other, *scenarios = arguments
    scenarios = scenarios or sorted(pathlib.Path(__file__).parent.glob("*.json"))
    if not scenarios:
        print("no scenario in tests/golden: nothing was compared", file=sys.stderr)
        return 1
    failures = 0
    for scenario in scenarios:
        problem = compare(program, other, scenario)
        failures += problem is not None
        print(f"{pathlib.Path(scenario).name}: {problem or 'the same bytes'}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
