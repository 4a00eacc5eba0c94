"""Tables from elsewhere, opened at arm's length."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from db.apart.decoder import answers
from db.apart.limits import ApartLimits
from db.errors import EchoDeskError
from labeling.apart.kind import FILES
from labeling.intake.manifest_table import Row
from labeling.intake.workbook import PutCell
from labeling.pages.page import PageError


def read_rows(path: Path, limits: ApartLimits | None = None) -> list[Row]:
    """The rows of a CSV or XLSX file that aren't blank, each with its 1-based number.

    Raises:
        EchoDeskError: it is no table, or can't be opened within the limits.
    """
    return read_list(path, limits)[0]


def read_list(path: Path, limits: ApartLimits | None = None) -> tuple[list[Row], list[str]]:
    """The rows as `read_rows`, and what to know of the file as a whole, a sentence each.

    Raises:
        EchoDeskError: as `read_rows`.
    """
    rows: list[Row] = []
    notes: list[str] = []
    with _named(path):
        for answer in answers(FILES, "rows", {"path": str(path)}, limits or ApartLimits(), b""):
            rows += [(number, cells) for number, cells in answer.facts["rows"]]
            notes += answer.facts.get("notes", ())
    return rows, notes


def workbook_with(path: Path, cells: Sequence[PutCell], limits: ApartLimits | None = None) -> bytes:
    """A workbook with cells put into its first sheet; what stands in it keeps its looks.

    Raises:
        EchoDeskError: it is no workbook, or can't be opened within the limits.
        OSError: it can't be read.
    """
    arguments = {"path": str(path), "cells": cells}
    with _named(path):
        found = answers(FILES, "workbook", arguments, limits or ApartLimits(), path.read_bytes())
        return b"".join([answer.read(answer.size) for answer in found])


@contextmanager
def _named(path: Path) -> Iterator[None]:
    """What is said of the limits names the file."""
    try:
        yield
    except PageError as error:
        raise EchoDeskError(
            f"the list {path} can't be opened: {error.message}", "Save its first sheet as CSV, or split it."
        ) from None
