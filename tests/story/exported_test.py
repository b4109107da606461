#!/usr/bin/env python3
"""Does a load that was exported come again when it is run, as it was after the warm-up?

usage: exported_test.py TIDELINE
"""
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from small_day import small_day

PROGRAM = str(pathlib.Path(sys.argv.pop()).resolve())
DRAWN = ("classes", "hourly_profile", "between_hours", "output_tokens_per_day")


class Exported(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def call(self, *arguments):
        subprocess.run([PROGRAM, *map(str, arguments)], check=True, timeout=60, stdout=subprocess.DEVNULL)

    def run_of(self, name, *settings):
        self.call("run", *small_day(*settings), "--quiet", "--out", self.folder / name)
        return json.loads((self.folder / name / "result.json").read_text())["summary"]

    def test_the_trace_has_the_requests_of_the_run_in_either_format(self):
        drawn = self.run_of("drawn")
        for form in "azure", "mooncake":
            file = self.folder / f"{form}.trace"
            self.call("export", *small_day(), "--format", form, "--out", file)
            trace = [*(f"workload.{key}=null" for key in DRAWN),
                     f'workload.trace={{"file": "{file}", "format": "{form}", "classes": ["all"]}}']
            self.call("export", *small_day(*trace), "--format", form, "--out", self.folder / "again")
            self.assertEqual((self.folder / "again").read_text(), file.read_text())  # each at its instant
            again = self.run_of(form, *trace)
            for key in "requests", "input_tokens", "cached_input_tokens", "output_tokens":
                self.assertEqual(again[key], drawn[key], key)
            # What is drawn goes on after the window: its last prompts share a pass or two with what follows.
            # A median may then be another step of the histogram, of half a percent.
            self.assertAlmostEqual(again["ttft_s"]["mean"] / drawn["ttft_s"]["mean"], 1.0, delta=0.003)
            self.assertAlmostEqual(again["ttft_s"]["p50"] / drawn["ttft_s"]["p50"], 1.0, delta=0.005)

    def test_a_scenario_that_is_shown_runs_from_any_folder(self):
        self.call("export", *small_day(), "--out", self.folder / "mine.csv")
        trace = {"file": "mine.csv", "format": "azure", "classes": ["all"]}
        (self.folder / "mine.json").write_text(json.dumps(
            {"extends": small_day()[0], "workload": {**dict.fromkeys(DRAWN), "trace": trace}}))
        shown = subprocess.run([PROGRAM, "show", self.folder / "mine.json", *small_day()[3:]], check=True,
                               timeout=60, stdout=subprocess.PIPE).stdout
        self.assertEqual(json.loads(shown)["workload"]["trace"]["file"], str(self.folder / "mine.csv"))
        (self.folder / "elsewhere").mkdir()
        (self.folder / "elsewhere" / "shown.json").write_bytes(shown)
        self.call("check", self.folder / "elsewhere" / "shown.json")

    def test_a_trace_that_is_over_long_before_the_window_is_told_in_text_and_in_json(self):
        file = self.folder / "short.csv"
        self.call("export", *small_day(), "--out", file)
        trace = [*(f"workload.{key}=null" for key in DRAWN),
                 f'workload.trace={{"file": "{file}", "format": "azure", "classes": ["all"]}}']
        self.assertNotIn("trace_over_s", self.run_of("as-long", *trace))
        looped = self.run_of("looped", *trace, "duration=6 min", "workload.trace.loop=true")
        self.assertNotIn("trace_over_s", looped)

        longer = [*trace, "duration=6 min"]
        self.assertAlmostEqual(self.run_of("longer", *longer)["trace_over_s"], 180.0, delta=3.0)
        text = subprocess.run([PROGRAM, "run", *small_day(*longer)], check=True, timeout=60, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL).stdout
        self.assertRegex(text, r"every request answered; .*\n"
                         r"the trace is over at 1[12]:\d\d: nobody comes in the last 3 min of the "
                         r"window, which are paid for all the same\n"
                         r"  a shorter \"duration\", or \"loop\" of the trace\n$")


if __name__ == "__main__":
    unittest.main()
