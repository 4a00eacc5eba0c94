"""Photographs of ECGs."""

from __future__ import annotations

from pathlib import Path

from pipeline.diagnosis import Diagnosis, Grade


def check_photo(file: Path) -> Diagnosis:
    """Whether a photograph of an ECG can be used, and what to do about it."""
    from db.errors import EchoDeskError
    from pipeline.imaging.photo_file import read_photo
    from pipeline.imaging.quality import judge

    try:
        quality = judge(read_photo(file))
    except EchoDeskError as error:
        return Diagnosis(Grade.FAIL, file.name, error.message, error.hint)
    if quality.is_usable:
        return Diagnosis(Grade.PASS, file.name, "can be used")
    faults = ", ".join(complaint.fault.value.replace("_", " ") for complaint in quality.complaints)
    advice = " ".join(complaint.sentence for complaint in quality.complaints)
    return Diagnosis(Grade.FAIL, file.name, faults, advice)
