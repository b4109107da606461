#!/usr/bin/env python3
"""Does a study end complete when one of its nodes dies under it? usage: node_loss_test.py TIDELINE"""
import os
import pathlib
import signal
import sys
import tempfile
import time
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "story"))
from small_study import Sweep, rows, write_study  # noqa: E402
from slurm import Slurm, why_not  # noqa: E402

PROGRAM = sys.argv.pop()


def processes_of(node, slurm):
    """Ids of all that runs on a node: its daemon, the daemons of its steps, then the tasks."""
    parents, names, tasks = {}, {}, set()
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            name, rest = (entry / "stat").read_text().split("(", 1)[1].rsplit(")", 1)
            parents[int(entry.name)], names[int(entry.name)] = int(rest.split()[1]), name
            variables = (entry / "environ").read_bytes().split(b"\0")
        except OSError:
            continue
        ours = f"SLURM_CONF={slurm.folder / 'slurm.conf'}".encode()
        if f"SLURMD_NODENAME={node}".encode() in variables and ours in variables:
            tasks.add(int(entry.name))
    daemons = {parents[task] for task in tasks if names.get(parents[task]) == "slurmstepd"}
    return [int((slurm.folder / "run" / f"slurmd.{node}.pid").read_text()), *daemons, *(tasks - daemons)]


@unittest.skipIf(why_not(), why_not())
class NodeLoss(unittest.TestCase):
    def test_a_node_is_killed_with_all_that_runs_on_it_and_the_study_ends_complete(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            # So many that all four tasks are at work when the node dies.
            sweep = Sweep(PROGRAM, write_study(folder, replications=40))
            self.assertEqual(sweep.run(folder / "alone").returncode, 0)
            _, _, alone = sweep.merge(folder / "alone")
            out, script = folder / "out", folder / "submit.sh"
            script.write_text(sweep.call("emit", "slurm", sweep.study, "--out", out, "--shards", 4).stdout)
            with Slurm(folder / "slurm", SLURMD_TIMEOUT="10", CRED_EXPIRE="10") as slurm:
                slurm.call("bash", script)
                deadline = time.monotonic() + 30
                while len(rows(out)) < 12 and time.monotonic() < deadline:
                    time.sleep(0.01)
                self.assertIn("n2", {node for _, state, node in slurm.jobs() if state == "R"}, slurm.jobs())
                dying = processes_of("n2", slurm)
                self.assertGreaterEqual(len(dying), 3)
                # All stop before any dies: nobody lives to tell the controller.
                for number in (signal.SIGSTOP, signal.SIGKILL):
                    for pid in dying:
                        os.kill(pid, number)
                self.assertLess(len(rows(out)), 480, "it was over before the node died")
                slurm.wait(170)
                said = (out / "merge.txt").read_text()
                self.assertIn("480 points: 480 done, 0 failed, 0 missing", said, slurm.logs())
                self.assertIn("NODE_FAIL", (slurm.folder / "log" / "jobcomp.txt").read_text())
            self.assertEqual((out / "points.sqlite").read_bytes(), alone)


if __name__ == "__main__":
    unittest.main()
