"""One model's training: the same for the same seed, stopped by held-back patients, in pieces when it must."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from accelerate import Accelerator
from small_snapshots import tiny

from db.errors import EchoDeskError
from pipeline.modeling.network import Network, build_network
from pipeline.modeling.targets import Targets
from pipeline.training.batches import Places
from pipeline.training.loop import Fit, fit
from pipeline.training.tasks import EchoTask

SIZE = 32


class Noise:
    """Inputs whose brightness is the EF, and a record of who was asked for."""

    are_activations = False
    views = 1

    def __init__(self, n: int) -> None:
        generator = torch.Generator().manual_seed(2)
        self.brightness = torch.linspace(-1, 1, n)
        noise = torch.randn(n, 3, SIZE, SIZE, generator=generator)
        self.pictures = 0.1 * noise + self.brightness[:, None, None, None]
        self.drawn_places: set[int] = set()
        self.plain_places: set[int] = set()

    def drawn(self, places: Places, seeds: Places) -> torch.Tensor:
        self.drawn_places |= set(places.tolist())
        return self.pictures[places]

    def plain(self, places: Places, view: int = 0) -> torch.Tensor:
        self.plain_places |= set(places.tolist())
        return self.pictures[places]


def targets(n: int) -> Targets:
    ef = np.linspace(0.25, 0.65, n, dtype=np.float32)
    ef[3] = np.nan
    rwma = (np.arange(n) % 2).astype(np.int64)
    rwma[5] = -1
    return Targets(ef, rwma, ())


def fitted(
    n: int = 24,
    *,
    inputs: Noise | None = None,
    wrap: Callable[[Any], Any] = lambda task: task,
    **changes: Any,
) -> tuple[Network, list[dict[str, float]], Noise]:
    settings = tiny(**{"training__epochs": 3, **changes})
    inputs = inputs or Noise(n + 8)
    network = build_network(settings, seed=5)
    training, validation = np.arange(n), np.arange(n, n + 4)
    what = Fit(
        task=wrap(EchoTask(targets(n + 8), training, settings.losses, torch.device("cpu"))),
        inputs=inputs,
        training=training,
        validation=validation,
        stage=settings.training,
        optimiser=settings.optimiser,
        patience=settings.training.patience,
        seed=11,
    )
    return network, fit(network, what, Accelerator(cpu=True)), inputs


def without_seconds(history: list[dict[str, float]]) -> list[dict[str, float]]:
    return [{name: value for name, value in row.items() if name != "seconds"} for row in history]


def test_the_same_seed_gives_the_same_metrics_and_weights() -> None:
    (one, first, _), (other, second, _) = fitted(), fitted()
    assert without_seconds(first) == without_seconds(second)
    states = (one.state_dict(), other.state_dict())
    assert all(torch.equal(states[0][name], states[1][name]) for name in states[0])


def test_training_leaves_torchs_generator_as_it_was() -> None:
    torch.manual_seed(3)
    before = torch.random.get_rng_state()
    fitted()
    assert torch.equal(before, torch.random.get_rng_state())


def test_it_learns_what_is_there_to_learn() -> None:
    _, history, _ = fitted(
        training__epochs=12,
        losses__rwma_weight=0,
        neck__dropouts=[0, 0],
        backbone__drop_rate=0,
        optimiser__head_rate=0.02,
    )
    assert history[-1]["training_ef"] < 0.3 * history[0]["training_ef"]


def test_every_row_says_the_loss_in_parts_and_the_rates() -> None:
    _, history, _ = fitted()
    for row in history:
        assert row["training_total"] == pytest.approx(row["training_ef"] + row["training_rwma"], abs=1e-5)
        parts = row["validation_ef"] + row["validation_rwma"]
        assert row["validation_total"] == pytest.approx(parts, abs=1e-5)
        assert row["rate_heads"] == pytest.approx(10 * row["rate_backbone"])
    assert [row["epoch"] for row in history] == [1, 2, 3]


def test_only_training_records_teach_and_only_held_back_ones_stop() -> None:
    _, _, inputs = fitted()
    assert inputs.drawn_places <= set(range(24))
    assert inputs.plain_places == {24, 25, 26, 27}


class Worsening:
    """A task whose loss on held-back records goes up after the second time it is asked for."""

    def __init__(self, task: EchoTask) -> None:
        self._task, self.validations, self.at_best = task, 0, None
        self.parts = task.parts
        self.denominators, self.measures = task.denominators, task.measures

    def losses(self, outputs: Any, places: Places, denominators: torch.Tensor) -> Any:
        found = self._task.losses(outputs, places, denominators)
        if torch.is_inference_mode_enabled() or not found["total"].requires_grad:
            self.validations += 1
            score = 1.0 if self.validations == 2 else 2.0 + self.validations
            return {**found, "total": torch.tensor(score)}
        return found


@pytest.mark.slow
def test_it_stops_after_the_patience_and_keeps_the_best_epoch() -> None:
    short, first, _ = fitted(training__epochs=9, training__patience=3, wrap=Worsening)
    assert len(first) == 5
    # The same schedule, cut after the second epoch by a patience that ends there.
    _, second, _ = fitted(training__epochs=9, training__patience=None)
    assert without_seconds(first)[1]["training_total"] == second[1]["training_total"]
    assert min(first, key=lambda row: row["validation_total"])["epoch"] == 2
    del short


def test_the_weights_are_those_of_the_best_epoch() -> None:
    seen: list[dict[str, torch.Tensor]] = []

    class Watching(Worsening):
        def measures(self, outputs: Any, places: Places) -> dict[str, float]:  # type: ignore[override]
            seen.append({"ef": outputs.ef.clone()})
            return {}

    def wrap(task: EchoTask) -> Watching:
        watching = Watching(task)
        watching.measures = Watching.measures.__get__(watching)  # type: ignore[method-assign]
        return watching

    network, _, inputs = fitted(training__epochs=5, wrap=wrap)
    network.eval()
    with torch.inference_mode():
        said = network(inputs.pictures[24:28].contiguous(memory_format=torch.channels_last)).ef
    assert torch.equal(said, seen[1]["ef"])
    assert not torch.equal(said, seen[-1]["ef"])


NO_MEMORY = torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB")
# As convolutions said it on a processor, under `ulimit -v`.
NO_MEMORY_ON_CPU = RuntimeError("could not create a primitive")


def crowded(most: int, error: RuntimeError = NO_MEMORY) -> Callable[[Any], Any]:
    def wrap(task: EchoTask) -> Any:
        class Crowded:
            parts = task.parts
            denominators, measures = task.denominators, task.measures

            def losses(self, outputs: Any, places: Places, denominators: torch.Tensor) -> Any:
                if outputs.ef.requires_grad and len(places) > most:
                    raise error
                return task.losses(outputs, places, denominators)

        return Crowded()

    return wrap


@pytest.mark.slow
def test_memory_that_runs_out_halves_the_pieces_and_not_the_step(caplog: pytest.LogCaptureFixture) -> None:
    still = {"neck__dropouts": [0, 0], "backbone__drop_rate": 0}
    whole, first, _ = fitted(**still)
    with caplog.at_level("WARNING"):
        pieces, second, _ = fitted(wrap=crowded(3), **still)
    assert "2 records at once" in caplog.text
    for one, other in zip(first, second, strict=True):
        assert one["training_total"] == pytest.approx(other["training_total"], abs=1e-5)
    for name, weight in whole.state_dict().items():
        assert torch.allclose(weight.float(), pieces.state_dict()[name].float(), atol=2e-5), name


@pytest.mark.parametrize("error", [NO_MEMORY, NO_MEMORY_ON_CPU])
def test_a_picture_that_does_not_fit_alone_is_an_error_that_says_what_to_do(error: RuntimeError) -> None:
    with pytest.raises(EchoDeskError, match="single picture") as refused:
        fitted(wrap=crowded(0, error))
    assert "image_size_px" in refused.value.hint


def test_another_error_of_the_network_is_not_taken_for_memory() -> None:
    def wrap(task: EchoTask) -> Any:
        class Broken:
            parts = task.parts
            denominators, measures = task.denominators, task.measures

            def losses(self, *of: Any) -> Any:
                raise RuntimeError("shapes do not fit")

        return Broken()

    with pytest.raises(RuntimeError, match="shapes do not fit"):
        fitted(wrap=wrap)


def test_one_step_in_all_is_a_schedule_too() -> None:
    _, history, _ = fitted(n=4, training__epochs=1)
    assert len(history) == 1
