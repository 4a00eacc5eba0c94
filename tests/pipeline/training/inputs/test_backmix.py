"""A trace on another patient's paper: the paper differs, the trace stays, and no paper crosses a fold."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from small_snapshots import tiny

from pipeline.config.settings import ExperimentSettings, PictureSettings
from pipeline.imaging.capture import Condition, encode_jpeg
from pipeline.imaging.ecg_photo import EcgPhoto, photograph_ecg
from pipeline.imaging.paper import draw_ecg_page
from pipeline.imaging.trace import write_trace
from pipeline.training.computing import first_weights
from pipeline.training.inputs.material import backmix_of, network_inputs
from pipeline.training.inputs.pictures import BackMix, trace_reader
from pipeline.training.reporting import Silent

SIDE = 32
STILL = dict.fromkeys(
    ("rotation_deg", "shift", "scale", "brightness", "contrast", "blur_share", "noise_share", "patches"), 0
)


class Kept(Silent):
    """Keeps what is said."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def say(self, line: str) -> None:
        self.lines.append(line)


def settings_of(share: float, **more: object) -> ExperimentSettings:
    still = {f"augmentation__{name}": value for name, value in STILL.items()}
    return tiny(augmentation__backmix_share=share, **still, **more)


def level(place: int) -> int:
    """How bright a record's paper is: no two are alike."""
    return 100 + 10 * place


def squares(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Papers of one tone each with a dark line, and where the line is; each record's line is its own."""
    traces = np.zeros((n, SIDE, SIDE), np.uint8)
    for place in range(n):
        traces[place, 6 + place, 4:28] = 255
    papers = np.array([level(place) for place in range(n)], np.uint8)[:, None, None]
    return np.where(traces > 0, 20, papers).astype(np.uint8), traces


FOLDS = np.array([0, 0, 0, 1, 1, 1, 2, 2])
GROUPS = ["a", "a", "b", "c", "d", "d", "e", "f"]


def mixed(
    folder: Path, settings: ExperimentSettings, traces: np.ndarray | None = None, reporter: Kept | None = None
) -> BackMix | None:
    shown, known = squares(len(FOLDS))
    (folder / "work").mkdir(exist_ok=True)
    return backmix_of(
        [lambda one=one: one for one in (known if traces is None else traces)],  # type: ignore[misc]
        shown,
        np.arange(len(FOLDS)),
        folds=FOLDS,
        groups=GROUPS,
        settings=settings,
        folder=folder,
        accelerator=Accelerator(cpu=True),
        reporter=reporter or Kept(),
    )


def test_at_share_one_the_paper_is_another_and_the_trace_stays(tmp_path: Path) -> None:
    backmix = mixed(tmp_path, settings_of(1.0))
    assert backmix is not None
    shown, traces = squares(len(FOLDS))
    for place in range(len(FOLDS)):
        pasted = backmix(shown[place], place, np.random.default_rng(place))
        line, far = traces[place] > 0, np.zeros((SIDE, SIDE), bool)
        far[20:] = True
        assert abs(int(np.median(pasted[far])) - level(place)) >= 10
        assert np.median(pasted[line]) < np.median(pasted[far]) - 60


def test_no_paper_of_another_fold_is_ever_shown_nor_of_the_same_patient(tmp_path: Path) -> None:
    backmix = mixed(tmp_path, settings_of(1.0))
    assert backmix is not None
    shown, _ = squares(len(FOLDS))
    for place in range(len(FOLDS)):
        possible = {
            other
            for other in range(len(FOLDS))
            if FOLDS[other] == FOLDS[place] and GROUPS[other] != GROUPS[place]
        }
        seen = {
            round(
                (float(np.median(backmix(shown[place], place, np.random.default_rng(seed))[20:])) - 100) / 10
            )
            for seed in range(40)
        }
        assert seen == possible


def test_it_is_off_by_default_and_then_no_trace_is_looked_for(tmp_path: Path) -> None:
    def never() -> np.ndarray:
        raise AssertionError("a trace was looked for")

    assert tiny().augmentation.backmix_share == 0
    assert mixed(tmp_path, settings_of(0.0), traces=np.array([never] * 8)) is None


def test_half_a_share_changes_about_half_of_the_draws(tmp_path: Path) -> None:
    backmix = mixed(tmp_path, settings_of(0.5))
    assert backmix is not None
    shown, _ = squares(len(FOLDS))
    changed = [
        not np.array_equal(backmix(shown[3], 3, np.random.default_rng(seed)), shown[3]) for seed in range(200)
    ]
    assert 70 < sum(changed) < 130


def test_a_picture_without_a_known_trace_neither_gives_nor_takes_a_paper(tmp_path: Path) -> None:
    _, traces = squares(len(FOLDS))
    traces[6] = 0
    reporter = Kept()
    backmix = mixed(tmp_path, settings_of(1.0), traces, reporter)
    assert backmix is not None
    shown, _ = squares(len(FOLDS))
    # Fold 2 has the places 6 and 7 alone.
    for place in (6, 7):
        assert np.array_equal(backmix(shown[place], place, np.random.default_rng(1)), shown[place])
    assert any("7 of 8 photographs" in line for line in reporter.lines)


@pytest.mark.parametrize("is_cached", [False, True])
def test_what_the_network_is_taught_with_lies_on_other_papers(tmp_path: Path, is_cached: bool) -> None:
    cache = {
        "training__caches_trunk": True,
        "backbone__frozen_through_block": 1,
        "augmentation__cached_variants": 2,
    }
    settings = settings_of(1.0, **(cache if is_cached else {}))
    shown, _ = squares(len(FOLDS))
    backmix, first = mixed(tmp_path, settings), first_weights(settings)
    inputs = network_inputs(
        shown,
        np.arange(8),
        settings,
        first,
        tmp_path,
        Accelerator(cpu=True),
        Kept(),
        backmix=backmix,
        views=1,
    )
    place = np.array([7])  # only 6 is of its fold and another patient
    plain = network_inputs(
        shown, np.arange(8), settings_of(0.0), first, tmp_path, Accelerator(cpu=True), Kept(), views=1
    )
    wanted = np.where(squares(8)[1][7] > 0, 20 + level(6) - level(7), level(6)).astype(np.uint8)
    other = network_inputs(
        wanted[None], np.arange(1), settings_of(0.0), first, tmp_path, Accelerator(cpu=True), Kept(), views=1
    ).plain(np.array([0]))
    own = plain.plain(place)
    if is_cached:
        network = first.network(settings, seed=settings.training.seeds[0]).eval()
        with torch.inference_mode():
            own, other = network.trunk(own), network.trunk(other)
    # With the cache, the seed 0 is the picture itself and the others are its kept variants.
    drawn = inputs.drawn(place, np.array([1]))
    assert torch.allclose(drawn, other, atol=0.1)
    assert (drawn - own).abs().mean() > 3 * (drawn - other).abs().mean()
    assert torch.allclose(inputs.plain(place), own, atol=0.01), "what is asked about keeps its own paper"


def shot(px_per_mm: float = 4.0) -> EcgPhoto:
    since_s = np.arange(5000) / 500 % 0.85
    beat = np.exp(-(((since_s - 0.36) / 0.012) ** 2)) + 0.3 * np.exp(-(((since_s - 0.58) / 0.05) ** 2))
    drawn = draw_ecg_page(np.tile(beat, (12, 1)), 500.0, px_per_mm=px_per_mm, tolerance_px=0.15)
    return photograph_ecg(drawn, np.random.default_rng(2), Condition.PHONE)


def test_a_mask_beside_the_signal_is_taken_and_without_one_the_trace_is_found(tmp_path: Path) -> None:
    photo, settings = shot(), PictureSettings(image_size_px=192)
    file, mask = tmp_path / "photo.jpg", tmp_path / "row.trace.png"
    file.write_bytes(encode_jpeg(photo.image, 85))
    found = trace_reader(file, mask, settings)().astype(float)
    write_trace(mask, photo.trace)
    known = trace_reader(file, mask, settings)().astype(float)
    assert known.sum() == pytest.approx(photo.trace[44:-44, 62:-62].mean() * 255 * 192 * 192, rel=0.1)
    assert np.corrcoef(known.ravel(), found.ravel())[0, 1] > 0.75


def test_with_rectify_the_mask_follows_the_page(tmp_path: Path) -> None:
    photo = shot()
    file, mask = tmp_path / "photo.jpg", tmp_path / "row.trace.png"
    file.write_bytes(encode_jpeg(photo.image, 85))
    settings = PictureSettings(image_size_px=192, rectify=True)
    found = trace_reader(file, None, settings)().astype(float)
    write_trace(mask, photo.trace)
    known = trace_reader(file, mask, settings)().astype(float)
    assert np.corrcoef(known.ravel(), found.ravel())[0, 1] > 0.75
