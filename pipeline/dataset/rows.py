"""Labels of the database as rows of a snapshot: re-keyed, dates shifted, folds given."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from db.fields.columns import FINDINGS
from db.fields.names import ANSWERED_COLUMNS, FIELDS
from db.fields.strata import ef_band
from pipeline.dataset.checks import showing
from pipeline.dataset.folds import FoldRow, assign_folds, grouped
from pipeline.dataset.records import ImageRef, LabelRow, LabelStatus
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.dataset.tables import PAIR_COLUMNS

Row = dict[str, Any]

_OF_LABEL = tuple(column.name for column in PAIR_COLUMNS)
# The words for left ventricular function that are let out; with any other the text stays here.
_WORDS: Final = frozenset(
    """
    a abnormal adequate and are at at-rest borderline by calculated compromised contractility decreased
    depressed diffuse diminished dysfunction ef ejection estimated excellent fair fraction fractions function
    functions functioning global globally good grossly has heart hyperdynamic hyperkinetic hypokinesia
    hypokinesis hypokinetic i ii iii impaired impairment in increased intact is left low lower lv lvef lvsf
    maintained mild mildly moderate moderately moderate-to-severe near normal normally no of overall
    performance poor preserved qualitatively rest reduced reduction regional resting satisfactory segmental
    severe severely significant slightly sub-optimal suboptimal supranormal systolic the to upper ventricle
    ventricular very visual visually was well within limits with
    """.split()
)
_WORD: Final = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")


@dataclass(frozen=True)
class Rekeyed:
    """What the rows are called in one snapshot.

    Attributes:
        row_ids, groups, folds: by case.
        sites: name -> what stands for it.
        annotators: number in the database -> number in the snapshot.
    """

    row_ids: Mapping[int, str]
    groups: Mapping[int, str]
    folds: Mapping[int, int]
    sites: Mapping[str, str]
    annotators: Mapping[int, int]


def rekey(
    rows: Sequence[LabelRow], alike: Sequence[tuple[str, str]], key: SnapshotKey, *, with_site_names: bool
) -> Rekeyed:
    """Name the rows and give them folds.

    Args:
        alike: pairs of pictures that look alike.
        with_site_names: keep the names of sites instead of numbering them.
    """
    row_ids = {row.case_id: key.row_id(row.case_id) for row in rows}
    sites = site_names({row.site for row in rows}, key, with_site_names=with_site_names)
    people = sorted({row.annotator for row in rows}, key=lambda person: key.order("annotator", person))
    groups = grouped(
        {row_ids[row.case_id]: row.patient_key for row in rows},
        [(row_ids[one], row_ids[other]) for one, other in _rows_alike(rows, alike)],
    )
    named = {row.case_id: "g" + groups[row_ids[row.case_id]][1:] for row in rows}
    folds = assign_folds(
        [
            FoldRow(
                key=row_ids[row.case_id],
                group=named[row.case_id],
                ef_stratum=ef_band(row.findings),
                rwma=row.findings["rwma"],
                site=sites[row.site],
            )
            for row in rows
        ]
    )
    return Rekeyed(
        row_ids,
        named,
        {case: folds[row_id] for case, row_id in row_ids.items()},
        sites,
        {person: place for place, person in enumerate(people, start=1)},
    )


def site_names(sites: set[str], key: SnapshotKey, *, with_site_names: bool) -> dict[str, str]:
    """What stands for each site: its name, or a number in an order that says nothing; empty stays empty."""
    if with_site_names:
        return {site: site for site in sites}
    ordered = sorted(sites - {""}, key=lambda site: key.order("site", site))
    return {"": ""} | {site: f"site {place}" for place, site in enumerate(ordered, start=1)}


def _rows_alike(rows: Sequence[LabelRow], alike: Sequence[tuple[str, str]]) -> list[tuple[int, int]]:
    """Pairs of cases that share a picture or have pictures that look alike."""
    cases: dict[str, list[int]] = {}
    for row in rows:
        for image in showing(row):
            cases.setdefault(image, []).append(row.case_id)
    same = [(shared[0], other) for shared in cases.values() for other in shared[1:]]
    looking = [(cases[one][0], cases[other][0]) for one, other in alike if one in cases and other in cases]
    return same + looking


def label_row(row: LabelRow, names: Rekeyed, key: SnapshotKey, *, has_notes: bool) -> Row:
    """One row of `data/labels.*`."""
    draft = row.draft or {}
    made: Row = {
        "row_id": names.row_ids[row.case_id],
        "patient_id": key.patient_id(row.patient_key),
        "fold": names.folds[row.case_id],
        "group_id": names.groups[row.case_id],
        "site": names.sites[row.site],
        "layout": row.layout,
        "is_synthetic": row.is_synthetic,
        "report_date": _day(key.shifted(row.report_date, row.patient_key)),
        "ecg_date": _day(key.shifted(row.ecg_date, row.patient_key)),
        "days_between": row.days_between,
        **{column.name: row.findings[column.name] for column in FINDINGS},
        "lv_function": known_words(row.findings["lv_function"]),
        "rwma_walls": list(row.findings["rwma_walls"]),
        "ef_stratum": ef_band(row.findings),
        "status": row.status.value,
        "decision": row.decision,
        "reason": row.reason,
        "arm": row.arm,
        "annotator": names.annotators[row.annotator],
        "active_s": round(row.active_s, 1),
        "codebook_version": row.codebook_version,
        "reader": row.reader,
        "reader_version": row.reader_version,
        **{f"draft_{name}": draft.get(name) for name in ANSWERED_COLUMNS},
        **{f"confidence_{name}": row.confidence.get(name) for name in FIELDS},
        **{f"light_{name}": row.light.get(name) for name in FIELDS},
        "report_images": sum(image.role == "report" for image in row.images),
        "ecg_images": sum(image.role == "ecg" for image in row.images),
    }
    made |= row.person
    return made | {"note": row.note} if has_notes else made


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def pair_rows(
    row: LabelRow, made: Row, key: SnapshotKey, paths: Mapping[tuple[int, str, int], str]
) -> list[Row]:
    """One row of `data/pairs.*` for every ECG photograph of a case.

    Args:
        made: the case's row of the label table.
        paths: (case, role, page) -> the picture's file in the folder.
    """
    return [
        {name: made[name] for name in _OF_LABEL if name in made}
        | {
            "image_id": key.image_id(image.sha256),
            "path": paths.get((row.case_id, image.role, image.page)),
            "width_px": image.width_px,
            "height_px": image.height_px,
        }
        for image in row.images
        if image.role == "ecg"
    ]


def lineage_row(row: LabelRow, made: Row, key: SnapshotKey, paths: Mapping[tuple[int, str, int], str]) -> Row:
    """Where a row comes from: the decision, the draft, its reader, and the boxes on the pages; no words.

    Of a label that came in with a table there is nothing but its pictures.
    """
    if row.status is LabelStatus.BROUGHT_IN:
        return {"row_id": made["row_id"], "images": [_image(image, row, key, paths) for image in row.images]}
    return {
        "row_id": made["row_id"],
        "review": key.review_id(row.review_id),
        "draft": None if row.draft_id is None else key.draft_id(row.draft_id),
        "reader": row.reader,
        "reader_version": row.reader_version,
        "codebook_version": row.codebook_version,
        "evidence": row.evidence,
        "images": [_image(image, row, key, paths) for image in row.images],
    }


def _image(
    image: ImageRef, row: LabelRow, key: SnapshotKey, paths: Mapping[tuple[int, str, int], str]
) -> Row:
    return {
        "image_id": key.image_id(image.sha256),
        "role": image.role,
        "page": image.page,
        "width_px": image.width_px,
        "height_px": image.height_px,
        "is_blank": not image.perceptual_hash.strip("0"),
        "path": paths.get((row.case_id, image.role, image.page)),
    }


def known_words(text: str | None) -> str | None:
    """The text where it holds nothing but known words and commas; otherwise None."""
    if text is None:
        return None
    rest = _WORD.sub("", text).strip(" \t\n,.;:()/-")
    words = _WORD.findall(text.lower())
    is_known = all(word in _WORDS or all(part in _WORDS for part in word.split("-")) for word in words)
    return text if words and is_known and not rest else None
