"""A small day for tests of the program: one unit of each kind under a hundredth of the flagship's load."""
import pathlib

FLAGSHIP = pathlib.Path(__file__).resolve().parents[2] / "scenarios" / "deepseek-2025-02-27.json"


def small_day(*more):
    """Arguments for a subcommand: the scenario and what is set in it."""
    settings = ["workload.output_tokens_per_day=3 Gtok", "duration=3 min", "warm_up=1 min",
                'fleet.schedule=[{"from": "00:00", "prefill_units": 1, "decode_units": 1}]', *more]
    return [str(FLAGSHIP)] + [part for setting in settings for part in ("--set", setting)]
