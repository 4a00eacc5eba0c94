"""`echodesk bench training`."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from pipeline.commands.options import JsonOption
from pipeline.commands.terminal import say, say_json, say_table

if TYPE_CHECKING:
    from pipeline.training.bench import TrainingSpeed


def bench_training_command(
    pictures: Annotated[int, typer.Option(min=4, help="How many an epoch learns from.")] = 16,
    seed: Annotated[int, typer.Option(min=0, help="Of the network and the noise it is shown.")] = 20260401,
    as_json: JsonOption = False,
) -> None:
    """How much the CPU profile saves by keeping what its frozen layers say, against a plain epoch.

    Seconds of processor time of an untrained network on noise, every way in the same process. What the frozen
    layers say is computed once, for all folds and epochs.
    """
    from pipeline.config.files import PROFILES
    from pipeline.training.bench import measure_training

    speed = measure_training(PROFILES["cpu"], pictures=pictures, seed=seed)
    if as_json:
        say_json(asdict(speed) | {"ratio": speed.ratio, "frozen_ratio": speed.frozen_ratio})
    else:
        show_training_bench(speed)


def show_training_bench(speed: TrainingSpeed) -> None:
    """The figures with what they were measured on."""
    say(
        f"{speed.backbone}, {speed.size_px} pixels, {speed.pictures} pictures an epoch, "
        f"threads: {speed.threads}"
    )
    epochs = (
        ("everything learns", speed.plain_epoch_s, speed.ratio),
        ("frozen layers computed each time", speed.frozen_epoch_s, speed.frozen_ratio),
        ("frozen layers kept", speed.kept_epoch_s, 1.0),
    )
    say_table(
        ("an epoch", "s", "times a kept one"),
        [(name, round(seconds, 2), round(ratio, 1)) for name, seconds, ratio in epochs],
    )
    say(
        f"A picture through the whole network: {speed.forward_ms:.0f} ms forward, {speed.backward_ms:.0f} ms "
        f"back; through what follows the frozen layers: {speed.kept_forward_ms:.1f} and "
        f"{speed.kept_backward_ms:.1f} ms"
    )
    say(f"Kept once, for all folds and epochs: {speed.keeping_ms:.0f} ms a picture, view or variant")
