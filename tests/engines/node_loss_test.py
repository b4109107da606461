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


def processes_of(node, folder):
    """Ids of all that runs on a node: its daemon, the daemons of its steps, and their children."""
    daemon = int((folder / "run" / f"slurmd.{node}.pid").read_text())
    parents, commands = {}, {}
    for entry in pathlib.Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
                commands[int(entry.name)] = (entry / "environ").read_bytes() + (entry / "cmdline").read_bytes()
            except OSError:
                continue
    # Daemons of steps are nobody's children: they are known by the spool of their node.
    spool = str(folder / f"spool.{node}").encode()
    found = {pid for pid, text in commands.items() if spool in text or f"SLURMD_NODENAME={node}\0".encode() in text}
    found.add(daemon)
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {os.getpid()}


@unittest.skipIf(why_not(), why_not())
class NodeLoss(unittest.TestCase):
    def test_a_node_is_killed_with_all_that_runs_on_it_and_the_study_ends_complete(self):
        with tempfile.TemporaryDirectory() as name:
            folder = pathlib.Path(name)
            # Some 300 points, so that all four cores are at work when the node dies.
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
                for pid in processes_of("n2", slurm.folder):
                    os.kill(pid, signal.SIGKILL)
                self.assertLess(len(rows(out)), 480, "it was over before the node died")
                slurm.wait(170)
                said = (out / "merge.txt").read_text()
                self.assertIn("480 points: 480 done, 0 failed, 0 missing", said, slurm.logs())
                self.assertIn("NODE_FAIL", (slurm.folder / "log" / "jobcomp.txt").read_text())
            self.assertEqual((out / "points.sqlite").read_bytes(), alone)


if __name__ == "__main__":
    unittest.main()
