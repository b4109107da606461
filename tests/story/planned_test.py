#!/usr/bin/env python3
"""Does the scenario that a plan writes ask what was planned, wherever it lies?

usage: planned_test.py TIDELINE
"""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

from small_day import FLAGSHIP, small_day

PROGRAM = str(pathlib.Path(sys.argv.pop()).resolve())
PRICES = FLAGSHIP.parents[1] / "models" / "price" / "deepseek-v3-list-2025-02-usd.json"
TARGETS = {"targets": {"output_speed": "10 tok/s", "ttft_p99": "20 s"},
           "units_max": {"prefill": 4, "decode": 2}, "trial_warm_up": "1 min", "trial_window": "1 min"}

STEPS = {"targets": {"output_speed": "10 tok/s", "ttft_p99": "10 s"}, "interval": "10 min", "hold": "0 s",
         "trial_warm_up": "1 min", "trial_window": "1 min"}


class Plans(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)

    @classmethod
    def call(cls, where, *arguments):
        subprocess.run([PROGRAM, *map(str, arguments)], cwd=cls.folder / where, check=True, timeout=60,
                       stdout=subprocess.DEVNULL)

    def read(self, file):
        return json.loads((self.folder / file).read_text())


class Planned(Plans):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Objects, elements of lists and files of one's own, relative to where the program runs.
        (cls.folder / "here").mkdir()
        shutil.copy(PRICES, cls.folder / "here" / "prices.json")
        cls.call("here", "plan", *small_day(
            "fleet.schedule=null", f"plan={json.dumps(TARGETS)}", "decode.draft_acceptance=0.7",
            "workload.classes.0.name=everyone", "money.price_book=./prices.json",
            'prefill.scaling={"kind": "reactive", "target": 0.01, "units_max": 4}'),
            "--out", cls.folder / "planned")

    def test_run_from_elsewhere_it_is_the_day_of_the_plan_event_by_event(self):
        self.call("planned", "run", "scenario.json", "--quiet", "--out", self.folder / "run")
        again, day = self.read("run/result.json"), self.read("planned/result.json")
        self.assertEqual(again["run"]["event_digest"], day["run"]["event_digest"])
        self.assertEqual(again["ledger"], day["ledger"])
        self.assertEqual(again["summary"]["revenue_usd"], day["summary"]["revenue_usd"])

    def test_what_was_set_is_in_it_beside_the_schedule(self):
        planned = self.read("planned/scenario.json")
        self.assertEqual(planned["decode"]["draft_acceptance"], 0.7)
        self.assertEqual(planned["workload"]["classes"][0]["name"], "everyone")
        self.assertEqual(planned["plan"]["targets"], TARGETS["targets"])
        self.assertEqual(planned["fleet"]["schedule"], self.read("planned/plan.json")["schedule"])
        self.assertEqual(planned["money"]["price_book"], str(self.folder / "here" / "prices.json"))

    def test_it_serves_on_the_schedule_and_not_by_load(self):
        self.assertIsNone(self.read("planned/scenario.json")["prefill"].get("scaling"))
        steps = self.read("planned/plan.json")["intervals"]
        self.assertEqual(self.read("planned/result.json")["summary"]["nodes_peak"],
                         max(step["nodes_provided"] for step in steps))


class OfLessThanADay(Plans):
    """Twenty minutes in two steps, after a warm-up; units take a minute and a half to start."""

    def plan(self, *hours):
        profile = dict(enumerate(hours[1:])) | {23: hours[0]}  # from the hour before midnight on
        self.call(".", "plan", *small_day(
            "fleet.schedule=null", f"plan={json.dumps(STEPS)}", "published=null", "prefill.nodes=4",
            "decode.nodes=4", "prefill.start_up=90 s", "duration=20 min", "warm_up=2 min",
            "start=2025-02-28T00:00:00+08:00", "workload.output_tokens_per_day=3 Gtok",
            "workload.between_hours=smooth",
            f"workload.hourly_profile={[profile.get(hour, 1) for hour in range(24)]}"), "--out", "planned")
        self.call(".", "run", "planned/scenario.json", "--quiet", "--out", "run")
        return [(step["from"], step["prefill_units"]) for step in self.read("planned/plan.json")["schedule"]]

    def expect_the_same_day(self):
        again, day, plan = map(self.read, ("run/result.json", "planned/result.json", "planned/plan.json"))
        self.assertEqual(again["run"]["event_digest"], day["run"]["event_digest"])
        self.assertEqual(again["ledger"], day["ledger"])
        self.assertAlmostEqual(again["summary"]["nodes_mean"] / 3,
                               plan["node_hours_prefill"] + plan["node_hours_decode"])

    def test_under_a_falling_load_it_warms_up_with_the_units_it_begins_with(self):
        self.assertEqual(self.plan(20, 8, 1), [("00:00", 5), ("00:10", 4), ("23:58", 5)])
        self.expect_the_same_day()

    def test_under_a_rising_load_units_are_ordered_at_whole_minutes_in_time(self):
        self.assertEqual(self.plan(1, 20, 20), [("00:00", 4), ("00:08", 5), ("00:10", 5), ("23:58", 4)])
        self.expect_the_same_day()


if __name__ == "__main__":
    unittest.main()
