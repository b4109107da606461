"""A study of small days for tests of `tideline sweep`: tens of points of some twenty milliseconds."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from small_day import FLAGSHIP

SETTINGS = ["workload.output_tokens_per_day=0.3 Gtok", "duration=2 min", "warm_up=1 min",
            'fleet.schedule=[{"from": "00:00", "prefill_units": 1, "decode_units": 1}]']
METRICS = ["gross_margin", "cost_profit_ratio", "output_speed_tok_s_user", "ttft_s.p99", "run.decode_steps"]


def write_study(folder, **more):
    """Writes study.json into a folder and gives its path: 24 points unless told otherwise."""
    study = {"question": "What do drafts and memory do to a small day?",
             "base": str(FLAGSHIP), "set": SETTINGS,
             "axes": {"decode.draft_acceptance": {"from": 0.7, "to": 0.9, "count": 6},
                      "decode.memory_reserve": [0.1, 0.2]},
             "replications": 2, "metrics": METRICS}
    study.update(more)
    path = pathlib.Path(folder) / "study.json"
    path.write_text(json.dumps(study), encoding="utf-8")
    return path


class Sweep:
    """The verbs of `tideline sweep` on one study, each with a folder of its own for results."""

    def __init__(self, program, study):
        self.program, self.study = program, study

    def call(self, *arguments, **more):
        return subprocess.run([self.program, "sweep", *map(str, arguments)], capture_output=True, text=True,
                              timeout=120, **more)

    def run(self, out, *arguments, **more):
        return self.call("run", self.study, "--out", out, *arguments, **more)

    def merge(self, out):
        """Exit code, what was said, and the bytes of the database."""
        done = self.call("merge", self.study, "--out", out)
        database = pathlib.Path(out) / "points.sqlite"
        return done.returncode, done.stdout + done.stderr, database.read_bytes() if database.exists() else b""


class StudyCase(unittest.TestCase):
    """A folder with the small study in it. `program`: of the class that tests."""
    program = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.sweep = Sweep(self.program, write_study(self.folder))
        self.out = self.folder / "out"


def rows(folder):
    """The lines about points in a folder of results, whole ones."""
    return [line for file in sorted(pathlib.Path(folder).glob("shard-*.jsonl"))
            for line in file.read_text(encoding="utf-8").split("\n")[:-1] if '"key"' in line]
