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
            again = self.run_of(form, *(f"workload.{key}=null" for key in DRAWN),
                                f'workload.trace={{"file": "{file}", "format": "{form}"}}')
            # The trace begins with its first request: two or three come earlier by that, over an edge.
            self.assertAlmostEqual(again["requests"], drawn["requests"], delta=3)
            for key in "input_tokens", "output_tokens":
                self.assertAlmostEqual(again[key] / drawn[key], 1.0, delta=0.002)


if __name__ == "__main__":
    unittest.main()
