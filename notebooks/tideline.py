"""Asks the program and reads what it says. Standard library only: the notebooks need nothing but Jupyter.

ask() gives the text of a subcommand, answer() its JSON as plain objects, database() what a study came to,
Table shows rows. The program is the one that the environment variable TIDELINE names, else that of
build/release, else the one on PATH.
"""
import html
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
SCENARIOS = ROOT / "scenarios"
FLAGSHIP = SCENARIOS / "deepseek-2025-02-27.json"

# Exit codes of the program that are answers: done; no (saturated, infeasible); a target is missed.
DONE, NO, MISSED = 0, 3, 4


class Refused(Exception):
    """The program did not take what it was given; its own words say why."""


class Answer(dict):
    """An object of JSON whose keys are attributes too: result.summary.cost_usd."""

    def __getattr__(self, key):
        try:
            return self[key]
        except KeyError:
            raise AttributeError(f"no {key!r} here; there are {', '.join(self)}") from None


def program():
    built = ROOT / "build" / "release" / "tideline"
    for place in (os.environ.get("TIDELINE"), built, shutil.which("tideline")):
        if place and os.access(place, os.X_OK):
            return str(place)
    raise Refused("no tideline: build it (tools/demo), or set TIDELINE to its path")


def ask(*arguments, settings=None, accept=(DONE,)):
    """What a subcommand prints. settings: {"path.to.key": value}, as --set would have them."""
    for path, value in (settings or {}).items():
        arguments += "--set", f"{path}={value if isinstance(value, str) else json.dumps(value)}"
    done = subprocess.run([program(), *map(str, arguments)], capture_output=True, text=True)
    if done.returncode not in accept:
        raise Refused(f"tideline {' '.join(map(str, arguments))}\n{done.stderr or done.stdout}")
    return done.stdout


def answer(*arguments, settings=None, accept=(DONE,)):
    """The same from --format json, as plain objects."""
    return read(ask(*arguments, "--format", "json", settings=settings, accept=accept))


def read(text):
    return json.loads(text, object_hook=Answer)


def load(file):
    return read(pathlib.Path(file).read_text())


def database(file):
    """A function of a query, for a database of `sweep merge`: rows, their columns as attributes and keys."""
    db = sqlite3.connect(f"{pathlib.Path(file).absolute().as_uri()}?mode=ro", uri=True)
    db.row_factory = lambda cursor, row: Answer(zip((column[0] for column in cursor.description), row))
    return lambda sql, *values: db.execute(sql, values).fetchall()


def of_this_session(default, variable="TIDELINE_DURATION"):
    """How long a window to simulate: the notebook's own, or what the environment asks for (the tests do)."""
    return os.environ.get(variable, default)


class Table:
    """Rows under a head of {"column, unit": "format"}; None is left empty."""

    def __init__(self, head, rows):
        self.head = list(head)
        forms = list(head.values())
        self.cells = [[None if x is None else form.format(x) for form, x in zip(forms, row, strict=True)]
                      for row in rows]
        # A column of text is read from the left.
        self.right = [not any(isinstance(row[i], str) for row in rows) for i in range(len(self.head))]

    def _repr_html_(self):
        def line(tag, cells):
            sides = ("right" if right else "left" for right in self.right)
            shown = (f'<{tag} style="text-align:{side}">{html.escape(cell or "")}</{tag}>'
                     for cell, side in zip(cells, sides))
            return f"<tr>{''.join(shown)}</tr>"
        body = "\n".join(line("td", row) for row in self.cells)
        return f"<table><thead>{line('th', self.head)}</thead>\n<tbody>{body}</tbody></table>"

    def __repr__(self):
        lines = [self.head, *([cell or "" for cell in row] for row in self.cells)]
        widths = [max(map(len, column)) for column in zip(*lines)]
        return "\n".join("  ".join(f"{cell:{'>' if right else '<'}{width}}" for cell, width, right
                                   in zip(row, widths, self.right)).rstrip() for row in lines)
