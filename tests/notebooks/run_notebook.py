#!/usr/bin/env python3
"""Does a notebook run to its end, every assert in it, and is it committed without outputs?

usage: run_notebook.py TIDELINE NOTEBOOK [EXECUTED]      EXECUTED: a copy with outputs, to look at
exit 77: not tried, because the distribution's nbclient is not here
"""
import os
import pathlib
import sys
import time

try:
    import nbclient
    import nbformat
except ImportError as missing:
    print(f"not tried: {missing} (Debian: python3-nbclient, python3-ipykernel)")
    sys.exit(77)

program, file = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2])
os.environ["TIDELINE"] = str(program)
os.environ.update(PYTHONDONTWRITEBYTECODE="1", PYDEVD_DISABLE_FILE_VALIDATION="1")
book = nbformat.read(file, as_version=nbformat.NO_CONVERT)
nbformat.validate(book)
code = [cell for cell in book.cells if cell.cell_type == "code"]
if any(cell.outputs or cell.execution_count for cell in code):
    sys.exit(f"{file}: has outputs: clear them before it is committed")
if not any("assert " in cell.source for cell in code):
    sys.exit(f"{file}: nothing in it can fail")

began = time.monotonic()
try:
    nbclient.NotebookClient(book, timeout=300, kernel_name="python3",
                            resources={"metadata": {"path": str(file.parent)}}).execute()
except nbclient.exceptions.CellExecutionError as error:
    sys.exit(str(error))
shown = {kind for cell in code for output in cell.outputs for kind in output.get("data", {})}
seconds = time.monotonic() - began
print(f"{file.name}: {len(code)} cells in {seconds:.0f} s; shown as {', '.join(sorted(shown))}")
if len(sys.argv) > 3:
    nbformat.write(book, sys.argv[3])
