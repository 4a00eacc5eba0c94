"""A snapshot's tables as pandas has them: typed columns, classes in their order, parts by fold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import pandas

from db.errors import EchoDeskError
from db.tabular import Column, Kind, read_jsonl
from pipeline.dataset.tables import NOTE, OF_PERSON, PAIR_COLUMNS, label_columns

if TYPE_CHECKING:
    from pandas import DataFrame, Series

_COLUMNS: Final[dict[str, Column]] = {
    column.name: column for column in (*label_columns(), NOTE, *OF_PERSON, *PAIR_COLUMNS)
}


class Parts(NamedTuple):
    """The rows of a table in three parts; no patient and no picture is in two of them."""

    train: DataFrame
    validation: DataFrame
    test: DataFrame


@dataclass(frozen=True)
class ClassLabels:
    """The answers that a column may hold, in their order, and their numbers from 0."""

    names: tuple[str, ...]

    def numbers(self, answers: Iterable[str | None]) -> Series[int]:
        """The number of each answer; missing where there is none.

        Raises:
            EchoDeskError: an answer is not among the names.
        """
        given = pandas.Series(list(answers), dtype="string")
        unknown = sorted(set(given.dropna()) - set(self.names))
        if unknown:
            raise EchoDeskError(
                f"{unknown[0]!r} is none of {', '.join(self.names)}", "Choose the rows first."
            )
        numbered: Series[int] = given.map({name: n for n, name in enumerate(self.names)}).astype("Int64")
        return numbered


def table_of(folder: Path, name: str) -> DataFrame:
    """A table of a snapshot with a type for each column.

    Whole numbers are `Int64`, numbers `float64`, days `datetime64`, answers of a closed list categories in
    their order, other texts `string`, yes and no `bool`, walls lists of texts.

    Args:
        name: `labels` or `pairs`.
    """
    rows = read_jsonl((folder / f"data/{name}.jsonl").read_bytes())
    frame = pandas.DataFrame(rows)
    typed = {
        column: _typed(frame[column], _COLUMNS[column]) for column in frame.columns if column in _COLUMNS
    }
    return frame.assign(**typed)


def class_labels(column: str) -> ClassLabels:
    """The answers of a column with a closed list, such as `rwma`, `pah` or `ef_stratum`.

    Raises:
        EchoDeskError: the column has none.
    """
    known = _COLUMNS.get(column)
    if known is None or not known.codes:
        listed = sorted(name for name, one in _COLUMNS.items() if one.codes)
        raise EchoDeskError(
            f"{column} has no closed list of answers", f"Those that have: {', '.join(listed)}"
        )
    return ClassLabels(known.codes)


def parts_of(frame: DataFrame, *, validation: Sequence[int], test: Sequence[int]) -> Parts:
    """The rows by fold; the folds that are named neither way are for training.

    Raises:
        EchoDeskError: a fold is named twice or does not occur, or none is left to train on.
    """
    named, there = [*validation, *test], set(frame["fold"].tolist())
    if len(set(named)) != len(named) or not set(named) <= there or not there - set(named):
        raise EchoDeskError(
            "the folds for validation and test do not fit",
            f"Name some of {', '.join(map(str, sorted(there)))}, each once, and leave one to train on.",
        )
    train = sorted(there - set(named))
    return Parts(*(_with_folds(frame, folds) for folds in (train, validation, test)))


def _with_folds(frame: DataFrame, folds: Sequence[int]) -> DataFrame:
    chosen: DataFrame = frame[frame["fold"].isin(list(folds))].reset_index(drop=True)
    return chosen


def _typed(values: Series[Any], column: Column) -> Series[Any]:
    if column.codes:
        return values.astype(pandas.CategoricalDtype(list(column.codes), ordered=False))
    if column.kind is Kind.DATE:
        return pandas.to_datetime(values)
    dtypes: Mapping[Kind, Any] = {
        Kind.INTEGER: "Int64",
        Kind.NUMBER: "float64",
        Kind.YES_NO: "bool",
        Kind.TEXT: "string",
    }
    return values.astype(dtypes[column.kind]) if column.kind in dtypes else values
