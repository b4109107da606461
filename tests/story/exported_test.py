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
            self.assertAlmostEqual(again["ttft_s"]["mean"] / drawn["ttft_s"]["mean"], 1.0, delta=0.003)
            self.assertAlmostEqual(again["ttft_s"]["p50"] / drawn["ttft_s"]["p50"], 1.0, delta=1e-5)


if __name__ == "__main__":
    unittest.main()
