"""Executes a notebook with nbconvert, in its own folder: execute.py NOTEBOOK OUT. Leaves out what changes from run to run."""

import sys
from pathlib import Path

import nbformat
from nbconvert.preprocessors import ExecutePreprocessor


class DenoExecutePreprocessor(ExecutePreprocessor):
    """Deno sends `transient: null` with a result, where Jupyter's protocol, and nbclient 0.5 to 0.7, expect an object."""

    def process_message(self, msg, cell, cell_index):
        if msg["content"].get("transient", {}) is None:
            del msg["content"]["transient"]
        return super().process_message(msg, cell, cell_index)


def joined(outputs):
    """Deno sends each line that is printed by itself; a reader wants them in one piece."""
    pieces = []
    for output in outputs:
        last = pieces[-1] if pieces else {}
        if output.output_type == "stream" and last.get("name") == output.name:
            last["text"] += output.text
        else:
            pieces.append(output)
    return pieces


def main(notebook: Path, out: Path) -> None:
    book = nbformat.read(notebook, as_version=4)
    executor = DenoExecutePreprocessor(timeout=600, startup_timeout=120)
    executor.preprocess(book, {"metadata": {"path": str(notebook.parent)}})
    book.metadata.language_info.pop("version", None)
    for cell in book.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type == "code":
            cell.outputs = joined(cell.outputs)
    nbformat.write(book, out)


main(*map(Path, sys.argv[1:]))
