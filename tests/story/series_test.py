#!/usr/bin/env python3
"""What does `tideline run --series` write? usage: series_test.py TIDELINE"""
import csv
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest

from small_day import small_day

PROGRAM = sys.argv.pop()


def series(folder, name, *arguments):
    file = pathlib.Path(folder) / "made" / name
    scenario = small_day('slo={"ttft": "2 s", "share": 0.1}')
    subprocess.run([PROGRAM, "run", *scenario, "--series", str(file), *arguments],
                   check=True, capture_output=True)
    assert [p.name for p in file.parent.glob("*.part")] == []
    return file.read_bytes()


class Series(unittest.TestCase):
    def test_a_line_a_minute_the_same_bytes_from_one_thread_and_two(self):
        with tempfile.TemporaryDirectory() as folder:
            one = series(folder, "one.csv", "--threads", "1")
            two = series(folder, "two.csv", "--threads", "2")
            columns = json.loads(series(folder, "columns.json"))
        self.assertEqual(one, two)
        rows = list(csv.DictReader(one.decode().splitlines()))
        self.assertEqual([row["local_time"] for row in rows], ["12:00", "12:01", "12:02"])
        for row in rows:
            self.assertGreater(float(row["arrivals"]), 0)
            self.assertGreaterEqual(float(row["finished"]), float(row["good"]))
            self.assertEqual(float(row["prefill_serving"]), 1)
            self.assertGreater(float(row["prefill_busy"]), 0)
            self.assertLessEqual(float(row["kv_mean"]), float(row["kv_fullest"]))
        self.assertEqual(columns["arrivals"], [float(row["arrivals"]) for row in rows])

    def test_what_was_computed_again_is_told_by_hour_class_and_minute(self):
        outage = 'decode.failures={"outages": [{"at": "12:01", "unit": 0, "down": "20 s"}]}'
        with tempfile.TemporaryDirectory() as folder:
            minutes = pathlib.Path(folder) / "minutes.json"
            run = [PROGRAM, "run", *small_day(outage), "--format", "json",
                   "--series", str(minutes)]
            one, two = (subprocess.run([*run, "--threads", str(n)], capture_output=True).stdout
                        for n in (1, 2))
            columns = json.loads(minutes.read_text(encoding="utf-8"))
        self.assertEqual(one, two)
        result = json.loads(one)
        again = result["summary"]["retries"]
        self.assertGreater(again, 0)
        self.assertLessEqual(again, result["run"]["requests_retried"])  # of the warm-up too
        self.assertEqual(sum(columns["retried"]), result["run"]["requests_retried"])
        for parts in (result["hours"], list(result["classes"].values())):
            for key in ("offered_requests", "rejected_requests", "unfinished_requests", "preemptions",
                        "retries"):
                self.assertEqual(sum(part[key] for part in parts), result["summary"][key])
        s = result["summary"]
        self.assertEqual(s["unfinished_requests"], result["run"]["window_unfinished"])
        self.assertEqual(s["offered_requests"],
                         s["requests"] + s["rejected_requests"] + s["unfinished_requests"])


class Use(unittest.TestCase):
    def test_requests_a_gpu_are_of_the_nodes_that_have_requests_not_of_those_that_stand_by(self):
        said = []
        for spares in 0, 6:
            run = [PROGRAM, "run", *small_day(f'decode.failures={{"spares": {spares}}}'), "--format", "json"]
            result = json.loads(subprocess.run(run, capture_output=True, check=True).stdout)
            self.assertEqual(result["nodes"][0]["standby"], spares)
            said.append(result["summary"]["decode_requests_per_gpu"])
            use = result["hours"][0]["use"]["requests_per_gpu"]
            self.assertAlmostEqual(said[-1], use, delta=0.02 * use)
        self.assertEqual(*said)


if __name__ == "__main__":
    unittest.main()
