"""Which column of a manifest means what, by any of the names hospitals give it."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from pathlib import Path

from db.errors import EchoDeskError

COLUMNS_HINT = (
    "The first row names the columns: patient_id, report, and if you have them ecg, report_date, ecg_date, site, "
    "layout."
)

REQUIRED = ("patient_id", "report")

# Every accepted column name, reduced to its letters and digits.
_NAMES = {
    "patient_id": (
        "patientid patient patientno patientnumber pid id mrn uhid crno regno registrationno hospitalid "
        "hospitalno hospitalnumber patientcode"
    ),
    "report": (
        "report reports reportfile reportfiles reportimage reportimages reportpath reportpage reportpages "
        "echo echoes echofile echofiles echoreport echoreports echoimage echoimages echopath"
    ),
    "ecg": (
        "ecg ecgs ecgfile ecgfiles ecgimage ecgimages ecgphoto ecgphotos ecgpath "
        "ekg ekgs ekgfile ekgfiles ekgimage ekgimages ekgphoto ekgphotos ekgpath"
    ),
    "report_date": "reportdate dateofreport reportedon echodate dateofecho studydate dateofstudy date",
    "ecg_date": "ecgdate dateofecg ekgdate dateofekg",
    "site": "site sitename hospital hospitalname centre center institution",
    "layout": "layout form formname reportform reporttemplate template",
}
_FIELD_OF = {name: field for field, names in _NAMES.items() for name in names.split()}


def field_of(column: str) -> str | None:
    """The record field a column name means, or None."""
    folded = unicodedata.normalize("NFKC", column).casefold()
    return _FIELD_OF.get("".join(letter for letter in folded if letter.isalnum()))


def find_columns(path: Path, header: Sequence[str]) -> dict[str, int]:
    """Field -> index of its column. Raises `EchoDeskError` for a needed column missing or one there twice."""
    columns: dict[str, int] = {}
    for index, name in enumerate(header):
        field = field_of(name)
        if field is None:
            continue
        if field in columns:
            raise EchoDeskError(
                f"the manifest {path} has two columns for {field}: {header[columns[field]]!r} and {name!r}",
                "Keep one of them.",
            )
        columns[field] = index
    missing = [field for field in REQUIRED if field not in columns]
    if missing:
        found = ", ".join(repr(name) for name in header if name) or "none"
        raise EchoDeskError(
            f"the manifest {path} has no column {' and no column '.join(missing)}; found: {found}",
            COLUMNS_HINT,
        )
    return columns
