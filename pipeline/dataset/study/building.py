"""A snapshot whose findings were planted: the seed paper's 500 patients, with ECGs that tell a known amount.

No public collection has ECG photographs with a measured EF. So EF and wall motion are planted in waveforms at
a known strength (`waveforms.planted`), printed and photographed by simulation, and frozen like any other
snapshot. What a model could attain is then known, and so is what it must not find. Everything here is
semi-synthetic: it says nothing about how well real ECGs tell EF.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import numpy as np

from db.fields.names import ByColumn
from db.files.manifest import canonical_json
from db.labels import Findings, RwmaSeverity
from pipeline.dataset.checks import Source
from pipeline.dataset.choosing import Order
from pipeline.dataset.describe.dictionary import dictionary_csv
from pipeline.dataset.freezing import freeze
from pipeline.dataset.frozen import Frozen, MaskedImage
from pipeline.dataset.opened import RECORDINGS_FILE
from pipeline.dataset.records import Collected, ImageRef, LabelRow, LabelStatus
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.dataset.rows import rekey
from pipeline.dataset.study.pages import JPEG_QUALITY, TRUTH_FILE, look_of, printed
from pipeline.dataset.study.plan import StudyPlan, drawn, even_scans, given_labels
from pipeline.imaging.capture import encode_jpeg
from pipeline.imaging.ecg_photo import EcgPhoto, photograph_ecg
from pipeline.imaging.trace import TRACE_SUFFIX, write_trace
from pipeline.waveforms.cohort_table import PatientRow
from pipeline.waveforms.planted import (
    Attainable,
    Base,
    attainable,
    planted_recordings,
)
from pipeline.waveforms.planted_bases import DipoleBase
from pipeline.waveforms.recording import Recording

_KEPT_HZ: Final = 100
_SOURCE: Final = "semi-synthetic"
_DAY: Final = date(2025, 6, 1)
_FROZEN_AT: Final = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Study:
    """What was made.

    Attributes:
        snapshot: its folder.
        signals: a folder with `<row_id>.npz` for each record: `signal_mv` (12 x samples) and `rate_hz`; and
            `<row_id>.trace.png`: where the trace lies in its photograph.
        attainable: on the true labels, of somebody who reads the hidden severities without error.
        wrong: how many records carry a label that is not theirs.
    """

    snapshot: Path
    signals: Path
    attainable: Attainable
    wrong: int


_CARD: Final = """\
# {name}: semi-synthetic

{patients} invented patients, each with a label and a photograph of a printed ECG. **Nothing in here was
measured on a person.** Ejection fraction and wall motion follow the joint table of a published cohort of 500;
they were planted in waveforms at a known strength, printed and photographed by simulation.

It is good for one thing: telling whether a training and its evaluation find what is known to be there, and
nothing else. How well real ECGs tell the ejection fraction cannot be learnt from it.

Research software, not a medical device.

| | |
|---|---|
| content | `{content}` |
| program | EchoDesk {program} |
"""


def card(frozen: Frozen) -> bytes:
    """README.md of such a snapshot: not that of labels that people read from reports."""
    return _CARD.format(
        name=frozen.name,
        patients=len(frozen.labels),
        content=frozen.content_sha256,
        program=frozen.code_version,
    ).encode()


def build_study(
    folder: Path,
    name: str,
    plan: StudyPlan,
    *,
    base: Base | None = None,
    workers: int = 2,
    on_progress: Callable[[int, int], None] | None = None,
) -> Study:
    """Invent the patients, print and photograph their ECGs, freeze the snapshot, keep the signals beside it.

    Args:
        folder: where snapshots are kept; the signals go to `<name>.signals` in it.
        base: what findings are planted in. Default: the dipole.
        workers: threads that draw pages; OpenCV lets the interpreter go while it draws.

    Raises:
        RefusedError: the name is taken or cannot be written.
    """
    patients, severities = drawn(plan)
    labels, wrong = given_labels(patients, plan)
    key = hashlib.sha256(f"{_SOURCE} {plan.seed}".encode()).digest()
    names = SnapshotKey(key, name)
    signals = folder / f"{name}.signals"
    signals.mkdir(parents=True, exist_ok=True)
    recordings = planted_recordings(patients, severities, base or DipoleBase(), seed=plan.seed)
    scanned = even_scans(labels, _folds(patients, labels, names), plan)
    pictures: dict[int, bytes] = {}
    bases: dict[str, str] = {}

    def picture(patient: PatientRow, recording: Recording) -> bytes:
        row_id = names.row_id(patient.number)
        shot = photographed(patient, recording, plan, patient.number in scanned)
        bases[row_id] = recording.base_id or recording.recording_id
        _keep_signal(signals / f"{row_id}.npz", recording)
        write_trace(signals / f"{row_id}{TRACE_SUFFIX}", shot.trace)
        return encode_jpeg(shot.image, JPEG_QUALITY)

    with ThreadPoolExecutor(workers) as pool:
        for done, data in enumerate(pool.map(picture, patients, recordings), start=1):
            pictures[done] = data
            if on_progress is not None:
                on_progress(done, len(patients))
    frozen = _frozen(folder, name, key, list(_rows(patients, labels, pictures)), pictures, bases)
    _write_truth(signals, patients, names, plan, scanned)
    return Study(folder / frozen.name, signals, attainable(patients, severities, plan.strength), wrong)


def photographed(
    patient: PatientRow, recording: Recording, plan: StudyPlan, is_scanned: bool | None = None
) -> EcgPhoto:
    """A patient's printed and photographed ECG; how it looks besides is `pages.look_of`."""
    look = look_of(patient, plan.seed, plan.shortcuts, is_scanned)
    return photograph_ecg(printed(recording, look), look.generator(), look.condition)


def _keep_signal(file: Path, recording: Recording) -> None:
    """The signal at 100 samples a second: what a printed page can show."""
    every = max(1, round(recording.sampling_rate_hz / _KEPT_HZ))
    samples = recording.signal_mv.shape[1] // every * every
    means = recording.signal_mv[:, :samples].reshape(12, -1, every).mean(axis=2)
    np.savez_compressed(file, signal_mv=means.astype(np.float32), rate_hz=recording.sampling_rate_hz / every)


def _rows(
    patients: Sequence[PatientRow], labels: Sequence[PatientRow], pictures: Mapping[int, bytes]
) -> Iterator[LabelRow]:
    for patient, label in zip(patients, labels, strict=True):
        day = _DAY + timedelta(days=patient.number % 300)
        yield LabelRow(
            case_id=patient.number,
            patient_key=hashlib.sha256(f"{_SOURCE} {patient.number}".encode()).hexdigest(),
            site=patient.site,
            layout="3x4",
            is_synthetic=True,
            report_date=day,
            ecg_date=day,
            findings=_findings(label),
            status=LabelStatus.SINGLE,
            review_id=patient.number,
            decision="accept",
            reason=None,
            arm=None,
            annotator=1,
            active_s=0.0,
            decided_at=_FROZEN_AT,
            codebook_version="1",
            images=(_reference(pictures[patient.number]),) if pictures else (),
        )


def _folds(
    patients: Sequence[PatientRow], labels: Sequence[PatientRow], names: SnapshotKey
) -> Mapping[int, int]:
    """The fold each patient will be frozen into, by number; no two of their pages look alike."""
    return rekey(list(_rows(patients, labels, {})), (), names, with_site_names=False).folds


def _findings(label: PatientRow) -> dict[str, Any]:
    is_present = label.rwma_severity is not RwmaSeverity.NONE
    return Findings.model_validate(
        ByColumn(
            ef_percent=label.ef_percent,
            ef_operator="=",
            ef_state="stated",
            rwma="present" if is_present else "absent",
            rwma_severity=label.rwma_severity,
            rwma_walls=list(label.walls) if is_present else [],
        )
    ).model_dump(mode="json")


def _reference(data: bytes) -> ImageRef:
    import cv2

    digest = hashlib.sha256(data).hexdigest()
    height, width = np.asarray(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_GRAYSCALE)).shape
    # No look-alikes are searched: every page is another invented heart.
    return ImageRef(digest, "ecg", 1, width, height, "image/jpeg", digest)


def _frozen(
    folder: Path,
    name: str,
    key: bytes,
    rows: Sequence[LabelRow],
    pictures: dict[int, bytes],
    bases: Mapping[str, str],
) -> Frozen:
    def as_printed(image: ImageRef, row: LabelRow) -> MaskedImage:
        return MaskedImage(pictures[row.case_id], image.media_type, "")

    collected = Collected(
        rows=rows,
        registered=len(rows),
        exclusions=(),
        quality={},
        as_of=_FROZEN_AT,
        head="0" * 64,
        codebook_version="1",
    )
    # Nobody reviewed these labels, so nobody's vigilance could be measured, and a small cohort has few very
    # weak hearts. The manifest says both.
    overrides = ("vigilance", "class-counts")
    order = Order(name, overrides=overrides, with_images=True, images_said="as printed")
    return freeze(
        collected,
        Source(),
        order,
        folder=folder,
        workspace_key=key,
        mask=as_printed,
        describe=(
            ("README.md", card),
            ("data_dictionary.csv", dictionary_csv),
            (RECORDINGS_FILE, lambda _: canonical_json(dict(sorted(bases.items())))),
        ),
    )


def _write_truth(
    signals: Path,
    patients: Sequence[PatientRow],
    names: SnapshotKey,
    plan: StudyPlan,
    scanned: Collection[int],
) -> None:
    """What is true of each record, beside the signals: for evaluation alone, never for training."""
    with (signals / TRUTH_FILE).open("w", encoding="utf-8", newline="\n") as lines:
        lines.write(json.dumps({"semi_synthetic": True, "plan": asdict(plan)}) + "\n")
        for patient in patients:
            page = {"row_id": names.row_id(patient.number), "is_scanned": patient.number in scanned}
            lines.write(json.dumps({**page, **asdict(patient)}, sort_keys=True) + "\n")
