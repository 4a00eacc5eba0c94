"""A snapshot folder as training, evaluation and research read it: verified, one row an ECG photograph.

Files only: whoever has the folder needs neither the workspace nor the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError
from db.tabular import read_jsonl
from pipeline.dataset.verifying import verify_folder

if TYPE_CHECKING:
    from pandas import DataFrame

    from pipeline.dataset.frames import ClassLabels, Parts

# More pictures than this share, missing or damaged, and nobody should train on the rest without a word.
BAD_PICTURES_AT_MOST: Final = 0.01
_NAMED: Final = 5
# Row id -> the recording its picture was printed from; only where pictures were printed by simulation.
RECORDINGS_FILE: Final = "recordings.json"


@dataclass(frozen=True)
class Pair:
    """One ECG photograph with the label of its patient's echo.

    Attributes:
        row_id: the record; several photographs of one record share it.
        image_id: the photograph.
        patient_id, group_id: what must stay in one fold.
        fold: 0 to folds - 1.
        picture: its file; None where the snapshot was frozen without pictures, or this one did not go out.
        ef_percent: ejection fraction, percent; None unless `ef_state` is `stated`.
        ef_stratum: band of the EF, or why there is none.
        site: numbered, or empty.
        age_years, sex: where the snapshot has such columns; None otherwise.
        layout: the report form, or empty. device: what took the ECG or its photograph, where a column says.
    """

    row_id: str
    image_id: str
    patient_id: str
    group_id: str
    fold: int
    picture: Path | None
    ef_percent: float | None
    ef_state: str
    ef_operator: str | None
    rwma: str
    rwma_severity: str
    ef_stratum: str
    site: str
    is_synthetic: bool
    age_years: float | None = None
    sex: str | None = None
    layout: str = ""
    device: str = ""


@dataclass(frozen=True)
class OpenedSnapshot:
    """A snapshot that is as it was frozen.

    Attributes:
        name: the snapshot's.
        content_sha256: what names its data; a run carries it.
        pairs: one an ECG photograph, in the order of the table.
        key_mark: tells a workspace whether the names in it were made with its key.
        is_brought_in: its labels came in with a table; the database has none of its patients.
    """

    folder: Path
    name: str
    content_sha256: str
    is_synthetic: bool
    pairs: tuple[Pair, ...]
    key_mark: str | None = None
    is_brought_in: bool = False

    @cached_property
    def folds(self) -> tuple[int, ...]:
        """The numbers of the folds that occur, in order."""
        return tuple(sorted({pair.fold for pair in self.pairs}))

    def labels(self) -> DataFrame:
        """One row a record, with a type for each column (`frames.table_of`)."""
        from pipeline.dataset.frames import table_of

        return table_of(self.folder, "labels")

    def photographs(self) -> DataFrame:
        """One row an ECG photograph with its record's label; `picture` is its file, or missing."""
        from pipeline.dataset.frames import table_of

        frame = table_of(self.folder, "pairs")
        frame["picture"] = [None if pair.picture is None else str(pair.picture) for pair in self.pairs]
        return frame

    def classes(self, column: str) -> ClassLabels:
        """The answers of a column with a closed list, in their order.

        Raises:
            EchoDeskError: the column has none.
        """
        from pipeline.dataset.frames import class_labels

        return class_labels(column)

    def parts(
        self, table: DataFrame | None = None, *, validation: Sequence[int] = (3,), test: Sequence[int] = (4,)
    ) -> Parts:
        """A table's rows to train on, to choose by and to report on: by whole folds.

        Args:
            table: `labels()` where none is given; any table with the column `fold`.

        Raises:
            EchoDeskError: a fold is named twice or does not occur, or none is left to train on.
        """
        from pipeline.dataset.frames import parts_of

        return parts_of(self.labels() if table is None else table, validation=validation, test=test)

    def with_pictures(self) -> tuple[Pair, ...]:
        """The pairs whose photograph is in the folder.

        Raises:
            EchoDeskError: there is none.
        """
        found = tuple(pair for pair in self.pairs if pair.picture is not None)
        if not found:
            raise EchoDeskError(
                f"snapshot {self.name} was frozen without its ECG photographs",
                "Freeze another with them: echodesk snapshot create NAME --images masked",
            )
        return found


def open_snapshot(folder: Path) -> OpenedSnapshot:
    """Open a snapshot folder after looking it over byte by byte.

    Raises:
        EchoDeskError: it is no snapshot, or not what was frozen; names the first file that differs.
    """
    verdict = verify_folder(folder)
    if not verdict.is_sound:
        more = f" (and {len(verdict.problems) - 1} more)" if len(verdict.problems) > 1 else ""
        raise EchoDeskError(
            f"{folder} is not a snapshot as it was frozen: {verdict.problems[0]}{more}",
            "Copy the folder anew, or see all of it with: echodesk snapshot verify NAME",
        )
    labels = {row["row_id"]: row for row in read_jsonl((folder / "data/labels.jsonl").read_bytes())}
    rows = read_jsonl((folder / "data/pairs.jsonl").read_bytes())
    return OpenedSnapshot(
        folder=folder,
        name=str(verdict.manifest["name"]),
        content_sha256=str(verdict.manifest["content_sha256"]),
        is_synthetic=bool(verdict.manifest["is_synthetic"]),
        pairs=tuple(_pair(folder, row, labels[row["row_id"]]) for row in rows),
        key_mark=verdict.manifest.get("key_mark"),
        is_brought_in="brought_in" in verdict.manifest,
    )


def _pair(folder: Path, row: Mapping[str, Any], label: Mapping[str, Any]) -> Pair:
    return Pair(
        row_id=row["row_id"],
        image_id=row["image_id"],
        patient_id=row["patient_id"],
        group_id=row["group_id"],
        fold=row["fold"],
        picture=folder / row["path"] if row["path"] else None,
        ef_percent=row["ef_percent"],
        ef_state=row["ef_state"],
        ef_operator=label["ef_operator"],
        rwma=row["rwma"],
        rwma_severity=row["rwma_severity"],
        ef_stratum=row["ef_stratum"],
        site=row["site"] or "",
        is_synthetic=row["is_synthetic"],
        age_years=label.get("age_years"),
        sex=label.get("sex"),
        layout=label.get("layout") or "",
        device=label.get("device") or "",
    )


def refuse_bad_pictures(bad: Sequence[tuple[Pair, str]], n: int) -> None:
    """Stop where more than one in a hundred pictures can't be used.

    Args:
        bad: pictures that can't, each with the reason.
        n: how many there are in all.

    Raises:
        EchoDeskError: names the first of them, with the reasons.
    """
    if len(bad) <= BAD_PICTURES_AT_MOST * n:
        return
    named = "; ".join(f"{_file_of(pair)}: {reason}" for pair, reason in bad[:_NAMED])
    rest = f"; and {len(bad) - _NAMED} more" if len(bad) > _NAMED else ""
    raise EchoDeskError(
        f"{len(bad)} of {n} ECG photographs can't be used, more than 1 %: {named}{rest}",
        "Copy the snapshot anew; if they were damaged before, leave their records out of a new snapshot.",
    )


def _file_of(pair: Pair) -> str:
    return pair.picture.name if pair.picture else pair.image_id
