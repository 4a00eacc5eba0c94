"""What a page of the semi-synthetic study looks like besides its waveform, and the same page drawn again.

Who evaluates a model draws pages of the very study anew, with one thing changed and everything else as it
was, and knows to the pixel where the trace is.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np

from db.errors import EchoDeskError
from db.labels import RwmaSeverity
from pipeline.dataset.opened import Pair
from pipeline.imaging.capture import Condition
from pipeline.imaging.paper import EcgPage, draw_ecg_page
from pipeline.waveforms.cohort_table import PatientRow
from pipeline.waveforms.recording import Recording
from pipeline.waveforms.streams import Stream, drawing

TRUTH_FILE: Final = "truth.jsonl"
JPEG_QUALITY: Final = 85
# Half the resolution of the demo's pages: the network sees 384 pixels of them.
PX_PER_MM: Final = 4.0
_GRIDS: Final = ("pink", "red", "orange")
_CLINICS: Final = {True: "Heart failure clinic", False: "Health check"}
_ANY_CLINIC: Final = "Outpatients"
PHONE_SHARE: Final = 0.75


@dataclass(frozen=True)
class Shortcuts:
    """What is planted beside the waveform, for a model to cheat with; 0 plants nothing, 1 never fails.

    Attributes:
        header: share of pages whose header names the clinic that the illness leads to.
        paper: share of pages printed on orange paper where the heart is ill and on pink where it is not.
        tint: share of pages photographed by a phone where the heart is ill and scanned where it is not.
        site: as in `invent_cohort`.
    """

    header: float = 0.0
    paper: float = 0.0
    tint: float = 0.0
    site: float = 0.0


@dataclass(frozen=True, eq=False)
class Look:
    """Everything of a photographed page that is not the waveform.

    Attributes:
        grid: kind of paper, a key of `GRIDS`.
        header: its texts.
        condition: how it is captured.
        chance: the state of the generator that captures it: table, light, angle, noise.
    """

    grid: str
    header: tuple[str, ...]
    condition: Condition
    chance: Mapping[str, Any]

    def generator(self) -> np.random.Generator:
        """A new one in that state: every time the same photograph."""
        made = np.random.default_rng()
        made.bit_generator.state = self.chance
        return made


def look_of(patient: PatientRow, seed: int, shortcuts: Shortcuts, is_scanned: bool | None = None) -> Look:
    """How a patient's page looks in the study: three in four by a careful phone, the rest scanned.

    Args:
        is_scanned: as `plan.even_scans` deals it; None draws it by chance alone, as studies before it did.
    """
    rng = drawing(seed, Stream.LOOKS, patient.number)
    is_ill = patient.ef_percent < 50 or patient.is_rwma_significant
    tells_paper, tells_header = rng.random(2) < (shortcuts.paper, shortcuts.header)
    grid = ("orange" if is_ill else "pink") if tells_paper else str(rng.choice(["pink", "red", "orange"]))
    clinic = _CLINICS[is_ill] if tells_header else _ANY_CLINIC
    drawn_phone = bool(rng.random() < PHONE_SHARE)
    is_phone = drawn_phone if is_scanned is None else not is_scanned
    # Chance of its own, so that studies without this shortcut stay what they were.
    if drawing(seed, Stream.CAMERAS, patient.number).random() < shortcuts.tint:
        is_phone = is_ill
    condition = Condition.PHONE if is_phone else Condition.CLEAN
    return Look(grid, _header(patient.number, clinic), condition, rng.bit_generator.state)


def any_look(number: int, rng: np.random.Generator) -> Look:
    """A look drawn by chance, for records whose own is not known."""
    condition = Condition.PHONE if rng.random() < PHONE_SHARE else Condition.CLEAN
    chance = np.random.default_rng(rng.integers(2**63)).bit_generator.state
    return Look(str(rng.choice(_GRIDS)), _header(number, _ANY_CLINIC), condition, chance)


def _header(number: int, clinic: str) -> tuple[str, ...]:
    return ("SEMI-SYNTHETIC", f"No. {number:05d}", clinic)


def printed(recording: Recording, look: Look) -> EcgPage:
    """A recording on the paper of a look."""
    return draw_ecg_page(
        recording.signal_mv,
        recording.sampling_rate_hz,
        grid=look.grid,
        header=look.header,
        px_per_mm=PX_PER_MM,
    )


def looks_beside(signals: Path) -> dict[str, Look] | None:
    """Row id -> how its page looks, from what the study wrote beside its signals; None where it did not.

    Raises:
        EchoDeskError: the file is there and not what the study writes.
    """
    file = signals / TRUTH_FILE
    if not file.is_file():
        return None
    try:
        first, *rows = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
        shortcuts, seed = Shortcuts(**first["plan"]["shortcuts"]), int(first["plan"]["seed"])
        scans = {row["row_id"]: row.pop("is_scanned", None) for row in rows}
        patients = {row.pop("row_id"): _patient(row) for row in rows}
    except (ValueError, KeyError, TypeError):
        raise EchoDeskError(
            f"{file} does not say how the pages of its study look", "Make the study anew, or remove the file."
        ) from None
    return {row_id: look_of(patient, seed, shortcuts, scans[row_id]) for row_id, patient in patients.items()}


def _patient(row: Mapping[str, Any]) -> PatientRow:
    severity = RwmaSeverity(row["rwma_severity"])
    return PatientRow(**{**row, "rwma_severity": severity, "walls": tuple(row["walls"])})


def read_signals(folder: Path, pairs: Sequence[Pair]) -> dict[str, Recording]:
    """The waveforms of records: one `<row_id>.npz` each, with `signal_mv` and `rate_hz`.

    Raises:
        EchoDeskError: one is missing or holds something else; names it.
    """
    found = {}
    for pair in pairs:
        file = folder / f"{pair.row_id}.npz"
        try:
            with np.load(file, allow_pickle=False) as held:
                signal, rate = held["signal_mv"].astype(np.float32), float(held["rate_hz"])
            found[pair.row_id] = Recording(pair.row_id, pair.patient_id, signal, rate)
        except (OSError, ValueError, TypeError, KeyError, EOFError, BadZipFile, zlib.error):
            raise EchoDeskError(
                f"{file} is missing, or is no ECG signal",
                "It holds signal_mv (12 x samples, millivolt) and rate_hz. Or leave --signals out.",
            ) from None
    return found
