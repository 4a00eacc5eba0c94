"""What changed between two snapshots: rows that came and went, and every label that is another one now."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from db.fields.columns import FINDINGS
from db.files.manifest import MANIFEST_NAME, read_manifest
from db.tabular import read_jsonl

Row = Mapping[str, Any]

# Names, days and folds are made anew for every snapshot and are not compared.
COMPARED: Final = (*(column.name for column in FINDINGS), "status", "decision", "days_between", "layout")

NEEDS_DATABASE: Final = (
    "Rows have other names in every snapshot, so that nobody can join two of them. Where the database is "
    "they are found again: echodesk snapshot diff A B --workspace DIR."
)


@dataclass(frozen=True)
class Opened:
    """A snapshot's files as far as a comparison needs them."""

    name: str
    manifest: Mapping[str, Any]
    labels: Mapping[str, Row]


@dataclass(frozen=True)
class Decided:
    """The decision behind a row: who (a number in the snapshot), why, and when, UTC in ISO 8601."""

    who: int | None
    why: str | None
    when: str | None


@dataclass(frozen=True)
class LabelChange:
    """One cell that is another one now.

    Attributes:
        row_a, row_b: the row's name in each snapshot.
        who, why, when: of the decision behind the newer value; null where it is not known.
    """

    row_a: str
    row_b: str
    column: str
    old: Any
    new: Any
    who: int | None
    why: str | None
    when: str | None


@dataclass(frozen=True)
class Difference:
    """How two snapshots differ.

    Attributes:
        is_matched: whether rows could be found again; otherwise only `shares` says anything.
        same: rows in both with no change.
        added, removed: names in B, in A. withdrawn: how many of those removed are of patients who withdrew
            their consent since, where that is known.
        shares: column -> answer -> (rows in A, rows in B).
    """

    a: str
    b: str
    rows_a: int
    rows_b: int
    is_matched: bool
    same: int
    added: Sequence[str]
    removed: Sequence[str]
    changes: Sequence[LabelChange]
    shares: Mapping[str, Mapping[str, tuple[int, int]]]
    withdrawn: int = 0

    @property
    def changed_rows(self) -> int:
        """Rows in both with at least one change."""
        return len({change.row_b for change in self.changes})


def open_labels(folder: Path) -> Opened:
    """A snapshot's manifest and label rows.

    Raises:
        ValueError: where the folder is no snapshot, or its manifest was changed.
    """
    try:
        manifest = read_manifest((folder / MANIFEST_NAME).read_bytes())
        labels = read_jsonl((folder / "data/labels.jsonl").read_bytes())
    except OSError:
        raise ValueError(f"{folder} is not a snapshot") from None
    return Opened(str(manifest["name"]), manifest, {row["row_id"]: row for row in labels})


def compare(
    a: Opened,
    b: Opened,
    matches: Mapping[str, str] | None,
    decided: Mapping[str, Mapping[str, Decided]] | None = None,
) -> Difference:
    """Compare two snapshots.

    Args:
        matches: name in A -> name in B of the same case, for every case in both; None where nobody knows.
        decided: name in B -> column -> the decision behind the newer value.
    """
    shares = {column: _shares(a, b, column) for column in ("ef_stratum", "rwma", "pah", "status")}
    if matches is None:
        return Difference(
            a=a.name,
            b=b.name,
            rows_a=len(a.labels),
            rows_b=len(b.labels),
            is_matched=False,
            same=0,
            added=(),
            removed=(),
            changes=(),
            shares=shares,
        )
    both = {one: other for one, other in matches.items() if one in a.labels and other in b.labels}
    changes = [
        change for one, other in sorted(both.items()) for change in _changes(a, b, one, other, decided or {})
    ]
    changed = {change.row_b for change in changes}
    return Difference(
        a=a.name,
        b=b.name,
        rows_a=len(a.labels),
        rows_b=len(b.labels),
        is_matched=True,
        same=len(both) - len(changed),
        added=sorted(set(b.labels) - set(both.values())),
        removed=sorted(set(a.labels) - set(both)),
        changes=changes,
        shares=shares,
    )


def changed_rows(a: Opened, b: Opened, matches: Mapping[str, str]) -> set[str]:
    """Names in B of rows with a change, to look up who decided before comparing in full."""
    return {change.row_b for change in compare(a, b, matches).changes}


def _changes(
    a: Opened, b: Opened, one: str, other: str, decided: Mapping[str, Mapping[str, Decided]]
) -> Iterable[LabelChange]:
    nobody = Decided(None, None, None)
    for column in COMPARED:
        old, new = a.labels[one].get(column), b.labels[other].get(column)
        if old != new:
            by = decided.get(other, {}).get(column, nobody)
            yield LabelChange(one, other, column, old, new, by.who, by.why, by.when)


def _shares(a: Opened, b: Opened, column: str) -> dict[str, tuple[int, int]]:
    counts = [Counter(str(row[column]) for row in one.labels.values()) for one in (a, b)]
    return {
        answer: (counts[0][answer], counts[1][answer]) for answer in sorted(set(counts[0]) | set(counts[1]))
    }


def summary(difference: Difference) -> list[str]:
    """A few plain sentences about a comparison."""
    lines = [f"{difference.a}: {difference.rows_a} rows. {difference.b}: {difference.rows_b} rows."]
    if not difference.is_matched:
        return [*lines, NEEDS_DATABASE]
    lines.append(
        f"{len(difference.added)} rows came, {len(difference.removed)} went, {difference.changed_rows} "
        f"changed, {difference.same} are the same."
    )
    by_column = Counter(change.column for change in difference.changes)
    if difference.withdrawn:
        lines.append(f"{difference.withdrawn} of those that went are of patients who withdrew their consent.")
    lines += [f"{column}: {number} changed" for column, number in by_column.most_common()]
    return lines
