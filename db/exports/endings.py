"""Which form an export takes by its file's ending, and which endings a form may not have.

A spreadsheet opens a file by its ending: a CSV called labels.xlsx is a damaged workbook to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from db.errors import WrongUse

# The first ending is the one that is proposed.
_ENDINGS: Final[Mapping[str, tuple[str, ...]]] = {
    "csv": (".csv", ".txt"),
    "jsonl": (".jsonl", ".ndjson", ".json"),
    "parquet": (".parquet",),
    "xlsx": (".xlsx",),
    "redcap": (".csv",),
    "fhir": (".ndjson", ".jsonl", ".json"),
    "fhir-bundle": (".json",),
    "label-studio": (".json",),
}
# Without a form asked for, these endings ask for one; every other file is a CSV.
_ASKED_BY: Final[Mapping[str, str]] = {
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".parquet": "parquet",
    ".xlsx": "xlsx",
}
# What no export is, and what somebody who types it expects to find in it.
_OTHERS: Final = frozenset({".xls", ".xlsm", ".ods", ".zip", ".pdf", ".docx", ".sav", ".dta"})
_KNOWN: Final = _OTHERS.union(*_ENDINGS.values())


def form_for(output: Path, asked: str | None) -> str:
    """The form a file is written in: the one that was asked for, else the one of its ending, else CSV.

    Raises:
        WrongUse: the ending belongs to another kind of file.
    """
    ending = output.suffix.lower()
    form = asked or _ASKED_BY.get(ending, "csv")
    fitting = _ENDINGS[form]
    if ending in _KNOWN and ending not in fitting:
        kept = f"{output.stem}{fitting[0]}"
        raise WrongUse(
            f"{output.name} would be no {ending} file, but {form}",
            f"Call it {kept}." if asked else f"Call it {kept}, or name the form with --format.",
        )
    return form
