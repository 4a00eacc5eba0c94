"""Which row of a table became which row of a snapshot: a list beside the snapshot, in the workspace alone.

It names photographs as they are called on this machine, so it is in no export. Whoever loses it can no longer
walk back from a row of the snapshot to the table.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Final

from db.files.whole import whole_file
from db.tabular import inert

_ENDING: Final = ".rows.csv"


@dataclass(frozen=True)
class ListedRow:
    """One row.

    Attributes:
        row: its number in the table, from 1.
        photos: names of its files, separated by `;`.
        record: the number its names are made from; the same in every snapshot that has the row.
        patient_key: keyed hash of the patient's id.
        table_sha256: of the table.
    """

    row_id: str
    row: int
    photos: str
    record: int
    patient_key: str
    table_sha256: str = ""


def row_list_of(snapshots: Path, name: str) -> Path:
    """Where the list of a snapshot is or would be."""
    return snapshots / f"{name}{_ENDING}"


def write_row_list(target: Path, table_sha256: str, rows: Sequence[ListedRow]) -> None:
    """Write the list, readable by its owner alone. Raises OSError."""
    stream = io.StringIO(newline="")
    writer = csv.DictWriter(stream, [one.name for one in fields(ListedRow)])
    writer.writeheader()
    writer.writerows(
        {**asdict(row), "photos": inert(row.photos), "table_sha256": table_sha256} for row in rows
    )
    with whole_file(target, overwrite=True) as temporary:
        temporary.write_text(stream.getvalue(), encoding="utf-8", newline="")


def listed_rows(snapshots: Path) -> Iterator[tuple[str, ListedRow]]:
    """Every row that a table brought into a snapshot of this workspace, with the snapshot's name.

    A list that was changed so that it can't be understood is passed over.
    """
    for path in sorted(snapshots.glob(f"*{_ENDING}")):
        try:
            with path.open(encoding="utf-8", newline="") as file:
                read = [_row(cells) for cells in csv.DictReader(file)]
        except (OSError, ValueError, KeyError, TypeError, csv.Error):
            continue
        yield from ((path.name.removesuffix(_ENDING), row) for row in read)


def _row(cells: Mapping[str, str]) -> ListedRow:
    """Raises KeyError, ValueError."""
    return ListedRow(
        row_id=cells["row_id"],
        row=int(cells["row"]),
        photos=cells["photos"],
        record=int(cells["record"]),
        patient_key=cells["patient_key"],
        table_sha256=cells["table_sha256"],
    )
