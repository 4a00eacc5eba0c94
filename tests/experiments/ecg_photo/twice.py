"""Pages photographed twice among many others: how many are found, what else is, and how long it takes.

The pages of the semi-synthetic study, 100 of them photographed again by another camera, and any number of
others on the same layout: each put together from the leads of study pages, every lead another patient's, and
photographed anew (a fifth of the time of drawing it). With `--resamples` all numbers and the page of an
evaluation of as many invented patients are made while photographs are compared, as an evaluation does it.

    PYTHONPATH=. python tests/experiments/ecg_photo/twice.py FOLDER [--others 19400] [--workers 2]

What is in the folder already is not drawn again.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from functools import cache, partial
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.dataset.study.pages import JPEG_QUALITY, look_of, printed
from pipeline.dataset.study.plan import StudyPlan, drawn
from pipeline.evaluation.leaks.same_pages import same_pages
from pipeline.evaluation.photographs import looks_at
from pipeline.evaluation.report.speed import evaluation_speed
from pipeline.imaging.capture import ON_TABLE, SETTINGS, Condition, encode_jpeg, photograph
from pipeline.imaging.ecg_photo import photograph_ecg
from pipeline.imaging.paper import EcgPage
from pipeline.waveforms.planted import planted_recordings
from pipeline.waveforms.planted_bases import DipoleBase

Pixels = NDArray[np.uint8]

AGAIN = 100
CAMERAS = (SETTINGS[Condition.PHONE], SETTINGS[Condition.HARSH], ON_TABLE)
# Desk, light and noise of so many photographs are used again for others.
ROOMS = 24
FOLDS = 5


def study_pages(plan: StudyPlan) -> Iterator[tuple[int, EcgPage]]:
    """Number and printed page of each patient."""
    patients, severities = drawn(plan)
    recordings = planted_recordings(patients, severities, DipoleBase(), seed=plan.seed)
    for patient, recording in zip(patients, recordings, strict=True):
        yield patient.number, printed(recording, look_of(patient, plan.seed, plan.shortcuts))


def draw_study(folder: Path, plan: StudyPlan) -> None:
    """The study's photographs, and 100 of them again."""
    patients, _ = drawn(plan)
    chosen = {patient.number: place for place, patient in enumerate(patients[:: len(patients) // AGAIN])}
    for patient, (number, page) in zip(patients, study_pages(plan), strict=True):
        look = look_of(patient, plan.seed, plan.shortcuts)
        shot = photograph_ecg(page, look.generator(), look.condition)
        (folder / f"own-{number:05d}.jpg").write_bytes(encode_jpeg(shot.image, JPEG_QUALITY))
        if (place := chosen.get(number)) is not None and place < AGAIN:
            camera = CAMERAS[place % len(CAMERAS)]
            again = photograph(page.image, np.random.default_rng([9, number]), camera)
            (folder / f"again-{number:05d}.jpg").write_bytes(again.jpeg())


@cache
def sources(seed: int, most: int) -> list[EcgPage]:
    """Pages whose leads the others are made of."""
    return [page for _, page in study_pages(StudyPlan(patients=most, seed=seed))]


@cache
def rooms(size: tuple[int, int]) -> list[tuple[Pixels, NDArray[np.int16]]]:
    """What light and desk, and what noise, do to a white page: both of `ROOMS` photographs."""
    white, found = np.full((size[1], size[0], 3), 255, np.uint8), []
    for number in range(ROOMS):
        rng = np.random.default_rng([4, number])
        lit = photograph(white, rng, SETTINGS[Condition.PHONE]).image
        lit = np.asarray(cv2.resize(cv2.GaussianBlur(lit, (0, 0), 3), size), np.uint8)
        grain = (rng.standard_normal((size[1], size[0])) * 2).astype(np.int16)
        found.append((lit, np.asarray(cv2.merge([grain] * 3), np.int16)))
    return found


def draw_other(number: int, folder: Path, seed: int, most: int) -> None:
    """One page of leads of several patients, photographed or scanned."""
    file = folder / f"other-{number:05d}.jpg"
    if file.exists():
        return
    rng = np.random.default_rng([seed, number])
    pages = sources(seed, most)
    image = pages[int(rng.integers(len(pages)))].image.copy()
    for name, (left, top, right, bottom) in pages[0].lead_boxes.items():
        part = (slice(top, bottom), slice(left, right))
        image[part] = pages[int(rng.integers(len(pages)))].image[part]
        del name
    if rng.random() < 0.75:
        image = _photographed(image, rng)
    file.write_bytes(encode_jpeg(image, JPEG_QUALITY))


def _photographed(page: Pixels, rng: np.random.Generator) -> Pixels:
    height, width = page.shape[:2]
    size = (round(width * 1.06), round(height * 1.06))
    lit, grain = rooms(size)[int(rng.integers(ROOMS))]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
    moved = corners + rng.uniform(0.0, 0.02, (4, 2)) * np.sign(np.array(size) / 2 - corners) * size
    moved = moved * 1.03 + 0.01 * np.array(size)
    plane = cv2.getPerspectiveTransform(corners, moved.astype(np.float32))
    seen = cv2.warpPerspective(page, plane, size, borderMode=cv2.BORDER_CONSTANT, borderValue=(96, 74, 55))
    seen = cv2.GaussianBlur(cv2.multiply(seen, lit, scale=1 / 255), (0, 0), 0.6)
    return np.asarray(cv2.add(seen, grain, dtype=cv2.CV_8U), np.uint8)


def _spent_s() -> float:
    """Processor seconds of this process and of those it started and that have ended."""
    spent = os.times()
    return spent.user + spent.system + spent.children_user + spent.children_system


def measure(folder: Path, others: int, workers: int, resamples: int) -> None:
    """Look, compare, and print what was found and what it took."""
    files = sorted([*folder.glob("own-*.jpg"), *folder.glob("again-*.jpg")])
    files += sorted(folder.glob("other-*.jpg"))[:others]
    folds = {file: place % FOLDS for place, file in enumerate(files)}
    # A page photographed again is always in another fold than the first time.
    for file in files:
        if file.name.startswith("again"):
            folds[file] = (folds[file.with_name(file.name.replace("again", "own"))] + 1) % FOLDS
    started, spent = time.monotonic(), _spent_s()
    looks = looks_at(files, workers=workers)
    looked, looked_spent = time.monotonic(), _spent_s()
    with ThreadPoolExecutor(1) as meanwhile:
        sketches = {file: look.sketch for file, look in looks.items()}
        found = meanwhile.submit(same_pages, sketches, folds, workers=workers)
        if resamples:
            print(evaluation_speed(len(files), resamples))  # noqa: T201 - a script
        pairs = found.result()
    compared, compared_spent = time.monotonic(), _spent_s()
    right = [pair for pair in pairs if len({file.name.split("-")[1] for file in pair}) == 1]
    by_camera = [0, 0, 0]
    order = {file.name: place for place, file in enumerate(sorted(folder.glob("again-*.jpg")))}
    for pair in right:
        by_camera[order[next(file.name for file in pair if file.name.startswith("again"))] % 3] += 1
    print(  # noqa: T201 - a script
        f"{len(files)} photographs: looking {looked_spent - spent:.1f} s of processors "
        f"({looked - started:.0f} s), "
        f"{'comparing and numbers' if resamples else 'comparing'} {compared_spent - looked_spent:.1f} s "
        f"({compared - looked:.0f} s), in all {compared_spent - spent:.1f} s ({compared - started:.0f} s); "
        f"of {len(order)} found {len(right)} {by_camera}, other pairs {len(pairs) - len(right)}"
    )


def main() -> None:
    """Draw what is not there, and measure."""
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--others", type=int, default=0)
    parser.add_argument("--sources", type=int, default=300)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--resamples", type=int, default=0, help="of all numbers, worked out meanwhile")
    parser.add_argument("--draw-only", action="store_true")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    cv2.setNumThreads(1)
    plan = StudyPlan()
    if not (asked.folder / f"own-{plan.patients:05d}.jpg").exists():
        draw_study(asked.folder, plan)
    draw = partial(draw_other, folder=asked.folder, seed=plan.seed + 1, most=asked.sources)
    if asked.others:
        with ProcessPoolExecutor(asked.workers) as pool:
            list(pool.map(draw, range(asked.others), chunksize=200))
    if not asked.draw_only:
        measure(asked.folder, asked.others, asked.workers, asked.resamples)


if __name__ == "__main__":
    main()
