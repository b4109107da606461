#!/usr/bin/env python3
"""What is said of latencies where nobody came, or got two tokens? usage: nobody_test.py TIDELINE"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from small_day import small_day

PROGRAM = sys.argv.pop()
# Two hours, of which the second has no load, and a class of single tokens.
LOAD = ["duration=2 h", "workload.output_tokens_per_day=0.0002 Gtok", "workload.between_hours=step",
        f"workload.hourly_profile={[int(hour == 12) for hour in range(24)]}"]
LENGTHS = '"input_tokens": {"constant": 2000}, "output_tokens": {"constant": %d}'
CLASSES = (f'workload.classes=[{{"name": "talk", "share": 0.5, {LENGTHS % 20}}}, '
           f'{{"name": "yes_or_no", "share": 0.5, {LENGTHS % 1}}}]')


class Nobody(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.screen = cls.run_of("day", *LOAD, CLASSES)
        cls.result = json.loads((cls.folder / "day" / "result.json").read_text())

    @classmethod
    def run_of(cls, name, *settings):
        run = [PROGRAM, "run", *small_day("published=null", *settings), "--quiet", "--out", cls.folder / name]
        return subprocess.run(run, check=True, timeout=60, text=True, stdout=subprocess.PIPE).stdout

    def test_in_json_there_is_no_number_of_nothing(self):
        some, nobody = self.result["hours"]
        self.assertEqual(nobody["tokens"]["requests"], 0)
        for latency in "queue_s", "ttft_s", "decode_wait_s", "tpot_s", "e2e_s":
            self.assertEqual(set(nobody[latency].values()), {None}, latency)
            self.assertNotIn(None, some[latency].values())
        self.assertIsNone(nobody["output_speed_tok_s_user"])
        single = self.result["classes"]["yes_or_no"]
        self.assertGreater(single["ttft_s"]["p99"], 0)
        self.assertEqual(set(single["tpot_s"].values()), {None})
        self.assertIsNone(single["output_speed_tok_s_user"])

    def test_in_tables_the_cell_is_empty_and_on_the_screen_a_dash(self):
        some, nobody = csv.DictReader((self.folder / "day" / "hours.csv").read_text().splitlines())
        for key in "ttft_p99_s", "tpot_mean_s", "output_speed_tok_s_user":
            self.assertEqual(nobody[key], "", key)
        self.assertGreater(float(some["ttft_p99_s"]), 0)
        self.assertRegex(self.screen, r"\n  yes_or_no +[\d,]+ +[\d.]+ s +[\d.]+ s +- ms +-\n")

    def test_where_no_answer_had_two_tokens_there_is_no_speed_and_no_step(self):
        one = f'workload.classes=[{{"name": "yes_or_no", "share": 1, {LENGTHS % 1}}}]'
        screen = self.run_of("single", one, "workload.output_tokens_per_day=0.0005 Gtok")
        self.assertRegex(screen, r"\n  output speed per user +- tok/s")
        self.assertRegex(screen, r"\n  TPOT( +-){5} ms\n")
        self.assertIn("\n  no decode step began in the window; ", screen)
        summary = json.loads((self.folder / "single" / "result.json").read_text())["summary"]
        self.assertIsNone(summary["output_speed_tok_s_user"])
        self.assertIsNone(summary["decode_step_s"])
        self.assertGreater(summary["prefill_pass_s"], 0)


if __name__ == "__main__":
    unittest.main()
