"""A real Slurm on this machine for the time of a test."""
import os
import pathlib
import shutil
import socket
import subprocess
import time

HERE = pathlib.Path(__file__).resolve().parent
NEEDS = ("slurmctld", "slurmd", "sbatch", "munged")


def why_not():
    """Why there can be no Slurm here, or nothing."""
    missing = [name for name in NEEDS if not shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin:/sbin")]
    if missing:
        return "not installed: " + ", ".join(missing)
    return "" if os.geteuid() == 0 else "the daemons of Slurm want root"


def free_ports(count):
    """The first of so many free ports in a row."""
    for first in range(26817, 60000, 50):
        try:
            for port in range(first, first + count):
                with socket.socket() as s:
                    s.bind(("127.0.0.1", port))
            return first
        except OSError:
            continue
    raise RuntimeError("no free ports")


class Slurm:
    """Up from its beginning to the end of a with statement, whatever happens in it."""

    def __init__(self, folder, nodes=2, **variables):
        self.folder, self.nodes = pathlib.Path(folder), nodes
        self.environment = {**os.environ, **variables, "SLURM_CONF": str(self.folder / "slurm.conf"),
                            "PATH": os.environ["PATH"] + ":/usr/sbin:/sbin"}

    def __enter__(self):
        try:
            self.call(HERE / "slurm_up.sh", self.folder, self.nodes, free_ports(self.nodes + 1))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        subprocess.run([HERE / "slurm_down.sh", self.folder], env=self.environment, check=False,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def call(self, *command):
        done = subprocess.run([str(c) for c in command], env=self.environment, capture_output=True, text=True,
                              timeout=60, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{command}: {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def jobs(self):
        """What is queued or runs: (job, state, node) of each."""
        lines = self.call("squeue", "-h", "-r", "-o", "%i %t %N").splitlines()
        return [tuple((line + " ").split(" ")[:3]) for line in lines]

    def wait(self, seconds):
        """Until nothing is queued any more. `sbatch --wait` would look ever more rarely."""
        deadline = time.monotonic() + seconds
        while self.jobs():
            if time.monotonic() > deadline:
                raise RuntimeError(f"still there after {seconds} s: {self.jobs()}")
            time.sleep(0.1)

    def logs(self):
        """What its daemons and jobs said, for a failure."""
        return "\n".join(f"== {f}\n{f.read_text(errors='replace')[-2000:]}"
                         for f in sorted(self.folder.glob("log/*")) if f.is_file())
