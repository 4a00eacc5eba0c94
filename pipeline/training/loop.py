"""One model's training: AdamW, one learning-rate cycle, early stop on patients held back from its fold.

Source: seed paper, "Optimisation". The same loop trains stage 2 and stage 3, in one process or in several.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import AdamW
from torch.optim.lr_scheduler import OneCycleLR

from db.errors import EchoDeskError
from pipeline.config.settings import OptimiserSettings, StageSettings
from pipeline.modeling.network import Network, parameter_groups
from pipeline.training.batches import Inputs, Places, Step, chunks, epoch_steps, steps_an_epoch
from pipeline.training.computing import (
    fewer_at_once,
    give_back_freed_memory,
    in_pieces,
    is_memory_error,
)
from pipeline.training.resume import Keeper, Progress, learning_state
from pipeline.training.tasks import Task

if TYPE_CHECKING:
    from accelerate import Accelerator

OnEpoch = Callable[[dict[str, float]], None]

# Records that are predicted together.
_PREDICTED_AT_ONCE = 32


@dataclass(frozen=True, eq=False)
class Fit:
    """What one model learns, on what, and by which schedule.

    Attributes:
        training, validation: places of records; the second decides when to stop and teaches nothing.
        patience: epochs without a gain before it stops; None trains all.
        seed: order, augmentation and dropout follow from it.
        state_file: where progress is kept; None keeps none.
    """

    task: Task
    inputs: Inputs
    training: Places
    validation: Places
    stage: StageSettings
    optimiser: OptimiserSettings
    patience: int | None
    seed: int
    state_file: Path | None = None


class Learner(nn.Module):
    """A network as it is fed: with pictures, or with the activations of its trunk."""

    def __init__(self, network: Network, *, takes_activations: bool) -> None:
        super().__init__()
        self.network = network
        self.takes_activations = takes_activations

    def forward(self, inputs: Tensor) -> Any:
        """What the heads say."""
        return self.network.rest(inputs) if self.takes_activations else self.network(inputs)


def fit(
    network: Network,
    what: Fit,
    accelerator: Accelerator,
    *,
    on_epoch: OnEpoch | None = None,
    clock: Callable[[], float] = time.monotonic,
) -> list[dict[str, float]]:
    """Train a network; it ends with the weights of the epoch that was best on the validation records.

    Returns:
        One row an epoch: learning rates, losses of training and validation, measures, seconds.

    Raises:
        EchoDeskError: memory does not do for a single record, or there are more processes than records in a
            step.
    """
    return _Trainer(network, what, accelerator, clock).run(on_epoch or (lambda _: None))


class _Trainer:
    def __init__(
        self, network: Network, what: Fit, accelerator: Accelerator, clock: Callable[[], float]
    ) -> None:
        self._what, self._accelerator, self._clock = what, accelerator, clock
        size = min(what.stage.batch_size, len(what.training))
        if accelerator.num_processes > size:
            raise EchoDeskError(
                f"there are {accelerator.num_processes} processes and {size} records in a step",
                "Start fewer processes, or raise training.batch_size.",
            )
        optimiser = AdamW(parameter_groups(network, what.optimiser))
        learner = Learner(network, takes_activations=what.inputs.are_activations)
        self._network = network
        self._learner, self._optimiser = accelerator.prepare(learner, optimiser)
        self._schedule = OneCycleLR(
            optimiser,
            max_lr=[group["lr"] for group in optimiser.param_groups],
            total_steps=max(2, what.stage.epochs * steps_an_epoch(len(what.training), size)),
            pct_start=what.optimiser.warmup_share,
        )
        self._progress = Progress(at_once=size)
        self._keeper = Keeper(what.state_file, clock)

    def _parts(self) -> dict[str, Any]:
        parts = {"network": self._network, "optimiser": self._optimiser, "schedule": self._schedule}
        scaler = self._accelerator.scaler
        return parts if scaler is None else {**parts, "scaler": scaler}

    def run(self, on_epoch: OnEpoch) -> list[dict[str, float]]:
        progress = self._progress
        self._keeper.take_up(progress, self._parts())
        for row in progress.history:
            on_epoch(row)
        while progress.epoch < self._what.stage.epochs and not self._has_settled():
            row = self._epoch(progress.epoch)
            progress.history.append(row)
            progress.epoch += 1
            if row["validation_total"] < progress.best_score:
                progress.best_score, progress.since_best = row["validation_total"], 0
                progress.best = learning_state(self._network)
            else:
                progress.since_best += 1
            if self._accelerator.is_main_process:
                self._keeper.keep(progress, self._parts())
            on_epoch(row)
        if progress.best:
            self._network.load_state_dict({**self._network.state_dict(), **progress.best})
        return progress.history

    def _has_settled(self) -> bool:
        patience = self._what.patience
        return patience is not None and self._progress.since_best >= patience

    def _epoch(self, epoch: int) -> dict[str, float]:
        started_s = self._clock()
        what, accelerator = self._what, self._accelerator
        self._learner.train()
        sums = torch.zeros(len(what.task.parts))
        rates = [group["lr"] for group in self._optimiser.param_groups]
        names = [group["name"] for group in self._optimiser.param_groups]
        steps = 0
        order = epoch_steps(
            what.training,
            what.stage.batch_size,
            seed=what.seed,
            epoch=epoch,
            process=accelerator.process_index,
            processes=accelerator.num_processes,
        )
        with _dropout_from(what.seed, epoch, accelerator):
            for step, inputs in _drawn_ahead(what.inputs, order):
                sums += self._step(step, inputs)
                steps += 1
        trained = dict(zip(what.task.parts, (sums / steps).tolist(), strict=True))
        return {
            "epoch": float(epoch + 1),
            **{f"rate_{name}": rate for name, rate in zip(names, rates, strict=True)},
            **{f"training_{name}": value for name, value in trained.items()},
            **{f"validation_{name}": value for name, value in self._validated().items()},
            "seconds": self._clock() - started_s,
        }

    def _step(self, step: Step, inputs: Tensor) -> Tensor:
        """One step of the optimiser; where memory runs out, in smaller pieces with the same sum."""
        while True:
            try:
                sums = self._gradient(step, inputs)
                break
            except (RuntimeError, MemoryError) as error:
                self._progress.at_once = fewer_at_once(error, self._progress.at_once)
            # Only here: while the error is at hand, so is all that the attempt had made.
            self._optimiser.zero_grad()
            give_back_freed_memory()
        self._learn()
        return self._over_processes(sums)

    def _gradient(self, step: Step, inputs: Tensor) -> Tensor:
        """Of a whole step, left at the weights; and its losses."""
        what, accelerator, at_once = self._what, self._accelerator, self._progress.at_once
        # Of all processes: with its own, a process with few targets would count as much as one with many.
        below = what.task.denominators(step.batch) / accelerator.num_processes
        pieces = list(zip(chunks(step.places, at_once), torch.split(inputs, at_once), strict=True))
        sums = torch.zeros(len(what.task.parts))
        for number, (places, of_piece) in enumerate(pieces, start=1):
            is_last = number == len(pieces)
            with nullcontext() if is_last else accelerator.no_sync(self._learner):
                outputs = self._learner(_laid_out(of_piece, accelerator.device))
                parts = what.task.losses(outputs, places, below)
                accelerator.backward(parts["total"])
            sums += torch.stack([parts[name].detach().float().cpu() for name in what.task.parts])
        return sums

    def _learn(self) -> None:
        """Change the weights by their gradient. Never tried twice: some of them may have been changed."""
        try:
            self._accelerator.clip_grad_norm_(self._learner.parameters(), self._what.optimiser.clip_norm)
            self._optimiser.step()
        except (RuntimeError, MemoryError) as error:
            if not is_memory_error(error):
                raise
            raise EchoDeskError(
                "memory does not do for the optimiser, however few pictures go through the network at once",
                "Choose a smaller backbone, or set backbone.frozen_through_block higher.",
            ) from None
        self._optimiser.zero_grad()
        if not self._accelerator.optimizer_step_was_skipped:
            self._schedule.step()

    def _over_processes(self, sums: Tensor) -> Tensor:
        if self._accelerator.num_processes == 1:
            return sums
        found: Tensor = self._accelerator.reduce(sums.to(self._accelerator.device), reduction="mean")
        return found.cpu()

    def _validated(self) -> dict[str, float]:
        what = self._what
        outputs = outputs_of(self._learner, what.inputs, what.validation, self._accelerator.device)
        parts = what.task.losses(outputs, what.validation, what.task.denominators(what.validation))
        return {
            **{name: float(parts[name]) for name in what.task.parts},
            **what.task.measures(outputs, what.validation),
        }


@contextmanager
def _dropout_from(seed: int, epoch: int, accelerator: Accelerator) -> Iterator[None]:
    """Draw dropout from seed, epoch and process alone; torch's generators are as before afterwards."""
    words = np.random.SeedSequence([seed, epoch, accelerator.process_index]).generate_state(1)
    devices = [accelerator.device] if accelerator.device.type == "cuda" else []
    with torch.random.fork_rng(devices=devices):
        torch.manual_seed(int(words[0]))
        yield


def _drawn_ahead(inputs: Inputs, steps: Iterator[Step]) -> Iterator[tuple[Step, Tensor]]:
    """Each step with its inputs, which are made while the step before is computed."""
    with ThreadPoolExecutor(1) as thread:
        waiting: tuple[Step, Future[Tensor]] | None = None
        for step in steps:
            coming = (step, thread.submit(inputs.drawn, step.places, step.seeds))
            if waiting is not None:
                yield waiting[0], _made(inputs, *waiting)
            waiting = coming
        if waiting is not None:
            yield waiting[0], _made(inputs, *waiting)


def _made(inputs: Inputs, step: Step, ahead: Future[Tensor]) -> Tensor:
    """A step's inputs; made again where memory ran out while the step before was computed."""
    try:
        return ahead.result()
    except (RuntimeError, MemoryError) as error:
        if not is_memory_error(error):
            raise
    give_back_freed_memory()
    return inputs.drawn(step.places, step.seeds)


def outputs_of(
    learner: nn.Module, inputs: Inputs, places: Places, device: torch.device, *, view: int = 0
) -> Any:
    """What a network says about records, without dropout or gradients; one tuple or tensor for all."""
    was_training = learner.training
    learner.eval()

    def say(piece: Places) -> Any:
        return learner(_laid_out(inputs.plain(piece, view), device))

    with torch.inference_mode():
        said = list(in_pieces(places, _PREDICTED_AT_ONCE, say))
    learner.train(was_training)
    if isinstance(said[0], Tensor):
        return torch.cat(said)
    return type(said[0])(*(torch.cat(columns) for columns in zip(*said, strict=True)))


def _laid_out(inputs: Tensor, device: torch.device) -> Tensor:
    """On the device; pictures with their channels last, which convolutions are faster on."""
    if inputs.ndim == 4:
        inputs = inputs.contiguous(memory_format=torch.channels_last)
    return inputs.to(device, non_blocking=True)
