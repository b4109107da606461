#!/usr/bin/env python3
"""Does a real Slurm run the script that `sweep emit slurm` prints? usage: slurm_test.py TIDELINE"""
import pathlib
import sys
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "story"))
from small_study import StudyCase, Sweep, rows, write_study  # noqa: E402
from slurm import Slurm, why_not  # noqa: E402

PROGRAM = sys.argv.pop()


@unittest.skipIf(why_not(), why_not())
class Array(StudyCase):
    program = PROGRAM

    def submit(self, slurm, *options):
        script = self.folder / "submit.sh"
        emitted = self.sweep.call("emit", "slurm", self.sweep.study, "--out", self.out, *options)
        script.write_text(emitted.stdout)
        return slurm.call("bash", script)

    def merged(self):
        return (self.out / "merge.txt").read_text() if (self.out / "merge.txt").exists() else "no merge"

    def test_an_array_of_shards_and_the_merge_after_it(self):
        self.sweep.run(self.folder / "alone")
        _, _, alone = self.sweep.merge(self.folder / "alone")
        with Slurm(self.folder / "slurm") as slurm:
            self.assertRegex(self.submit(slurm, "--shards", 4), r"array \d+, merge \d+: .*merge.txt")
            slurm.wait(60)
            self.assertIn("24 points: 24 done, 0 failed, 0 missing", self.merged(), slurm.logs())
            self.assertEqual((self.out / "points.sqlite").read_bytes(), alone)
            shards = [f.read_text() for f in self.out.glob("shard-*.jsonl")]
            self.assertEqual(sorted(text.count('"key"') for text in shards), [6, 6, 6, 6])
            # Submitted again, all is there: nothing is run, and the merge is the same.
            self.submit(slurm, "--shards", 3)
            slurm.wait(60)
            self.assertEqual(len(rows(self.out)), 24)
            self.assertEqual((self.out / "points.sqlite").read_bytes(), alone)

    def test_a_task_that_is_told_to_stop_ends_in_good_order_and_is_put_back(self):
        self.sweep = Sweep(PROGRAM, write_study(self.folder, replications=40))
        with Slurm(self.folder / "slurm", CRED_EXPIRE="5") as slurm:
            self.submit(slurm, "--shards", 2)
            deadline = time.monotonic() + 30
            while len(rows(self.out)) < 6 and time.monotonic() < deadline:
                time.sleep(0.01)
            job = next(job for job, state, _ in slurm.jobs() if state == "R")
            slurm.call("scancel", "--batch", "--signal=USR1", job)
            slurm.wait(120)
            self.assertIn("480 points: 480 done, 0 failed, 0 missing", self.merged(), slurm.logs())
        # Two tasks, and one of them once more for what it had left.
        shards = [f.read_text() for f in self.out.glob("shard-*.jsonl")]
        self.assertEqual(len(shards), 3)
        self.assertEqual(len(rows(self.out)), 480)

    def test_tasks_of_srun_are_shards_too(self):
        with Slurm(self.folder / "slurm") as slurm:
            slurm.call("srun", "-N2", "-n4", "--mpi=none", PROGRAM, "sweep", "run", self.sweep.study, "--out",
                       self.out, "--shard", "auto", "--threads", 1)
        self.assertEqual(len(rows(self.out)), 24)
        code, said, _ = self.sweep.merge(self.out)
        self.assertEqual(code, 0, said)


if __name__ == "__main__":
    unittest.main()
