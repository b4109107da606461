#!/usr/bin/env python3
"""Is a study the same whoever runs it, and whatever happens to them? usage: sweep_test.py TIDELINE"""
import json
import pathlib
import random
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from small_study import METRICS, SETTINGS, StudyCase, Sweep, rows, write_study

PROGRAM = sys.argv.pop()
signal.signal(signal.SIGINT, signal.SIG_DFL)  # also where the tests run in the background of a shell


class Study(StudyCase):
    program = PROGRAM

    def whole(self, name="whole"):
        """The database of the study run by one process on one thread."""
        self.assertEqual(self.sweep.run(self.folder / name, "--threads", 1).returncode, 0)
        code, said, database = self.sweep.merge(self.folder / name)
        self.assertEqual(code, 0, said)
        return database

    def start(self, out, *arguments):
        return subprocess.Popen([PROGRAM, "sweep", "run", self.sweep.study, "--out", out, *arguments],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)


class Identity(Study):
    def test_the_database_is_the_same_for_1_3_and_100_shards_on_1_and_2_threads_in_any_order(self):
        whole = self.whole()
        order = random.Random(1)
        for count, threads in ((1, 2), (3, 1), (3, 2), (100, 2)):
            out = self.folder / f"{count}-{threads}"
            # Of a hundred shards, 24 have a point.
            for shard in order.sample(range(min(count, 24)), min(count, 24)):
                done = self.sweep.run(out, "--shard", f"{shard}/{count}", "--threads", threads)
                self.assertEqual(done.returncode, 0, done.stderr)
            for file in out.glob("shard-*.jsonl"):
                lines = file.read_text().splitlines(keepends=True)
                order.shuffle(lines)
                file.write_text("".join(lines))
            code, said, database = self.sweep.merge(out)
            self.assertEqual(code, 0, said)
            self.assertEqual(database, whole, f"{count} shards on {threads} threads")

    def as_planned(self, sweep, point):
        """The numbers of the run that `sweep plan` names for a point, in the order of METRICS."""
        command, = sweep.call("plan", sweep.study, "--point", point).stdout.splitlines()
        command = command.replace("tideline", f"'{PROGRAM}'", 1) + " --format json"
        run = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=60, check=False)
        result = json.loads(run.stdout)
        summary = result["summary"]
        return (summary["gross_margin"], summary["cost_profit_ratio"], summary["output_speed_tok_s_user"],
                summary["ttft_s"]["p99"], result["run"]["decode_steps"])

    def stored(self, folder, point):
        with sqlite3.connect(folder / "points.sqlite") as db:
            columns = ", ".join(f'"{m}"' for m in METRICS)
            return db.execute(f"SELECT {columns} FROM points WHERE point = ?", (point,)).fetchone()

    def test_a_point_is_the_run_that_plan_names_whichever_replication_it_is(self):
        self.whole()
        for point in (14, 15):
            self.assertEqual(self.stored(self.folder / "whole", point), self.as_planned(self.sweep, point))

    def test_replications_are_counted_from_that_of_the_scenario(self):
        self.whole()
        study = write_study(self.folder, set=[*SETTINGS, "replication=1"])
        sweep, out = Sweep(PROGRAM, study), self.folder / "later"
        self.assertEqual(sweep.run(out).returncode, 0)
        self.assertEqual(sweep.merge(out)[0], 0)
        self.assertEqual(self.stored(out, 0), self.stored(self.folder / "whole", 1))
        self.assertEqual(self.stored(out, 1), self.as_planned(sweep, 1))


class Database(Study):
    def test_it_has_inputs_and_metrics_as_columns_and_means_over_replications(self):
        self.whole()
        with sqlite3.connect(self.folder / "whole" / "points.sqlite") as db:
            points = db.execute('SELECT point, "decode.draft_acceptance", "decode.memory_reserve", '
                                'replication, status, code FROM points').fetchall()
            self.assertEqual(len(points), 24)
            self.assertEqual(points[7], (7, 0.74, 0.2, 1, "done", 0))
            means = db.execute('SELECT runs, gross_margin, "gross_margin sd" FROM configurations').fetchall()
            first, second = (row[0] for row in db.execute("SELECT gross_margin FROM points LIMIT 2"))
            self.assertEqual(len(means), 12)
            self.assertEqual(means[0][0], 2)
            self.assertAlmostEqual(means[0][1], (first + second) / 2, 12)
            self.assertAlmostEqual(means[0][2], abs(first - second) / 2 ** 0.5, 9)
            kinds = dict(db.execute("SELECT name, kind FROM columns"))
            self.assertEqual(kinds["decode.memory_reserve"], "input")
            self.assertEqual(kinds["ttft_s.p99"], "metric")

    def test_points_that_are_missing_are_counted_and_the_code_says_so(self):
        out = self.folder / "part"
        self.sweep.run(out, "--shard", "0/3")
        code, said, _ = self.sweep.merge(out)
        self.assertEqual(code, 5)
        self.assertIn("24 points: 8 done, 0 failed, 16 missing", said)
        status = self.sweep.call("status", self.sweep.study, "--out", out)
        self.assertEqual((status.returncode, status.stdout), (5, "24 points: 8 done, 0 failed, 16 missing\n"))

    def test_a_failed_point_is_recorded_with_its_message_and_run_again_only_when_asked(self):
        # 128 GPUs divide 256 experts without replicas, and not with 32 of them.
        axes = {"decode.nodes": [18, 16, 16], "decode.redundant_experts": [32, 0, 32]}
        study = write_study(self.folder, design="list", axes=axes, replications=1)
        sweep, out = Sweep(PROGRAM, study), self.folder / "failing"
        self.assertEqual(sweep.run(out).returncode, 0)
        code, said, _ = sweep.merge(out)
        self.assertEqual(code, 5)
        self.assertIn("3 points: 2 done, 1 failed, 0 missing\n  1 point failed, such as 2: /decode", said)
        before, files = len(rows(out)), len(list(out.iterdir()))
        self.assertIn("0 points run, 3 were there", sweep.run(out, "--resume").stderr)
        self.assertEqual((len(rows(out)), len(list(out.iterdir()))), (before, files))
        sweep.run(out, "--retry-failed")
        self.assertEqual(len(rows(out)), before + 1)


class Crash(Study):
    def test_killed_at_random_moments_and_resumed_it_is_the_same(self):
        whole = self.whole()
        out, moments = self.folder / "killed", random.Random(2)
        killed = 0
        for _ in range(6):
            run = self.start(out, "--resume", "--threads", "2")
            before, deadline = len(rows(out)), time.monotonic() + 20
            # At some moment after it has begun to write.
            while len(rows(out)) == before and run.poll() is None and time.monotonic() < deadline:
                time.sleep(0.005)
            time.sleep(moments.uniform(0, 0.05))
            run.kill()
            killed += run.wait() == -signal.SIGKILL
            run.stderr.close()
        self.assertGreater(killed, 0)
        # And one that was torn in the middle of a line.
        torn = sorted(out.glob("shard-*.jsonl"))[0]
        torn.write_bytes(torn.read_bytes()[:-20])
        self.assertEqual(self.sweep.run(out, "--resume").returncode, 0)
        code, said, database = self.sweep.merge(out)
        self.assertEqual(code, 0, said)
        self.assertIn("1 torn line", said)
        self.assertEqual(database, whole)
        self.assertLess(len(rows(out)), 24 + 6 * 2)  # no more than what was under way was run twice

    def test_a_signal_ends_it_after_the_points_under_way_with_the_code_that_says_why(self):
        for number, code in ((signal.SIGTERM, 75), (signal.SIGUSR1, 75), (signal.SIGINT, 130)):
            out = self.folder / f"signal-{number}"
            run = self.start(out, "--threads", "1")
            deadline = time.monotonic() + 20
            while not rows(out) and time.monotonic() < deadline:
                time.sleep(0.005)
            run.send_signal(number)
            _, said = run.communicate(timeout=20)
            self.assertEqual(run.returncode, code, said)
            self.assertRegex(said.decode(), r"\d+ points? run, \d+ left: ")
            file, = out.glob("shard-*.jsonl")
            self.assertTrue(file.read_text().endswith("}\n"))

    def test_two_results_of_one_point_are_loud(self):
        out = self.folder / "broken"
        self.sweep.run(out, "--shard", "0/24")
        file, = out.glob("shard-*.jsonl")
        row = json.loads(rows(out)[0])
        row["metrics"]["gross_margin"] += 1e-9
        (out / "shard-of-a-broken-machine.jsonl").write_text(json.dumps(row) + "\n")
        code, said, database = self.sweep.merge(out)
        self.assertEqual((code, database), (2, b""))
        self.assertIn("was done before with another result", said)


if __name__ == "__main__":
    unittest.main()
