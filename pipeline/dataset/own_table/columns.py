"""Which column of a researcher's table holds what: by its usual names, or as the person says."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Final

from db.errors import EchoDeskError, WrongUse
from db.fields.names import FIELDS as ANSWERED
from db.fields.names import of_fields
from labeling.intake.manifest_table import (
    FIELD_OF,
    LOOSE_FIELD_OF,
    Row,
    columns_called,
    header_at,
    plain_name,
)

PATIENT, PHOTO, SEVERITY = "patient_id", "ecg", "rwma_severity"
AGE, SEX, DEVICE, SITE = "age_years", "sex", "device", "site"
DATES: Final = ("report_date", "ecg_date")
REQUIRED: Final = (PATIENT, PHOTO)
# A training learns one of these, so one of them must be there.
TAUGHT: Final = (ANSWERED[0], ANSWERED[1], SEVERITY)
FIELDS: Final = (PATIENT, PHOTO, *ANSWERED, SEVERITY, AGE, SEX, *DATES, SITE, DEVICE)

# Of an own table a bare "id" may be the record's, so it counts only where nothing names the patient better.
_BARE_ID: Final = "id"
# Every accepted name of a column, reduced to its letters and digits; the lists of intake know the others.
_NAMES: Final = of_fields(
    ef_percent=(
        "ef lvef efpercent lvefpercent efpct lvefpct ejectionfraction lvejectionfraction "
        "ejectionfractionpercent leftventricularejectionfraction efvalue lvefvalue eflv"
    ),
    rwma=(
        "rwma rwmas wallmotion wallmotionabnormality regionalwallmotion regionalwallmotionabnormality "
        "regionalwallmotionabnormalities rwmapresent rwmapresence rwmayesno rwmayn hasrwma"
    ),
    pah="pah ph pulmonaryhypertension pulmonaryarterialhypertension pahgrade phgrade",
    rvsp_mmhg="rvsp rvspmmhg pasp paspmmhg rvsppressure",
) | {
    SEVERITY: "rwmaseverity rwmagrade severityofrwma wallmotionseverity wallmotiongrade severity",
    AGE: "age ageyears ageinyears ageyear ageyrs",
    SEX: "sex gender",
    DEVICE: "device ecgdevice machine ecgmachine camera scanner phone",
}
# A file that is called neither an ECG nor a report is the photograph: there are no others.
_ANY_FILE: Final = (
    "file files filename filenames image images imagefile imagefiles imagename imagepath photo photos "
    "photofile photoname photopath photofilename photonumber photograph photographs picture pictures "
    "picturename scan scans scanfile scanname imagefilename imageno imagenumber path filepath"
)
_OF_INTAKE: Final = (PATIENT, PHOTO, SITE, *DATES)
_PLAIN: Final = {
    **{name: field for name, field in FIELD_OF.items() if field in _OF_INTAKE and name != _BARE_ID},
    **{name: field for field, names in _NAMES.items() for name in names.split()},
}
_LOOSE: Final = {
    **{name: field for name, field in LOOSE_FIELD_OF.items() if field in _OF_INTAKE},
    **dict.fromkeys(_ANY_FILE.split(), PHOTO),
    _BARE_ID: PATIENT,
}

_RENAME: Final = "Where both are called the same, rename one in the table."
_HOW_TO_MAP: Final = "Say which column it is, such as: --column {field}='{name}'."


def mapping_of(asked: Sequence[str]) -> dict[str, str]:
    """Field -> name of its column, from what a person typed as `FIELD=NAME`.

    Raises:
        WrongUse: one is not of that form, names no field, or names a field twice.
    """
    mapping: dict[str, str] = {}
    for one in asked:
        field, is_given, name = (part.strip() for part in one.partition("="))
        if not is_given or not name or field not in FIELDS or field in mapping:
            raise WrongUse(
                f"--column {one[:60]!r} is not FIELD=NAME, or the field is none or named twice",
                f"Fields: {', '.join(FIELDS)}. Such as: --column {PHOTO}='Photo file'.",
            )
        mapping[field] = name
    return mapping


def header_of(table: Sequence[Row], mapping: Mapping[str, str]) -> int:
    """Where the header stands in a table with titles above it."""
    return header_at(table, _field_of(mapping), REQUIRED)


def _field_of(mapping: Mapping[str, str]) -> Callable[[str], str | None]:
    mapped = {plain_name(name): field for field, name in mapping.items()}

    def field_of(column: str) -> str | None:
        name = plain_name(column)
        return mapped.get(name) or _PLAIN.get(name) or _LOOSE.get(name)

    return field_of


def find_columns(path: Path, header: Sequence[str], mapping: Mapping[str, str]) -> dict[str, int]:
    """Field -> index of its column.

    Args:
        path: named in errors.
        mapping: field -> name of its column, where a person said so; one column may serve two fields.

    Raises:
        EchoDeskError: a needed column is missing, one that was named is not there, or two mean one field;
            names the columns found, and how to say which is which.
    """
    columns = {field: _called(path, header, field, name) for field, name in mapping.items()}
    # What a person gave to one field is no other's by its name.
    free = ["" if index in columns.values() else name for index, name in enumerate(header)]
    for names in (_PLAIN, _LOOSE):
        try:
            columns |= columns_called(path, free, names, tuple(columns))
        except EchoDeskError as error:
            raise EchoDeskError(
                error.message, f"Say which of them counts, such as: --column FIELD='NAME'. {_RENAME}"
            ) from None
    missing = [field for field in REQUIRED if field not in columns]
    if missing:
        raise EchoDeskError(
            f"the table {path} has no column {' and no column '.join(missing)}; {_found(header)}",
            _remedy(missing[0]),
        )
    if not any(field in columns for field in TAUGHT):
        raise EchoDeskError(
            f"the table {path} has no column {' or '.join(TAUGHT)}; {_found(header)}", _remedy(TAUGHT[0])
        )
    return columns


def _called(path: Path, header: Sequence[str], field: str, name: str) -> int:
    exact = [index for index, one in enumerate(header) if one.strip() == name]
    alike = exact or [index for index, one in enumerate(header) if plain_name(one) == plain_name(name)]
    if len(alike) != 1:
        what = "several columns" if alike else "no column"
        raise EchoDeskError(
            f"the table {path} has {what} called {name!r}, which --column names for {field}; "
            f"{_found(header)}",
            "Rename one of them in the table." if alike else "Name one column as it stands in the table.",
        )
    return alike[0]


def _found(header: Sequence[str]) -> str:
    return f"found: {', '.join(repr(name.strip()) for name in header if name.strip()) or 'none'}"


def _remedy(field: str) -> str:
    if field == PATIENT:
        return (
            f"{_HOW_TO_MAP.format(field=field, name='Hospital No')} Records of one patient must share an id: "
            "they would else be learnt from and judged on. Where every record is another patient, name the "
            "column of records."
        )
    if field == PHOTO:
        return (
            f"{_HOW_TO_MAP.format(field=field, name='Photo file')} Where the photographs are called by the "
            "id, name the column of ids."
        )
    return _HOW_TO_MAP.format(field=field, name="LVEF (%)")
