"""`echodesk bench imaging`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from db.errors import pip_install
from pipeline.commands.options import JsonOption
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from pipeline.imaging.bench import ImagingSpeed

_RATIOS = ("pages_per_s", "page_ratio", "decode_ratio", "order_ratio", "grey_ratio", "colour_ratio")


def bench_imaging_command(
    rounds: Annotated[int, typer.Option(min=1, help="Of each measurement the best of so many.")] = 5,
    seed: Annotated[int, typer.Option(min=0, help="Of the invented ECG and its changes.")] = 20260401,
    as_json: JsonOption = False,
) -> None:
    """What drawing, decoding, preprocessing and changing an ECG picture costs, each beside another way.

    Milliseconds of one core, on one invented page, both ways in the same process. Augmentation stands beside
    albumentations where the extra 'bench' is installed.
    """
    from pipeline.dataset.study.plan import StudyPlan, drawn
    from pipeline.imaging.bench import measure_imaging
    from pipeline.waveforms.planted import planted_recordings
    from pipeline.waveforms.planted_bases import DipoleBase

    patients, severities = drawn(StudyPlan(patients=10, seed=seed))
    recording = next(planted_recordings(patients, severities, DipoleBase(), seed=seed))
    speed = measure_imaging(recording.signal_mv, recording.sampling_rate_hz, seed=seed, rounds=rounds)
    if as_json:
        say_json(asdict(speed) | {name: getattr(speed, name) for name in _RATIOS})
    else:
        show_imaging_bench(speed)


def show_imaging_bench(speed: ImagingSpeed) -> None:
    """The figures, each beside what it is compared with."""
    rows = [
        ("draw a page", speed.thinned_page_ms, "every sample drawn", speed.page_ms, speed.page_ratio),
        ("decode 12 megapixels", speed.decode_ms, "Pillow", speed.pillow_decode_ms, speed.decode_ratio),
        (
            "photograph to square, at 1000 pixels",
            speed.working_order_ms,
            "the paper's order, at the camera's size",
            speed.camera_order_ms,
            speed.order_ratio,
        ),
    ]
    others = (
        ("one channel", speed.albumentations_grey_ms, speed.grey_ratio),
        ("three channels", speed.albumentations_colour_ms, speed.colour_ratio),
    )
    for channels, other_ms, ratio in others:
        if other_ms is not None and ratio is not None:
            name = f"albumentations {speed.albumentations_version}, {channels}"
            rows.append(("augment a square", speed.augment_ms, name, other_ms, ratio))
    say_table(("", "ms", "beside", "ms", "times as fast"), [_rounded(*row) for row in rows])
    say(f"{speed.pages_per_s:.0f} pages a second on one core")
    if not speed.albumentations_version:
        say(
            f"augment a square: {speed.augment_ms:.2f} ms; albumentations is not installed, nothing stands "
            f"beside it: {pip_install('bench')}"
        )


def _rounded(
    what: str, ours_ms: float, other: str, other_ms: float, ratio: float
) -> tuple[str, float, str, float, float]:
    return what, round(ours_ms, 2), other, round(other_ms, 2), round(ratio, 1)
