#!/usr/bin/env python3
"""Do GNU parallel and mpirun run a study? usage: launchers_test.py TIDELINE"""
import os
import pathlib
import re
import shutil
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "story"))
from small_study import StudyCase, rows  # noqa: E402

PROGRAM = sys.argv.pop()


class Launcher(StudyCase):
    program = PROGRAM

    def setUp(self):
        super().setUp()
        self.sweep.run(self.folder / "alone")
        _, _, self.alone = self.sweep.merge(self.folder / "alone")

    def emitted(self, engine, *options, program=PROGRAM, **variables):
        script = self.folder / "script.sh"
        emitted = self.sweep.call("emit", engine, self.sweep.study, "--out", self.out, "--program", program,
                                  *options)
        script.write_text(emitted.stdout)
        return subprocess.run(["bash", script], capture_output=True, text=True, timeout=120, check=False,
                              env={**os.environ, **variables})

    @unittest.skipUnless(shutil.which("parallel"), "GNU parallel is not installed")
    def test_gnu_parallel_with_a_shard_that_fails_and_again(self):
        # Shard 2 fails for as long as a file is there.
        trouble, faulty = self.folder / "trouble", self.folder / "faulty program"
        trouble.touch()
        faulty.write_text(f'''#!/bin/sh
if [ -e "{trouble}" ] && echo "$*" | grep -q "shard 2/4"; then exit 7; fi
exec "{PROGRAM}" "$@"
''')
        faulty.chmod(0o755)
        first = self.emitted("parallel", "--shards", 4, program=faulty, PARALLEL_OPTIONS="--jobs 2")
        self.assertEqual(first.returncode, 5, first.stderr)
        self.assertIn("24 points: 18 done, 0 failed, 6 missing", first.stdout)
        trouble.unlink()
        again = self.emitted("parallel", "--shards", 4, program=faulty, PARALLEL_OPTIONS="--jobs 2")
        self.assertEqual(again.returncode, 0, again.stdout + again.stderr)
        self.assertEqual(len(rows(self.out)), 24)
        self.assertEqual((self.out / "points.sqlite").read_bytes(), self.alone)

    @unittest.skipUnless(shutil.which("mpirun"), "mpirun is not installed")
    def test_four_ranks_of_mpirun(self):
        done = self.emitted("mpi", "--shards", 4, MPIRUN_OPTIONS="--allow-run-as-root --oversubscribe")
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
        self.assertEqual(len(list(self.out.glob("shard-*.jsonl"))), 4)
        self.assertEqual(len(rows(self.out)), 24)
        self.assertEqual((self.out / "points.sqlite").read_bytes(), self.alone)


    def test_the_pods_of_an_indexed_job(self):
        job = self.sweep.call("emit", "k8s", self.sweep.study, "--out", self.out, "--shards", 3).stdout
        self.assertIn("  completions: 3\n", job)
        command = re.search(r"^ +- (exec .*)$", job, re.MULTILINE)[1]
        for index in range(3):
            pod = subprocess.run(["/bin/sh", "-c", command], timeout=60, check=False,
                                 env={**os.environ, "JOB_COMPLETION_INDEX": str(index)})
            self.assertEqual(pod.returncode, 0)
        self.assertEqual(self.sweep.merge(self.out)[2], self.alone)


class ByVariables(StudyCase):
    """The engines that cannot be had here, by what they would set."""
    program = PROGRAM

    def test_each_runs_its_own_part_and_says_which(self):
        for name, variables, more in (
                ("Kubernetes Indexed Job", {"JOB_COMPLETION_INDEX": "1"}, ["--shards", "8"]),
                ("AWS Batch array", {"AWS_BATCH_JOB_ARRAY_INDEX": "1", "AWS_BATCH_JOB_ARRAY_SIZE": "8"}, []),
                ("LSF array", {"LSB_JOBINDEX": "2", "LSB_JOBINDEX_END": "8"}, []),
                ("Grid Engine array", {"SGE_TASK_ID": "2", "SGE_TASK_FIRST": "1", "SGE_TASK_LAST": "8",
                                       "SGE_TASK_STEPSIZE": "1"}, [])):
            done = self.sweep.run(self.folder / name, "--shard", "auto", *more,
                                  env={**os.environ, **variables})
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertIn(f"shard 1/8 by {name} (", done.stderr)
            self.assertEqual(len(rows(self.folder / name)), 3)


if __name__ == "__main__":
    unittest.main()
