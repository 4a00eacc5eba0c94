"""Fine-tuning a tiny random model: what is taught, what moves, what is written, and what a stop leaves
behind.
"""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the optional set vlm is not installed")
# Asked without importing it: that alone takes four seconds, in every process that collects these tests.
pytestmark = pytest.mark.skipif(find_spec("peft") is None, reason="the optional set vlm is not installed")

from finetuning_runs import (  # noqa: E402
    BOUNDS,
    SETTINGS,
    StoppedError,
    eight_records,
    learning_checkpoint,
    speaker_of,
    teach_everything,
)
from reviewed_workspace import NOW, ReviewedWorkspace, page_with, stated  # noqa: E402

from db.errors import EchoDeskError  # noqa: E402
from db.files.manifest import MANIFEST_NAME, hash_folder  # noqa: E402
from labeling.finetuning.checkpoint import Checkpoint  # noqa: E402
from labeling.finetuning.examples import TrainingExample, reviewed_examples  # noqa: E402
from labeling.finetuning.finetune import Surroundings, finetune_from_reviews  # noqa: E402
from labeling.finetuning.progress import EpochLine, Told  # noqa: E402
from labeling.finetuning.settings import FinetuneSettings  # noqa: E402
from labeling.finetuning.speaker import QwenSpeaker  # noqa: E402
from labeling.finetuning.splitting import split_by_patient  # noqa: E402
from labeling.finetuning.training import rate_factor  # noqa: E402
from labeling.pages.page import Page  # noqa: E402
from labeling.readers.qwen.reader import Qwen2VLReader  # noqa: E402

SURROUNDINGS = Surroundings(
    now=lambda: NOW, clock=lambda: 0.0, code_version="test", min_records=8, min_patients=4
)


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """What asks for the network while a test runs; an audit hook stays for good, so it is switched off after
    it.
    """
    asked: list[str] = []
    is_on = [True]

    def watch(event: str, _: Any) -> None:
        if is_on[0] and event in ("socket.connect", "socket.getaddrinfo"):
            asked.append(event)

    sys.addaudithook(watch)
    yield asked
    is_on[0] = False


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return learning_checkpoint(tiny_checkpoint, tmp_path_factory.mktemp("learns") / "checkpoint")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewedWorkspace]:
    with eight_records(tmp_path_factory.mktemp("reviewed") / "workspace") as made:
        yield made


@pytest.fixture(scope="module")
def examples(world: ReviewedWorkspace) -> tuple[TrainingExample, ...]:
    return reviewed_examples(world.database, world.store).examples


def state_of(model: Any) -> dict[str, Any]:
    """The base weights by their own names, adapters left out."""
    return {
        name.replace(".base_layer", ""): tensor.clone()
        for name, tensor in model.state_dict().items()
        if "lora_" not in name
    }


@dataclass
class Tuned:
    """One finished fine-tuning."""

    out: Path
    card: dict[str, Any]
    speaker: QwenSpeaker
    base_before: dict[str, Any]
    lines: list[EpochLine]


class SilentSpeaker(QwenSpeaker):
    """Trains as the real one and answers nothing, so that the loss alone decides: an untaught model is
    long-winded.
    """

    def answers_to(self, reports: Sequence[Sequence[Page]]) -> list[str]:
        return [""] * len(reports)


def silent_speaker_of(checkpoint: Path) -> SilentSpeaker:
    return SilentSpeaker(speaker_of(checkpoint).loaded, prompt_id="read-1", bounds=BOUNDS)


def tune(world: ReviewedWorkspace, speaker: QwenSpeaker, out: Path, **more: Any) -> Tuned:
    before = state_of(speaker.model)
    lines: list[EpochLine] = []
    options = {"settings": SETTINGS, "told": Told(on_epoch=lines.append), "read_again": None, **more}
    card = finetune_from_reviews(
        world.database, world.store, out, open_speaker=lambda: speaker, surroundings=SURROUNDINGS, **options
    )
    return Tuned(out, card, speaker, before, lines)


@pytest.fixture(scope="module")
def tuned(world: ReviewedWorkspace, checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Tuned:
    return tune(world, silent_speaker_of(checkpoint), tmp_path_factory.mktemp("adapters") / "first")


def test_the_loss_falls(tuned: Tuned) -> None:
    before = tuned.card["training"]["epochs"][0]["train_loss"]
    assert tuned.lines[-1].train_loss < 0.7 * before
    assert tuned.lines[-1].validation_loss < 0.7 * before


def test_only_the_adapter_moves_and_the_base_stays_bit_for_bit(tuned: Tuned) -> None:
    after = state_of(tuned.speaker.model)
    assert set(after) == set(tuned.base_before)
    assert all(torch.equal(after[name], tensor) for name, tensor in tuned.base_before.items())
    moved = [tensor for name, tensor in tuned.speaker.model.state_dict().items() if "lora_B" in name]
    assert moved
    assert all(tensor.abs().sum() > 0 for tensor in moved)


def test_the_written_adapter_reads_as_the_trained_model_does(tuned: Tuned, checkpoint: Path) -> None:
    """Loaded by the reader from its folder, by its hash."""
    page = Page(1, page_with("LVEF 44 %"))
    reader = Qwen2VLReader(
        str(checkpoint),
        adapter=str(tuned.out),
        device="cpu",
        min_pixels=BOUNDS.min_pixels,
        max_pixels=BOUNDS.max_pixels,
    )
    reading = reader.read_pages([page])
    assert reading.generation is not None
    trained = QwenSpeaker(tuned.speaker.loaded, prompt_id="read-1", bounds=BOUNDS)
    assert [reading.generation.raw_text] == trained.answers_to([[page]])
    assert reading.generation.adapter == tuned.card["adapter_sha256"]
    assert reader.weights_revision == f"{tuned.card['base_revision']}+{tuned.card['adapter_sha256']}"
    plain = Qwen2VLReader(
        str(checkpoint), device="cpu", min_pixels=BOUNDS.min_pixels, max_pixels=BOUNDS.max_pixels
    )
    assert plain.version != reader.version


class RehearsedSpeaker(SilentSpeaker):
    """Answers as told: right or wrong about everything, one word for each time it is asked."""

    script: Sequence[str] = ()
    right: Sequence[str] = ()

    def answers_to(self, reports: Sequence[Sequence[Page]]) -> list[str]:
        word, *self.script = self.script
        return list(self.right) if word == "right" else [""] * len(reports)


def test_the_epoch_that_reads_best_is_kept_and_training_stops_when_it_no_longer_gains(
    tuned: Tuned,
    world: ReviewedWorkspace,
    checkpoint: Path,
    examples: tuple[TrainingExample, ...],
    tmp_path: Path,
) -> None:
    speaker = RehearsedSpeaker(speaker_of(checkpoint).loaded, prompt_id="read-1", bounds=BOUNDS)
    held_out = tuned.card["split"]["validation"]["reviews"]
    speaker.right = [example.answer for example in examples if example.review_id in held_out]
    speaker.script = ["wrong", "right", "wrong"]  # before, after the first epoch, after the second
    settings = replace(SETTINGS, epochs=5, patience=1, warmup_share=0.0)
    states: list[dict[str, Any]] = []

    def keep(_: EpochLine) -> None:
        states.append({name: weight.clone() for name, weight in speaker.model.state_dict().items()})

    rehearsed = tune(world, speaker, tmp_path / "adapter", settings=settings, told=Told(on_epoch=keep))
    assert len(states) == 2
    kept = speaker.model.state_dict()
    assert all(torch.equal(kept[name], weight) for name, weight in states[0].items())
    assert any(not torch.equal(kept[name], weight) for name, weight in states[1].items())
    training, table = rehearsed.card["training"], rehearsed.card["validation"]["table"]
    assert training["best_epoch"] == 1
    assert [row["after"]["hits"] for row in table] == [2, 2, 2, 2, 2, 2, 8, 2]
    assert [row["before"]["hits"] for row in table] == [0] * 8
    assert (table[0]["mended"], table[0]["spoilt"]) == (2, 0)


def test_nothing_leaves_the_machine(
    world: ReviewedWorkspace, checkpoint: Path, tmp_path: Path, connections: list[str]
) -> None:
    tune(world, silent_speaker_of(checkpoint), tmp_path / "adapter", settings=replace(SETTINGS, epochs=1))
    assert connections == []


def test_the_folder_says_what_it_was_made_from(tuned: Tuned, world: ReviewedWorkspace) -> None:
    card = json.loads((tuned.out / "adapter_card.json").read_text())
    assert card == json.loads(json.dumps(tuned.card))
    assert card["data"]["sha256"] == reviewed_examples(world.database, world.store).data_sha256
    assert card["data"]["records"] == 8
    assert card["data"]["fields"]["ef_percent"]["corrected"] == 2
    reviews = [set(card["split"][side]["reviews"]) for side in ("train", "validation")]
    assert not reviews[0] & reviews[1]
    assert len(reviews[0] | reviews[1]) == 8
    row = card["validation"]["table"][0]
    assert (row["field"], row["before"]["n"], row["after"]["n"]) == ("ef_percent", 2, 2)
    assert 0 <= row["after"]["low"] <= row["after"]["high"] <= 1
    assert card["is_synthetic"] is True
    assert changed_files(tuned.out) == []
    words = (tuned.out / "README.md").read_text()
    assert "Not a medical device" in words
    assert "made-up reports" in words


def test_the_folder_holds_no_report_text_and_no_patient(
    tuned: Tuned, examples: tuple[TrainingExample, ...]
) -> None:
    written = b"".join(path.read_bytes() for path in tuned.out.iterdir())
    assert b"LVEF" not in written
    assert not any(example.patient_key.encode() in written for example in examples)


def test_a_changed_file_is_noticed_by_the_manifest(tuned: Tuned, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tuned.out, copy)
    (copy / "README.md").write_text("something else")
    assert changed_files(copy) == ["README.md"]


def changed_files(folder: Path) -> list[str]:
    """Files that are not as the folder's manifest has them."""
    listed = json.loads((folder / MANIFEST_NAME).read_text(encoding="utf-8"))["files"]
    found = {name: asdict(held) for name, held in hash_folder(folder).items()}
    return sorted(name for name in {*listed, *found} if listed.get(name) != found.get(name))


def test_an_existing_folder_is_refused_before_anything_is_read(
    world: ReviewedWorkspace, tmp_path: Path
) -> None:
    with pytest.raises(EchoDeskError, match="exists already"):
        finetune_from_reviews(
            world.database,
            world.store,
            tmp_path,
            open_speaker=lambda: pytest.fail("the model was loaded"),
            settings=SETTINGS,
            surroundings=SURROUNDINGS,
            read_again=lambda _: pytest.fail("a page was read"),
        )


def test_an_adapter_is_refused_on_other_weights_and_with_another_prompt(
    tuned: Tuned, checkpoint: Path, tiny_checkpoint: Path
) -> None:
    with pytest.raises(EchoDeskError, match="trained on other weights"):
        Qwen2VLReader(str(tiny_checkpoint), adapter=str(tuned.out), device="cpu")
    with pytest.raises(EchoDeskError, match="taught with the prompt read-1"):
        Qwen2VLReader(str(checkpoint), adapter=str(tuned.out), device="cpu", prompt="read-2")


def test_a_stopped_training_leaves_no_folder_and_goes_on_as_if_nothing_had_happened(
    tuned: Tuned, world: ReviewedWorkspace, checkpoint: Path, tmp_path: Path
) -> None:
    out = tmp_path / "adapter"

    def stop(line: EpochLine) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        tune(world, silent_speaker_of(checkpoint), out, told=Told(on_epoch=stop))
    assert [path.name for path in tmp_path.iterdir()] == [".adapter.unfinished"]
    resumed: list[int] = []
    lines: list[EpochLine] = []
    told = Told(on_resume=resumed.append, on_epoch=lines.append)
    again = tune(world, silent_speaker_of(checkpoint), out, told=told)
    assert resumed == [1]
    assert lines == tuned.lines[1:]
    assert again.card["adapter_sha256"] == tuned.card["adapter_sha256"]
    assert [path.name for path in tmp_path.iterdir()] == ["adapter"]


def test_a_checkpoint_of_another_training_is_not_taken_up(tmp_path: Path) -> None:
    from labeling.finetuning.progress import Progress
    from labeling.finetuning.validation import FieldHits

    hits = FieldHits({"ef_percent": (True, False)}, 0, 1.5)
    generator = random.Random(3)
    first = Checkpoint(tmp_path / "adapter", "key of one")
    first.save(Progress(hits, hits, {}, epoch=2), generator=generator, moving={})
    expected = generator.random()
    assert Checkpoint(tmp_path / "adapter", "key of another").load(generator=generator) is None
    loaded = Checkpoint(tmp_path / "adapter", "key of one").load(generator=generator)
    assert loaded is not None
    assert (loaded[0].epoch, loaded[0].before) == (2, hits)
    assert generator.random() == expected
    (first.folder / "state.pt").write_bytes(b"cut short")
    assert first.load(generator=generator) is None


def test_the_rate_rises_straight_and_falls_along_a_cosine() -> None:
    rates = [rate_factor(step, 20, 0.2) for step in range(21)]
    assert rates[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert rates[12] == pytest.approx(0.5)
    assert rates[20] == pytest.approx(0.0)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"rate": 0.0}, {"validation_share": 1.0}, {"prompt_id": "check-1-pah"}]
)
def test_settings_that_cannot_train_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(
        EchoDeskError, match=f"the setting {next(iter(wrong)).removesuffix('_id')} is out of bounds"
    ):
        FinetuneSettings(**wrong)


def test_records_of_one_patient_alone_are_refused(examples: tuple[TrainingExample, ...]) -> None:
    with pytest.raises(EchoDeskError, match="too few"):
        split_by_patient(examples[:2], validation_share=0.5, seed=1, min_records=1, min_patients=1)


def test_no_patient_stands_on_both_sides_of_a_real_split(examples: tuple[TrainingExample, ...]) -> None:
    split = split_by_patient(examples, validation_share=0.25, seed=5, min_records=8, min_patients=4)
    assert not {one.patient_key for one in split.train} & {one.patient_key for one in split.validation}
    assert {one.findings for one in examples} == {stated(30.0 + number) for number in range(8)}


@pytest.mark.slow
def test_a_mistake_the_model_always_makes_is_gone_after_corrections(
    world: ReviewedWorkspace, tiny_checkpoint: Path, examples: tuple[TrainingExample, ...], tmp_path: Path
) -> None:
    """A model that has learnt these pages, and to call every pressure severe, is taught from reviews that say
    none.

    Before, after and the choice of the epoch by reading with the reader's own code. The values of the other
    fields stay right.
    """
    base = tmp_path / "base"
    teach_everything(tiny_checkpoint, base, world, [_called_severe(example) for example in examples])
    settings = replace(SETTINGS, epochs=8, patience=8, rate=5e-3, rank=8)
    tuned = tune(world, speaker_of(base), tmp_path / "adapter", settings=settings)
    table = {row["field"]: row for row in tuned.card["validation"]["table"]}
    assert (table["pah"]["before"]["hits"], table["pah"]["after"]["hits"], table["pah"]["mended"]) == (
        0,
        2,
        2,
    )
    assert table["rwma"]["after"]["hits"] == table["rwma"]["before"]["hits"] == 2
    assert tuned.card["validation"]["unusable_after"] == 0
    assert tuned.card["training"]["best_epoch"] > 0


def _called_severe(example: TrainingExample) -> TrainingExample:
    return replace(example, answer=example.answer.replace('"pah":"none"', '"pah":"severe"'))
