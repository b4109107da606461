#!/usr/bin/env python3
"""What does SIGINT or SIGTERM leave behind? usage: interruption_test.py TIDELINE"""
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from small_day import FLAGSHIP

PROGRAM = sys.argv.pop()
signal.signal(signal.SIGINT, signal.SIG_DFL)  # also where the tests run in the background of a shell


def listens(process, number):
    """Whether the program waits for the signal itself: while it starts it does not (proc(5), SigBlk)."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    blocked = re.search(r"SigBlk:\s*([0-9a-f]+)", status)
    return blocked is not None and int(blocked[1], 16) >> (number - 1) & 1


def interrupted(arguments, number, ready):
    """Exit code and standard error of a run that gets a signal once it listens and ready() says so."""
    run = subprocess.Popen([PROGRAM, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    deadline = time.monotonic() + 60
    while not (listens(run, number) and ready()) and run.poll() is None and time.monotonic() < deadline:
        time.sleep(0.01)
    run.send_signal(number)
    _, said = run.communicate(timeout=60)
    return run.returncode, said.decode()


def after(seconds):
    until = time.monotonic() + seconds
    return lambda: time.monotonic() > until


class Interruption(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def test_a_run_exits_130_with_one_line_and_no_file(self):
        arguments = ["run", FLAGSHIP, "--out", self.folder, "--threads", "2"]
        code, said = interrupted(arguments, signal.SIGINT, after(0.5))
        self.assertEqual(code, 130)
        self.assertRegex(said, r"^tideline: stopped by SIGINT[^\n]*\n$")
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_an_export_exits_143_says_how_far_it_was_and_takes_its_half_file_away(self):
        out = self.folder / "trace.csv"
        part = self.folder / "trace.csv.part"
        code, said = interrupted(["export", FLAGSHIP, "--out", out], signal.SIGTERM,
                                 lambda: part.exists() and part.stat().st_size > 0)
        self.assertEqual(code, 143)
        match = re.fullmatch(r"tideline: stopped by SIGTERM after (\d+) requests of the trace\n", said)
        self.assertIsNotNone(match, said)
        self.assertGreater(int(match[1]), 0)
        self.assertEqual(list(self.folder.iterdir()), [])

    def test_validate_and_ablate_stop_at_once(self):
        for arguments in (["validate"], ["ablate", FLAGSHIP]):
            code, said = interrupted(arguments, signal.SIGTERM, after(0.05))
            self.assertEqual(code, 143, said)
            self.assertTrue(said.startswith("tideline: stopped by SIGTERM"), said)


if __name__ == "__main__":
    unittest.main()
