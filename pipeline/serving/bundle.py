"""What is deployed: the networks of a run with everything an answer needs, in one folder that never changes.

manifest.json    every file by its hash, written last    README.md    card: what it is, limits
bundle.json      what it was made of, how it was fitted  LICENSE
body.onnx        the networks, a shared trunk once       golden.jpg   an invented photograph, and
heads.onnx       their heads                             examples/    more of them
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from db.errors import EchoDeskError
from db.files.manifest import MANIFEST_NAME, FileHash, content_sha256, hash_folder, read_manifest
from db.measures.platt import PlattLine
from db.measures.predicting.conformal import BandErrors, hull_of
from db.measures.predicting.logistic import log_odds
from pipeline.config.settings import ExperimentSettings

FORMAT: Final = "echodesk-bundle/1"
ABOUT: Final = "bundle.json"
BODY: Final = "body.onnx"
HEADS: Final = "heads.onnx"
CARD: Final = "README.md"
LICENSE: Final = "LICENSE"
GOLDEN: Final = "golden.jpg"
EXAMPLES: Final = "examples"
ANOTHER_VERSION: Final = "Use the version of EchoDesk that wrote it, or make the bundle again."
# An id is as long as a run's.
_ID_DIGITS: Final = 12


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Calibrated(_Part):
    """The line that puts a probability right. Fitted on all out-of-fold answers."""

    intercept: float
    slope: float
    n: int
    positives: int

    def of(self, probability: float) -> float:
        """The calibrated probability, 0-1."""
        return float(PlattLine(self.intercept, self.slope).of(log_odds(np.array([probability])))[0])


class EfBands(_Part):
    """Errors of EF by the band of the true EF; an end that is null is infinite: too few records."""

    coverage: float
    limits: tuple[float, ...]
    ends: tuple[tuple[float | None, float | None], ...]
    n: int

    def around(self, ef_percent: float) -> tuple[float, float]:
        """The interval of an answer, percent, within 0-100; everything where no EF would be usual."""
        ends = tuple(
            (-math.inf if low is None else low, math.inf if high is None else high) for low, high in self.ends
        )
        pieces = BandErrors(self.limits, ends).pieces(np.array([ef_percent]), np.ones(1))
        low, high = (float(end[0]) for end in hull_of(*pieces, 0, 100))
        return (0.0, 100.0) if math.isnan(low) else (low, high)


class RwmaSets(_Part):
    """Up to which probability `absent` and from which on `present` can't be ruled out; null: always."""

    coverage: float
    absent_up_to: float | None
    present_from: float | None
    n: int

    def of(self, probability: float) -> tuple[str, ...]:
        """The answers that can't be ruled out; none where each would be strange."""
        is_absent = self.absent_up_to is None or probability <= self.absent_up_to
        is_present = self.present_from is None or probability >= self.present_from
        return tuple(name for name, held in (("absent", is_absent), ("present", is_present)) if held)


class Spreads(_Part):
    """How far the models lay apart on photographs of the run's snapshot, rising: what agreement is held
    against. All models but one learnt from each of these patients, so new ones find them further apart.
    """

    ef_percent: tuple[float, ...]
    rwma: tuple[float, ...]


class Points(_Part):
    """Where the referral matrix cuts; see `pipeline.referral.OperatingPoints`."""

    ef_abnormal_percent: float = Field(default=50.0, ge=0, le=100)
    ef_priority_percent: float = Field(default=40.0, ge=0, le=100)
    rwma_abnormal: float = Field(default=0.40, ge=0, le=1)
    rwma_priority: float = Field(default=0.60, ge=0, le=1)
    agreement: float = Field(default=70.0, ge=0, le=100)

    @property
    def contradiction(self) -> str:
        """Which point gives priority to what another does not call abnormal; empty for none."""
        if self.ef_priority_percent > self.ef_abnormal_percent:
            return (
                f"ef_priority_percent {self.ef_priority_percent:g} is above "
                f"ef_abnormal_percent {self.ef_abnormal_percent:g}"
            )
        if self.rwma_priority < self.rwma_abnormal:
            return f"rwma_priority {self.rwma_priority:g} is below rwma_abnormal {self.rwma_abnormal:g}"
        return ""


class Model(_Part):
    """One network: of which fold, trained with which seed, and the hash of its tensors in the run."""

    fold: int
    seed: int
    sha256: str


class Said(_Part):
    """What each network says of the golden photograph, before anything is put right: percent; 0-1."""

    ef_percent: tuple[float, ...]
    rwma: tuple[float, ...]


class About(_Part):
    """Everything about a bundle but its weights.

    Attributes:
        run, snapshot, content_sha256: what it was made of. run_sha256, evaluation_sha256: of their manifests.
        models: in the order of the networks' answers.
        shares_trunk, has_maps: see `pipeline.modeling.onnx_export.Graphs`.
        settings: of the run; photographs are prepared by its `picture` part.
        calibration, ef_bands, rwma_sets, spreads, points: null where the evaluation did not verify them; an
            answer then goes without.
        how: part -> how it was fitted or chosen, one sentence.
        lacks: what is missing, one sentence each.
        despite: verdicts that were overridden by name.
        reference: what is usual: percentiles 0 to 100 of out-of-fold answers, by head.
        golden: answers to `golden.jpg` by the networks themselves, without ONNX.
    """

    run: str
    run_sha256: str
    evaluation_sha256: str
    snapshot: str
    content_sha256: str
    is_synthetic: bool
    profile: str
    backbone: str
    models: tuple[Model, ...]
    shares_trunk: bool
    has_maps: bool
    settings: ExperimentSettings
    calibration: Calibrated | None
    ef_bands: EfBands | None
    rwma_sets: RwmaSets | None
    spreads: Spreads | None
    points: Points | None
    how: dict[str, str]
    lacks: tuple[str, ...]
    despite: tuple[str, ...]
    reference: dict[str, tuple[float, ...]]
    golden: Said


@dataclass(frozen=True)
class Bundle:
    """A bundle that is as it was written."""

    folder: Path
    id: str
    about: About

    def file(self, name: str) -> Path:
        """One of its files."""
        return self.folder / name

    @property
    def examples(self) -> list[Path]:
        """Invented photographs to try it with."""
        return sorted((self.folder / EXAMPLES).glob("*.jpg"))


def bundle_id(files: Mapping[str, FileHash]) -> str:
    """What a bundle is called: it follows from every byte of it."""
    return content_sha256(files)[:_ID_DIGITS]


def open_bundle(folder: Path) -> Bundle:
    """Open a bundle after looking it over byte by byte; its networks are not loaded.

    Raises:
        EchoDeskError: it is no bundle, or not as it was written; names the first file that differs.
    """
    hint = "Copy the folder anew, or make it again: echodesk bundle RUN"
    try:
        manifest = read_manifest((folder / MANIFEST_NAME).read_bytes())
        found = hash_folder(folder)
    except OSError as error:
        raise EchoDeskError(f"{folder} is not a bundle: {error.strerror}", hint) from None
    except ValueError as error:
        raise EchoDeskError(f"{folder}: {error}", hint) from None
    if manifest.get("format") != FORMAT:
        raise EchoDeskError(
            f"{folder}: its format is {manifest.get('format')!r}, not {FORMAT!r}", ANOTHER_VERSION
        )
    listed = manifest.get("files", {})
    written = {name: FileHash(one["sha256"], one["bytes"]) for name, one in listed.items()}
    if manifest.get("bundle") != bundle_id(written) or ABOUT not in written:
        raise EchoDeskError(f"{folder} is not a bundle as it was written: it has another name", hint)
    differing = sorted(name for name in {*written, *found} if written.get(name) != found.get(name))
    if differing:
        raise EchoDeskError(f"{folder} is not a bundle as it was written: {differing[0]} differs", hint)
    try:
        about = About.model_validate_json((folder / ABOUT).read_bytes())
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        raise EchoDeskError(
            f"{folder}: {ABOUT} says something this program does not know: {where}",
            ANOTHER_VERSION,
        ) from None
    return Bundle(folder, str(manifest["bundle"]), about)
