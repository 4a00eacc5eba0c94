"""Contact sheets to be looked at: layouts, captures, augmentations, other papers, rectified photographs.

Numbers tell whether a picture is processed; only eyes tell whether it still is an ECG. Each sheet is a PNG
in the folder that is named. With `--photos DIR` every photograph there is rectified, too, with its verdict,
six a sheet.

    PYTHONPATH=. python tests/experiments/ecg_photo/sheets.py OUT [--photos DIR] [--seed 1]
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.config.settings import AugmentationSettings, PictureSettings
from pipeline.imaging.augment import augmented
from pipeline.imaging.backgrounds import on_other_paper, paper_without_trace
from pipeline.imaging.capture import ON_TABLE, SETTINGS, Condition
from pipeline.imaging.ecg_photo import EcgPhoto, photograph_ecg
from pipeline.imaging.paper import EcgPage, draw_ecg_page
from pipeline.imaging.paper_kinds import GAINS_MM_MV, GRIDS, LAYOUTS, SPEEDS_MM_S
from pipeline.imaging.photo_effects import NO_EFFECTS, PhotoEffects
from pipeline.imaging.photo_file import read_photo
from pipeline.imaging.preprocess import to_square
from pipeline.imaging.quality import judge
from pipeline.imaging.rectify import rectify
from pipeline.imaging.trace import trace_to_square
from pipeline.waveforms.dipole import HeartState, simulate_ecg

Pixels = NDArray[np.uint8]
Cell = tuple[str, Pixels]

CELL_PX, COLUMNS, TITLE_PX = 480, 3, 22
PHOTOS_A_SHEET = 6
RATE_HZ = 500.0


def signal(seed: int) -> NDArray[np.float64]:
    """Ten seconds of an invented heart."""
    rng = np.random.default_rng(seed)
    return simulate_ecg(HeartState(62.0, "none", (), "none", 70.0), rng, sampling_rate_hz=RATE_HZ)


def page(seed: int, layout: str = "3x4+1", grid: str = "pink", **more: float) -> EcgPage:
    """A drawn page."""
    header = ("Name: A B", f"No. {seed:05d}")
    # At 50 mm/s five seconds fill the page.
    samples = round(RATE_HZ * 250 / more.get("speed_mm_s", 25.0))
    return draw_ecg_page(
        signal(seed)[:, :samples],
        RATE_HZ,
        layout=LAYOUTS[layout],
        grid=grid,
        header=header,
        px_per_mm=4.0,
        **more,
    )


def cell(image: Pixels) -> Pixels:
    """A picture fitted into a square of the sheet."""
    colour = cv2.cvtColor(image, cv2.COLOR_GRAY2RGB) if image.ndim == 2 else image
    share = CELL_PX / max(colour.shape[:2])
    size = (max(1, round(colour.shape[1] * share)), max(1, round(colour.shape[0] * share)))
    fitted = np.full((CELL_PX, CELL_PX, 3), 90, np.uint8)
    fitted[: size[1], : size[0]] = cv2.resize(colour, size, interpolation=cv2.INTER_AREA)
    return fitted


def sheet(cells: Sequence[Cell]) -> Pixels:
    """Pictures side by side, their titles above."""
    rows = []
    for start in range(0, len(cells), COLUMNS):
        row = np.full((CELL_PX + TITLE_PX, CELL_PX * COLUMNS, 3), 90, np.uint8)
        for place, (title, image) in enumerate(cells[start : start + COLUMNS]):
            left = place * CELL_PX
            row[TITLE_PX:, left : left + CELL_PX] = cell(image)
            cv2.putText(row, title, (left + 4, 16), cv2.FONT_HERSHEY_SIMPLEX, 0.45, (255, 255, 255), 1)
        rows.append(row)
    return np.concatenate(rows)


def layouts(seed: int) -> Iterator[Cell]:
    """Every layout on another paper, then other speeds and gains."""
    grids = list(GRIDS)
    for place, layout in enumerate(LAYOUTS):
        grid = grids[place % len(grids)]
        yield f"{layout}, {grid}", page(seed + place, layout, grid).image
    for speed in SPEEDS_MM_S:
        for gain in GAINS_MM_MV:
            if (speed, gain) != (25.0, 10.0):
                more = {"speed_mm_s": speed, "gain_mm_mv": gain}
                yield f"{speed:g} mm/s, {gain:g} mm/mV", page(seed, **more).image


def shots(seed: int) -> Iterator[tuple[str, EcgPhoto]]:
    """Every way of capturing a page, and every mishap."""
    for condition in Condition:
        yield str(condition), photograph_ecg(page(seed), np.random.default_rng(seed), SETTINGS[condition])
    yield "on a table", photograph_ecg(page(seed), np.random.default_rng(seed), ON_TABLE)
    mishaps = {
        "folds": PhotoEffects(folds=2), "fade": PhotoEffects(fade=0.7),
        "glare": PhotoEffects(glare=0.2), "fingers": PhotoEffects(fingers=2),
    }  # fmt: skip
    for name, effects in mishaps.items():
        rng = np.random.default_rng(seed)
        yield name, photograph_ecg(page(seed), rng, SETTINGS[Condition.PHONE], effects)


def augmentations(seed: int) -> Iterator[Cell]:
    """One square as it is and changed eight times."""
    shot = photograph_ecg(page(seed), np.random.default_rng(seed), Condition.PHONE, NO_EFFECTS)
    square = to_square(shot.image, PictureSettings())
    yield "as it is", square
    for number in range(8):
        yield f"change {number}", augmented(square, np.random.default_rng(number), AugmentationSettings())


def other_papers(seed: int) -> Iterator[Cell]:
    """Three records, each with its trace found, cut out, and on the next one's paper."""
    settings, kept = PictureSettings(), []
    for number, grid in enumerate(("pink", "orange", "red")):
        shot = photograph_ecg(page(seed + number, grid=grid), np.random.default_rng(number), Condition.PHONE)
        trace = shot.trace if number < 2 else None
        square = to_square(shot.image, settings)
        kept.append(
            (square, trace_to_square(shot.image, trace, settings), "known" if number < 2 else "found")
        )
    for place, (square, trace, how) in enumerate(kept):
        other = paper_without_trace(*kept[(place + 1) % 3][:2])
        yield f"record {place}, trace {how}", square
        yield "its paper", paper_without_trace(square, trace)
        yield "on the next one's paper", on_other_paper(square, trace, other)


def rectified(pictures: Iterable[Cell]) -> Iterator[Cell]:
    """A picture, what is seen straight of it, and what quality says."""
    for name, image in pictures:
        found = rectify(image)
        said = ", ".join(complaint.fault.value for complaint in judge(image).complaints) or "usable"
        yield name, image
        yield (
            f"{'found' if found.finding.is_found else 'left as it is'} {found.finding.confidence:.2f}",
            found.image,
        )
        yield f"square: {said}", to_square(image, PictureSettings(rectify=True))


def main() -> None:
    """Write the sheets."""
    parser = argparse.ArgumentParser()
    parser.add_argument("out", type=Path)
    parser.add_argument("--photos", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    captured = [(name, shot.image) for name, shot in shots(asked.seed)]
    sheets: dict[str, Iterable[Cell]] = {
        "layouts": layouts(asked.seed),
        "captures": captured,
        "augmentations": augmentations(asked.seed),
        "other_papers": other_papers(asked.seed),
        "rectified": rectified([one for one in captured if one[0] in ("phone", "harsh", "on a table")]),
    }
    if asked.photos is not None:
        files = sorted(file for file in asked.photos.iterdir() if file.suffix != ".csv")
        for start in range(0, len(files), PHOTOS_A_SHEET):
            sheets[f"photos-{start // PHOTOS_A_SHEET + 1}"] = rectified(
                (file.name, read_photo(file, at_least_px=1200))
                for file in files[start : start + PHOTOS_A_SHEET]
            )
    for name, cells in sheets.items():
        cv2.imwrite(str(asked.out / f"{name}.png"), cv2.cvtColor(sheet(list(cells)), cv2.COLOR_RGB2BGR))
        print(asked.out / f"{name}.png", flush=True)  # noqa: T201 - a script


if __name__ == "__main__":
    main()
