"""One photograph, explained: what each fold's models say, where they look, what changing it does."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from pipeline.evaluation.pictures.attributions import methods
from pipeline.evaluation.pictures.pages import Square, cut_out
from pipeline.imaging.capture import Condition, photograph
from pipeline.imaging.overlay import heat_overlay
from pipeline.imaging.paper import GRIDS, draw_ecg_page
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import decoded_px, normalised, straightened, to_square
from pipeline.imaging.quality import judge
from pipeline.modeling.attention import HEADS, as_shares
from pipeline.modeling.ensemble import EnsemblePredictions
from pipeline.modeling.fold_networks import FoldNetworks
from pipeline.training.run_folder import Run

Pixels = NDArray[np.uint8]
Floats = NDArray[np.float64]

EVALUATION: Final = Path("evaluation/results.json")
OWN, ERASED, REPLACED = "as_it_is", "trace_erased", "paper_replaced"
# Blank sheets the trace is laid on: every colour of paper the project knows, printed by nobody.
_SHEETS: Final = tuple(GRIDS)
_SEED: Final = 20260401
_METHOD: Final = "layer_cam"


@dataclass(frozen=True)
class Answer:
    """What was said about the photograph.

    Attributes:
        rwma_probability: of a significant abnormality, 0-1.
    """

    ef_percent: float
    rwma_probability: float


@dataclass(frozen=True)
class WhatIf:
    """The same photograph with one thing changed; mean over all models.

    Attributes:
        name: `as_it_is`, `trace_erased`, `paper_replaced`.
        pictures: how many were made; several papers are tried, and the answer that moved most is told.
    """

    name: str
    answer: Answer
    pictures: int


@dataclass(frozen=True)
class Interval:
    """An EF interval by the errors of the evaluation.

    Attributes:
        low, high: percent. target: the share of patients it was made to hold. held: the share it held.
    """

    low: float
    high: float
    target: float
    held: float | None


@dataclass(frozen=True)
class Explanation:
    """One photograph's answer.

    Attributes:
        answer: mean over all models. folds: by fold.
        ef_spread_points, rwma_spread: standard deviation over folds: agreement, not certainty.
        interval: None where the run was not evaluated.
        complaints: what speaks against the photograph itself.
        what_ifs: the first is the photograph as it is.
    """

    run: str
    answer: Answer
    folds: Mapping[int, Answer]
    ef_spread_points: float
    rwma_spread: float
    interval: Interval | None
    complaints: tuple[str, ...]
    what_ifs: tuple[WhatIf, ...]


@dataclass(frozen=True, eq=False)
class Shown:
    """Pictures that go with an explanation.

    Attributes:
        photo: RGB, uint8. overlays: by head, the same with a heat map over it.
        changed: by `WhatIf.name`, what the network was shown; one channel.
    """

    photo: Pixels
    overlays: Mapping[str, Pixels]
    changed: Mapping[str, Square]


def explain(run: Run, photo: Path) -> tuple[Explanation, Shown]:
    """Ask all of a run's models about a photograph and about what is made of it.

    The trace is estimated, not known: what the estimate misses stays on an erased page.

    Raises:
        EchoDeskError: the photograph or a model can't be read.
    """
    picture = run.settings.picture
    image = read_photo(photo, at_least_px=decoded_px(picture))
    networks = FoldNetworks.load(run.checkpoints())
    cut = cut_out(image, picture)
    papers = [cut.on(paper) for paper in _papers(image, run)]
    squares = [cut.square, cut.paper, *papers]
    said = networks.every(_pictures(squares, run))
    folds = {fold: _answer(one, 0) for fold, one in said.items()}
    what_ifs = (
        WhatIf(OWN, _mean(said, 0), 1),
        WhatIf(ERASED, _mean(said, 1), 1),
        WhatIf(
            REPLACED,
            _farthest([_mean(said, at) for at in range(2, len(squares))], _mean(said, 0)),
            len(papers),
        ),
    )
    answer = what_ifs[0].answer
    explanation = Explanation(
        run=run.name,
        answer=answer,
        folds=folds,
        ef_spread_points=float(np.std([one.ef_percent for one in folds.values()])),
        rwma_spread=float(np.std([one.rwma_probability for one in folds.values()])),
        interval=interval_of(run, answer.ef_percent),
        complaints=tuple(one.sentence for one in judge(image).complaints),
        what_ifs=what_ifs,
    )
    heats = _heat(networks, _pictures(squares[:1], run))
    overlays = {head: heat_overlay(image, heat, picture) for head, heat in heats.items()}
    changed = {OWN: cut.square, ERASED: cut.paper, REPLACED: papers[0]}
    return explanation, Shown(image, overlays, changed)


def _pictures(squares: Sequence[Square], run: Run) -> Any:
    import torch

    return torch.from_numpy(np.stack([normalised(square, run.settings.picture) for square in squares]))


def _papers(image: Pixels, run: Run) -> list[Square]:
    """Blank sheets of every kind, photographed: paper that no patient's trace was ever on."""
    found = []
    for number, grid in enumerate(_SHEETS):
        page = draw_ecg_page(np.full((12, 1000), np.nan), 100.0, grid=grid, px_per_mm=_px_per_mm(image, run))
        shot = photograph(page.image, np.random.default_rng([_SEED, number]), Condition.PHONE)
        found.append(to_square(shot.image, run.settings.picture))
    return found


def _px_per_mm(image: Pixels, run: Run) -> float:
    """So that a sheet has about as many pixels as the photograph the network works on."""
    return float(np.clip(max(straightened(image, run.settings.picture).shape[:2]) / 297.0, 3.0, 8.0))


def _answer(said: EnsemblePredictions, place: int) -> Answer:
    return Answer(float(said.ef_percent[place]), float(said.rwma_probability[place]))


def _mean(said: Mapping[int, EnsemblePredictions], place: int) -> Answer:
    answers = [_answer(one, place) for one in said.values()]
    return Answer(
        float(np.mean([one.ef_percent for one in answers])),
        float(np.mean([one.rwma_probability for one in answers])),
    )


def _farthest(answers: Sequence[Answer], own: Answer) -> Answer:
    return max(answers, key=lambda one: abs(one.rwma_probability - own.rwma_probability))


def _heat(networks: FoldNetworks, picture: Any) -> dict[str, Floats]:
    """Mean map of all models by head; the picture's side squared, sum 1."""
    method = methods(_SEED)[_METHOD]
    members = [network for of_fold in networks.by_fold.values() for network in of_fold]
    return {
        head: np.mean(
            [as_shares(method(one, picture, head), picture.shape[-1])[0] for one in members], axis=0
        )
        for head in HEADS
    }


def interval_of(run: Run, ef_percent: float) -> Interval | None:
    """The answer with the width of plain conformal intervals in the run's evaluation; None without one."""
    file = run.folder / EVALUATION
    if not file.is_file():
        return None
    found = json.loads(file.read_bytes()).get("conformal") or {}
    plain = (found.get("intervals") or {}).get("plain") or {}
    width = (plain.get("width") or {}).get("value")
    if width is None:
        return None
    held = (plain.get("coverage") or {}).get("value")
    low, high = np.clip([ef_percent - width / 2, ef_percent + width / 2], 0, 100).tolist()
    return Interval(low, high, float(found["target"]), held)
