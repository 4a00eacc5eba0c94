"""The training itself: epochs over the records, each judged by what the model then reads, the best kept."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from db.errors import EchoDeskError
from labeling.finetuning.checkpoint import Checkpoint
from labeling.finetuning.examples import TrainingExample
from labeling.finetuning.inputs import (
    Encoded,
    EncodedExamples,
    Speaker,
    answer_loss,
    batches_by_size,
    taught_tokens,
)
from labeling.finetuning.lora import (
    adapter_state,
    attach_adapter,
    computing_twice,
    missing_extra,
    restore_adapter,
    trainable,
)
from labeling.finetuning.progress import EpochLine, Progress, Told, Trained, TrainingStep
from labeling.finetuning.settings import FinetuneSettings
from labeling.finetuning.splitting import Split
from labeling.finetuning.validation import FieldHits, score_answers

if TYPE_CHECKING:
    from labeling.pages.page import Page

    PagesOf = Callable[[TrainingExample], Sequence[Page]]


def train_adapter(
    speaker: Speaker,
    split: Split,
    pages_of: PagesOf,
    settings: FinetuneSettings,
    *,
    generator: random.Random,
    clock: Callable[[], float],
    base_model: str = "",
    checkpoint: Checkpoint | None = None,
    told: Told | None = None,
) -> Trained:
    """Teach a model in place and leave it with the best adapter it had.

    The epoch with most fields read right on the validation records wins; among equals the one with the lower
    validation loss. The fresh adapter, which changes nothing, is among the candidates.

    Args:
        speaker: a loaded model; its network gets the adapter put in.
        pages_of: the page images of an example.
        generator: order of the records. Torch's own chance is seeded from the settings and given back
            afterwards.
        clock: seconds, for the time each epoch took.
        base_model: name written into the adapter's configuration.
        checkpoint: where to store the end of each epoch, and to go on from if one of this training is there.

    Raises:
        EchoDeskError: a package is missing, the loss is no number, or memory does not suffice.
    """
    with _seeded(settings.seed), _memory_told():
        training = _Training(speaker, split, pages_of, settings, generator, clock, base_model, checkpoint)
        return training.run(told or Told())


@dataclass
class _Training:
    speaker: Speaker
    split: Split
    pages_of: PagesOf
    settings: FinetuneSettings
    generator: random.Random
    clock: Callable[[], float]
    base_model: str
    checkpoint: Checkpoint | None

    def run(self, told: Told) -> Trained:
        settings = self.settings
        self.told = told
        self._encode()
        adapted = attach_adapter(self.speaker.model, settings, base_model=self.base_model)
        with computing_twice(self.speaker.model, settings.saves_memory):
            self._prepare(adapted)
            progress = self._start(adapted)
            while (
                progress.epoch < settings.epochs and progress.epoch - progress.best_epoch < settings.patience
            ):
                self._epoch(progress, adapted)
        restore_adapter(adapted, progress.best_state)
        self.speaker.model.eval()
        return Trained(
            adapted=adapted,
            before=progress.before,
            after=progress.best,
            best_epoch=progress.best_epoch,
            lines=progress.lines,
            trained_weights=sum(weight.numel() for weight in trainable(adapted)),
        )

    def _encode(self) -> None:
        budget = self.settings.cache_bytes
        self.train_data = EncodedExamples(self.speaker, self.split.train, self.pages_of, cache_bytes=budget)
        self.validation_data = EncodedExamples(
            self.speaker, self.split.validation, self.pages_of, cache_bytes=budget // 4
        )

    def _prepare(self, adapted: Any) -> None:
        """Optimizer, schedule and accelerate around the adapted model."""
        import torch

        settings = self.settings
        self.accelerator = _accelerator(self.speaker.model)
        optimizer = torch.optim.AdamW(
            trainable(adapted), lr=settings.rate, weight_decay=settings.weight_decay
        )
        self.network, self.optimizer = self.accelerator.prepare(adapted, optimizer)
        self.steps_an_epoch = math.ceil(len(self.train_data) / (settings.batch_size * settings.accumulation))
        steps = self.steps_an_epoch * settings.epochs
        self.schedule = torch.optim.lr_scheduler.LambdaLR(
            optimizer, lambda step: rate_factor(step, steps, settings.warmup_share)
        )

    def _start(self, adapted: Any) -> Progress:
        """Where a stopped training stood, or how the model reads before it is taught."""
        stored = self.checkpoint.load(generator=self.generator) if self.checkpoint else None
        if stored is None:
            before = self._judge()
            progress = Progress(before=before, best=before, best_state=adapter_state(adapted))
        else:
            progress, moving = stored
            restore_adapter(adapted, moving["adapter"])
            self.optimizer.load_state_dict(moving["optimizer"])
            self.schedule.load_state_dict(moving["schedule"])
            if self.told.on_resume:
                self.told.on_resume(progress.epoch)
        if self.told.on_before:
            self.told.on_before(progress.before)
        return progress

    def _epoch(self, progress: Progress, adapted: Any) -> None:
        started_s = self.clock()
        train_loss = self._learn(progress.epoch)
        read = self._judge()
        progress.epoch += 1
        is_best = _standing(read) > _standing(progress.best)
        if is_best:
            progress.best, progress.best_epoch, progress.best_state = (
                read,
                progress.epoch,
                adapter_state(adapted),
            )
        rate, elapsed_s = read.field_rate, round(self.clock() - started_s, 2)
        line = EpochLine(progress.epoch, train_loss, read.loss, rate.hits, rate.n, is_best, elapsed_s)
        progress.lines.append(line)
        if self.checkpoint:
            moving = {
                "adapter": adapter_state(adapted),
                "optimizer": self.optimizer.state_dict(),
                "schedule": self.schedule.state_dict(),
            }
            self.checkpoint.save(progress, generator=self.generator, moving=moving)
        if self.told.on_epoch:
            self.told.on_epoch(line)

    def _learn(self, epoch: int) -> float:
        """One pass over the training records; the average loss a taught token."""
        order = list(range(len(self.train_data)))
        self.generator.shuffle(order)
        self.speaker.model.train()
        window = self.settings.batch_size * self.settings.accumulation
        loss_sum, taught = 0.0, 0
        for step, first in enumerate(range(0, len(order), window), start=1):
            items = [self.train_data[index] for index in order[first : first + window]]
            tokens = sum(taught_tokens(item) for item in items)
            spent = self._step(items, tokens)
            loss_sum, taught = loss_sum + spent, taught + tokens
            if self.told.on_step:
                done = epoch * self.steps_an_epoch + step
                steps = self.steps_an_epoch * self.settings.epochs
                self.told.on_step(TrainingStep(epoch + 1, done, steps, spent / max(1, tokens)))
        return loss_sum / max(1, taught)

    def _step(self, items: Sequence[Encoded], tokens: int) -> float:
        """One step of the weights from several passes; every taught token counts the same.

        Gives the loss summed.
        """
        import torch

        loss_sum = 0.0
        for batch in batches_by_size(items, self.settings.batch_size):
            loss = answer_loss(self.network, batch, self.speaker, self.accelerator.device)
            self.accelerator.backward(loss / max(1, tokens))
            loss_sum += float(loss.detach())
        if not math.isfinite(loss_sum):
            raise EchoDeskError(
                "the loss is no longer a number, so training was stopped",
                "Try a smaller --rate, such as a third.",
            )
        torch.nn.utils.clip_grad_norm_(trainable(self.network), self.settings.clip_norm)
        self.optimizer.step()
        self.schedule.step()
        self.optimizer.zero_grad(set_to_none=True)
        return loss_sum

    def _judge(self) -> FieldHits:
        """Read the validation records as the reader would, and weigh their right answers."""
        import torch

        validation = self.split.validation
        self.speaker.model.eval()
        answers = self.speaker.answers_to([self.pages_of(example) for example in validation])
        device = next(self.speaker.model.parameters()).device
        loss_sum, tokens = 0.0, 0
        with torch.inference_mode():
            for index in range(len(self.validation_data)):
                item = self.validation_data[index]
                loss_sum += float(answer_loss(self.speaker.model, [item], self.speaker, device))
                tokens += taught_tokens(item)
        return score_answers(validation, answers, loss=loss_sum / max(1, tokens))


def rate_factor(step: int, steps: int, warmup_share: float) -> float:
    """Share of the peak rate at a step (from 0): a straight rise, then half a cosine down towards 0."""
    warmup = math.ceil(warmup_share * steps)
    if step < warmup:
        return (step + 1) / warmup
    return 0.5 * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup)))


def _standing(read: FieldHits) -> tuple[int, float]:
    """More hits first, then the lower loss."""
    return read.field_rate.hits, -read.loss if math.isfinite(read.loss) else -math.inf


def _accelerator(model: Any) -> Any:
    """accelerate for the device the model is on; half precision where the model already is in it."""
    try:
        from accelerate import Accelerator  # it ships no types
    except ImportError:
        raise missing_extra("accelerate") from None
    weight = next(model.parameters())
    is_half = str(weight.dtype) == "torch.bfloat16" and weight.device.type != "cpu"
    return Accelerator(cpu=weight.device.type == "cpu", mixed_precision="bf16" if is_half else "no")


@contextmanager
def _seeded(seed: int) -> Iterator[None]:
    """Torch's chance (fresh adapters, dropout) from a seed inside, as it was outside."""
    try:
        import torch
    except ImportError:
        raise missing_extra("torch") from None
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        yield


@contextmanager
def _memory_told() -> Iterator[None]:
    """Running out of memory as a sentence with what to do."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError:
        raise EchoDeskError(
            "the graphics card has too little memory for this fine-tuning",
            "Use --batch-size 1 --save-memory, a smaller ECHODESK_VLM_MAX_PIXELS, or the smaller model.",
        ) from None
