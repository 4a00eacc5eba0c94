"""Lead names, header and paper in traces that are looked for: which of them `estimate_printed` takes along.

Drawn pages of every layout, each scanned, photographed in two ways and laid on a table; the exact masks are
known. Beside it `estimate_trace`, which takes strokes alone.

    PYTHONPATH=. python tests/experiments/ecg_photo/lead_names.py [--seed 100]
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Iterator
from dataclasses import replace
from unittest.mock import patch

import cv2
import numpy as np
from numpy.typing import NDArray

from pipeline.imaging.capture import ON_TABLE, SETTINGS, Condition
from pipeline.imaging.ecg_photo import photograph_ecg
from pipeline.imaging.paper import EcgPage, draw_ecg_page
from pipeline.imaging.paper_kinds import GRIDS, LAYOUTS
from pipeline.imaging.pen import Pen
from pipeline.imaging.rectify import Rectified, rectify
from pipeline.imaging.trace import estimate_printed, estimate_trace
from pipeline.waveforms.dipole import HeartState, simulate_ecg

Mask = NDArray[np.bool_]

RATE_HZ = 500.0
KINDS = {
    "clean": SETTINGS[Condition.CLEAN], "phone": SETTINGS[Condition.PHONE],
    "harsh": SETTINGS[Condition.HARSH], "on a table": ON_TABLE,
}  # fmt: skip
FINDERS = {"strokes alone": estimate_trace, "with lead names": estimate_printed}


def drawn(seed: int, layout: str, grid: str) -> tuple[EcgPage, Mask]:
    """A page, and where its traces and pulses are without any print."""
    heart = HeartState(62.0, "none", (), "none", 70.0)
    signal = simulate_ecg(heart, np.random.default_rng(seed), sampling_rate_hz=RATE_HZ)

    def page() -> EcgPage:
        header = ("Name: A B", f"No. {seed:05d}")
        return draw_ecg_page(signal, RATE_HZ, layout=LAYOUTS[layout], grid=grid, header=header)

    whole = page()
    with patch.object(Pen, "write", return_value=(0, 0, 0, 0)):
        return whole, page().trace


def shots(seed: int) -> Iterator[tuple[str, Rectified, Mask, Mask]]:
    """Kind, page seen straight, its traces, its lead names; each layout twice."""
    for number, layout in enumerate([*LAYOUTS, *LAYOUTS]):
        grids = list(GRIDS)
        page, bare = drawn(seed + number, layout, grids[(number + number // len(LAYOUTS)) % len(grids)])
        for kind, condition in KINDS.items():
            taken = [
                photograph_ecg(replace(page, trace=trace), np.random.default_rng(number), condition)
                for trace in (page.trace, bare)
            ]
            straight = rectify(taken[0].image)
            size = (straight.image.shape[1], straight.image.shape[0])
            whole, traces = (
                cv2.warpPerspective(one.trace.astype(np.uint8) * 255, straight.photo_to_image, size) > 127
                for one in taken
            )
            yield kind, straight, traces, whole & ~grown(traces, 5)


def grown(mask: Mask, side_px: int) -> Mask:
    """A mask and what lies beside it."""
    return np.asarray(cv2.dilate(mask.astype(np.uint8), np.ones((side_px, side_px), np.uint8))) > 0


def main() -> None:
    """Print a row for each kind of picture and way of looking."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=100)
    counts = {(kind, how): np.zeros(6) for kind in KINDS for how in FINDERS}
    spent_s, pages = dict.fromkeys(FINDERS, 0.0), 0
    for kind, straight, traces, names in shots(parser.parse_args().seed):
        pages += 1
        near = grown(traces | names, 9)
        for how, find in FINDERS.items():
            began_s = time.process_time()
            found = find(straight.image)
            spent_s[how] += time.process_time() - began_s
            parts = ((found & traces), traces, (found & names), names, (found & near), found)
            counts[kind, how] += [part.sum() for part in parts]
    for (kind, how), counted in counts.items():
        shares = counted[0::2] / counted[1::2]
        said = "{:.3f} of the traces, {:.3f} of the names, precision {:.4f}".format(*shares)
        print(f"{kind}, {how}: {said}")  # noqa: T201 - a script
    for how, seconds in spent_s.items():
        print(f"{how}: {1000 * seconds / pages:.0f} ms a page, {pages} pages")  # noqa: T201 - a script


if __name__ == "__main__":
    main()
