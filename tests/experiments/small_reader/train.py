"""Train a small Qwen2-VL from scratch to read report crops: letters, then words, then both together.

    python tests/experiments/small_reader/train.py --out DIR --stage letters --minutes 12
    python tests/experiments/small_reader/train.py --out DIR --stage words --minutes 12
    python tests/experiments/small_reader/train.py --out DIR --stage together --minutes 35

`letters` and `words` do not need each other and may run at the same time. See docs/experiments.md.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.distributed as dist

sys.path[:0] = [str(Path(__file__).parent), str(Path(__file__).parents[3])]
from lessons import Lesson, lessons  # noqa: E402
from letter_code import LetterCode, teach_merger  # noqa: E402
from model import Dialogue, answer_logits, build, picture_features  # noqa: E402


class Hardness:
    """Makes lessons harder while they go well and easier while they don't.

    Args:
        start: 0-1; they never get easier than that. enough: share of right answers above which lessons get
            harder.
    """

    def __init__(self, start: float, enough: float) -> None:
        self.value, self._least, self._enough, self._recent = start, start, enough, 0.0

    def see(self, right: float) -> None:
        """Take in how the last lesson went, 0-1."""
        self._recent += 0.1 * (right - self._recent)
        step = 0.003 if self._recent > self._enough else -0.003 if self._recent < self._enough - 0.15 else 0.0
        self.value = min(1.0, max(self._least, self.value + step))


class Pace:
    """How far a stage has got, and what follows for the learning rate and the lessons.

    Args:
        steps: how many there will be; 0 lets `minutes` decide.
    """

    def __init__(self, arguments: argparse.Namespace) -> None:
        self.step, self.share = 0, 0.0
        self._steps, self._seconds, self._peak = arguments.steps, 60 * arguments.minutes, arguments.rate
        self._started = self._saved = time.monotonic()
        enough = 0.75 if arguments.stage == "letters" else 0.9
        self.hardness = Hardness(arguments.hardness, enough)

    def measured(self) -> float:
        """Share of the stage that is over, 0-1."""
        if self._steps:
            return self.step / float(self._steps)
        return (time.monotonic() - self._started) / self._seconds

    @property
    def rate(self) -> float:
        """Learning rate: warm-up over 2 %, then a cosine to 3 % of the peak."""
        share = self.share
        if share < 0.02:
            return float(self._peak * max(share, 0.0005) / 0.02)
        return float(
            self._peak * (0.03 + 0.97 * 0.5 * (1 + math.cos(math.pi * min(1.0, (share - 0.02) / 0.98))))
        )

    def is_time_to_save(self) -> bool:
        """Every two minutes."""
        if time.monotonic() - self._saved < 120:
            return False
        self._saved = time.monotonic()
        return True


class Team:
    """Several processes that train one model: each with its own lessons, all with the average of their
    gradients.
    """

    def __init__(self, arguments: argparse.Namespace, taught: dict[str, torch.nn.Parameter]) -> None:
        self._size, self._taught = arguments.team, list(taught.values())
        if self._size > 1:
            place = f"file://{(arguments.out / 'team').resolve()}"
            dist.init_process_group("gloo", init_method=place, rank=arguments.rank, world_size=self._size)
            for weight in self._taught:
                dist.broadcast(weight.data, src=0)

    def agreed(self, share: float) -> float:
        """The first process's share of the time, for all."""
        told = torch.tensor([share], dtype=torch.double)
        if self._size > 1:
            dist.broadcast(told, src=0)
        return float(told)

    def average_gradients(self) -> None:
        """Every weight's gradient becomes its average over the processes."""
        if self._size > 1:
            flat = torch.cat([weight.grad.flatten() for weight in self._taught if weight.grad is not None])
            dist.all_reduce(flat)
            flat /= self._size
            start = 0
            for weight in self._taught:
                if weight.grad is not None:
                    weight.grad.copy_(flat[start : start + weight.numel()].view_as(weight))
                    start += weight.numel()


def train(arguments: argparse.Namespace) -> None:
    """Run one stage and save the checkpoint; every number of the log is on new crops."""
    torch.set_num_threads(arguments.threads)
    torch.manual_seed(arguments.seed)
    torch.set_default_device(arguments.device)
    teach = start(arguments)
    taught = teach.taught()
    optimiser = torch.optim.AdamW(taught.values(), lr=1e-4, betas=(0.9, 0.98), weight_decay=0.02)
    team = Team(arguments, taught)
    pace = Pace(arguments)
    totals: dict[str, float] = {}
    seed = arguments.seed + 1000 * arguments.rank
    for lesson in lessons(arguments.stage, seed, arguments.batch, lambda: pace.hardness.value):
        pace.share = team.agreed(pace.share)
        for group in optimiser.param_groups:
            group["lr"] = pace.rate
        loss, numbers = teach(lesson)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        team.average_gradients()
        torch.nn.utils.clip_grad_norm_(taught.values(), 1.0)
        optimiser.step()
        pace.step += 1
        pace.hardness.see(numbers["letters" if arguments.stage == "letters" else "tokens"])
        totals = {name: totals.get(name, 0.0) + value for name, value in numbers.items()}
        if pace.step % arguments.every == 0 and arguments.rank == 0:
            means = {name: round(value / arguments.every, 4) for name, value in totals.items()}
            where = {"share": round(pace.share, 3), "hardness": round(pace.hardness.value, 2)}
            say({"stage": arguments.stage, "step": pace.step, **where, **means})
            totals = {}
        is_over = pace.share >= 1
        pace.share = pace.measured()
        if arguments.rank == 0 and (is_over or pace.is_time_to_save()):
            teach.save(arguments.out)
        if is_over:
            return


def start(arguments: argparse.Namespace) -> Teacher:
    """The model as a stage finds it."""
    from transformers import AutoProcessor, Qwen2VLForConditionalGeneration

    out, stage = arguments.out, arguments.stage
    untrained = out / "untrained"
    if not untrained.exists():
        sizes = ("text_hidden", "text_layers", "vision_hidden", "vision_layers")
        build(untrained, seed=0, **{name: getattr(arguments, name) for name in sizes})
    goes_on = arguments.go_on and stage == "together"
    folder = out / "reader" if goes_on else untrained
    model = (
        Qwen2VLForConditionalGeneration.from_pretrained(folder, dtype=torch.float32)
        .to(arguments.device)
        .train()
    )
    teach = Teacher(model, AutoProcessor.from_pretrained(untrained), stage)
    if arguments.go_on and not goes_on:
        model.load_state_dict(
            torch.load(out / f"{stage}.pt", map_location=torch.get_default_device()), strict=False
        )
    if arguments.go_on and stage != "words":
        teach.code.head.load_state_dict(
            torch.load(out / f"head_{stage}.pt", map_location=torch.get_default_device())
        )
    if stage == "together" and not goes_on:
        for part in ("letters", "words"):
            model.load_state_dict(
                torch.load(out / f"{part}.pt", map_location=torch.get_default_device()), strict=False
            )
        join(teach, arguments)
    return teach


def join(teach: Teacher, arguments: argparse.Namespace) -> None:
    """Teach the merger to speak the code the words were taught in, or take it from an earlier run of this
    folder.
    """
    kept, visual = arguments.out / "merger.pt", teach.model.model.visual
    if kept.exists():
        visual.load_state_dict(torch.load(kept, map_location=torch.get_default_device()))
        teach.code.head_of_code()
        return
    pages = lessons("together", 77, 16, lambda: 1.0)
    batches, steps = arguments.merger_batches, arguments.merger_steps
    say(
        {
            "stage": "together",
            "variance_met": round(
                teach_merger(teach.model, teach.code, pages, batches=batches, steps=steps), 3
            ),
        }
    )
    torch.save(visual.state_dict(), kept)


class Teacher:
    """What a stage asks of the model, as a loss."""

    def __init__(self, model: Any, processor: Any, stage: str) -> None:
        self.model, self.processor, self.stage = model, processor, stage
        self.code = LetterCode(model.config.text_config.hidden_size)
        self.dialogues = [Dialogue(model, processor, name) for name in ("read-1", "read-2")]
        self._turn = 0

    def __call__(self, lesson: Lesson) -> tuple[torch.Tensor, dict[str, float]]:
        """Loss and numbers for the log: share of letters, of answer tokens and of whole answers right."""
        numbers: dict[str, float] = {}
        letters = torch.zeros(())
        if self.stage == "words":
            features = self.code.perfect(lesson.letters)
        else:
            assert lesson.views is not None
            features = picture_features(self.model, lesson.views)
            letters, numbers["letters"] = self.code.loss(features, lesson.letters)
            numbers["letters_loss"] = letters.item()
            if self.stage == "letters":
                return letters, numbers
        self._turn += 1
        dialogue = self.dialogues[int(self._turn % 8 == 0)]
        batch = dialogue.batch(lesson.answers)
        logits, wanted = answer_logits(self.model, batch, features, dialogue.image_id)
        loss = torch.nn.functional.cross_entropy(logits, wanted)
        right = (logits.argmax(-1) == wanted).float()
        lengths = (batch.labels != -100).sum(1).tolist()
        numbers["answers"] = float(np.mean([part.min().item() for part in right.split(lengths)]))
        numbers |= {"loss": loss.item(), "tokens": right.mean().item()}
        return loss + 0.5 * letters, numbers

    def taught(self) -> dict[str, torch.nn.Parameter]:
        """The weights this stage moves."""
        names = {
            "letters": ("model.visual.",),
            "words": ("model.language_model.", "lm_head."),
            "together": ("",),
        }
        moved = {
            name: value for name, value in self.model.named_parameters() if name.startswith(names[self.stage])
        }
        if self.stage != "words":
            moved |= {f"head.{name}": value for name, value in self.code.head.named_parameters()}
        return moved

    def save(self, out: Path) -> None:
        """The weights the stage taught; after `together` a whole checkpoint folder, which appears at once."""
        if self.stage != "words":
            torch.save(self.code.head.state_dict(), out / f"head_{self.stage}.pt")
        if self.stage == "together":
            partial = out / "reader.partial"
            self.model.save_pretrained(partial)
            self.processor.save_pretrained(partial)
            (out / "reader").mkdir(exist_ok=True)
            for file in partial.iterdir():
                file.replace(out / "reader" / file.name)
            return
        state = self.model.state_dict()
        kept = {name: state[name] for name in state if name in self.taught()}
        torch.save(kept, out / f"{self.stage}.partial")
        (out / f"{self.stage}.partial").replace(out / f"{self.stage}.pt")


def say(line: dict[str, Any]) -> None:
    """One line of the log."""
    sys.stdout.write(json.dumps(line) + "\n")
    sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--stage", choices=("letters", "words", "together"), required=True)
    parser.add_argument("--go-on", action="store_true", help="go on from what this stage has saved")
    parser.add_argument("--minutes", type=float, default=12)
    parser.add_argument("--steps", type=int, default=0, help="stop after so many steps instead of minutes")
    parser.add_argument("--rate", type=float, default=1e-3)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--hardness", type=float, default=0.0, help="of the first lessons, 0-1")
    parser.add_argument("--every", type=int, default=50)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--device", default="cpu")
    parser.add_argument(
        "--team", type=int, default=1, help="processes that train together; start each with its --rank"
    )
    parser.add_argument("--rank", type=int, default=0)
    parser.add_argument(
        "--merger-batches", type=int, default=50, help="together: pages the merger is taught with"
    )
    parser.add_argument("--merger-steps", type=int, default=1000)
    parser.add_argument("--text-hidden", type=int, default=192)
    parser.add_argument("--text-layers", type=int, default=4)
    parser.add_argument("--vision-hidden", type=int, default=128)
    parser.add_argument("--vision-layers", type=int, default=4)
    train(parser.parse_args())


if __name__ == "__main__":
    main()
