"""Fine-tuning a tiny random model: what is taught, what moves, what is written, and what a stop leaves behind."""

from __future__ import annotations

import json
import random
import shutil
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the optional set vlm is not installed")
pytest.importorskip("peft", reason="the optional set vlm is not installed")

from reviewed_workspace import NOW, ReviewedWorkspace, fill, page_with, stated  # noqa: E402

from db.errors import EchoDeskError  # noqa: E402
from labeling.answer_schema import answer_schema  # noqa: E402
from labeling.finetuning.checkpoint import Checkpoint  # noqa: E402
from labeling.finetuning.examples import TrainingExample, open_pages_of, reviewed_examples  # noqa: E402
from labeling.finetuning.finetune import Surroundings, finetune_from_reviews  # noqa: E402
from labeling.finetuning.inputs import NO_LABEL, answer_tokens, collate, encode  # noqa: E402
from labeling.finetuning.lora import attach_adapter, computing_twice, target_names, trainable  # noqa: E402
from labeling.finetuning.loss import answer_loss  # noqa: E402
from labeling.finetuning.progress import EpochLine, Told  # noqa: E402
from labeling.finetuning.settings import FinetuneSettings, Layers  # noqa: E402
from labeling.finetuning.speaker import QwenSpeaker, open_speaker  # noqa: E402
from labeling.finetuning.splitting import split_by_patient  # noqa: E402
from labeling.finetuning.training import rate_factor  # noqa: E402
from labeling.finetuning.whole_folder import changed_files  # noqa: E402
from labeling.pages import Page  # noqa: E402
from labeling.readers.qwen2vl import Qwen2VLReader  # noqa: E402
from labeling.readers.qwen_inputs import PixelBounds  # noqa: E402

BOUNDS = PixelBounds(4 * 28 * 28, 16 * 28 * 28)
SETTINGS = FinetuneSettings(epochs=2, rate=3e-2, rank=8, batch_size=3, accumulation=1, validation_share=0.25)
SURROUNDINGS = Surroundings(now=lambda: NOW, clock=lambda: 0.0, code_version="test", min_records=8, min_patients=4)


class StoppedError(Exception):
    """Stands for a kill."""


@pytest.fixture(scope="module")
def checkpoint(tiny_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny model with larger word vectors: with its own, whatever it learns hardly moves its probabilities."""
    from safetensors.torch import load_file, save_file

    folder = tmp_path_factory.mktemp("learns") / "checkpoint"
    shutil.copytree(tiny_checkpoint, folder)
    weights = load_file(folder / "model.safetensors")
    weights = {name: tensor * (10 if "embed_tokens" in name else 1) for name, tensor in weights.items()}
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


@pytest.fixture
def connections() -> Iterator[list[str]]:
    """What asks for the network while a test runs; an audit hook stays for good, so it is switched off after it."""
    asked: list[str] = []
    is_on = [True]

    def watch(event: str, _: Any) -> None:
        if is_on[0] and event in ("socket.connect", "socket.getaddrinfo"):
            asked.append(event)

    sys.addaudithook(watch)
    yield asked
    is_on[0] = False


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReviewedWorkspace]:
    made = ReviewedWorkspace(tmp_path_factory.mktemp("reviewed") / "workspace")
    fill(made, 8)
    yield made
    made.close()


def speaker_of(checkpoint: Path) -> QwenSpeaker:
    return open_speaker(str(checkpoint), prompt_id="read-1", bounds=BOUNDS, device="cpu")


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
    """Trains as the real one and answers nothing, so that the loss alone decides: an untaught model is long-winded."""

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


@pytest.fixture(scope="module")
def fresh(checkpoint: Path) -> QwenSpeaker:
    """A model nobody trains."""
    return speaker_of(checkpoint)


@pytest.fixture(scope="module")
def examples(world: ReviewedWorkspace) -> tuple[TrainingExample, ...]:
    return reviewed_examples(world.database, world.store).examples


def test_training_inputs_are_token_for_token_what_the_reader_sends(
    world: ReviewedWorkspace, fresh: QwenSpeaker, checkpoint: Path, examples: tuple[TrainingExample, ...]
) -> None:
    """Conversation, pictures and all are the reader's; then come the answer and the end of the turn."""
    reader = Qwen2VLReader(str(checkpoint), device="cpu", min_pixels=BOUNDS.min_pixels, max_pixels=BOUNDS.max_pixels)
    sent: list[dict[str, Any]] = []

    def stop_after_taking(_: Any, args: Any, inputs: dict[str, Any]) -> None:
        sent.append(dict(inputs))
        raise StoppedError

    hook = reader.asker.loaded.model.register_forward_pre_hook(stop_after_taking, with_kwargs=True)
    example = examples[1]
    with pytest.raises(StoppedError):
        reader.read_pages(open_pages_of(world.store, example))
    hook.remove()
    coded = encode(fresh, example, open_pages_of(world.store, example))
    begun = sent[0]["input_ids"][0]
    assert coded.sequence["input_ids"][: len(begun)].tolist() == begun.tolist()
    assert torch.equal(coded.pictures["pixel_values"], sent[0]["pixel_values"])
    assert torch.equal(coded.pictures["image_grid_thw"], sent[0]["image_grid_thw"])
    tokenizer = fresh.tokenizer
    taught = coded.labels[coded.labels != NO_LABEL].tolist()
    assert tokenizer.decode(taught) == example.answer + "<|im_end|>"
    assert taught[-1] in reader.asker.loaded.stop_tokens


def test_the_grammar_lets_every_taught_answer_pass_token_by_token(
    fresh: QwenSpeaker, examples: tuple[TrainingExample, ...]
) -> None:
    grammar = fresh._asker.grammar
    assert grammar is not None
    for example in examples:
        state = grammar.start(answer_schema())
        for token in answer_tokens(fresh.tokenizer, example)[0]:
            state.take(token)  # raises where the form of the answer forbids it
        assert state.is_ended


def test_labels_are_on_the_answer_alone_and_not_on_what_nobody_vouches_for(
    world: ReviewedWorkspace, fresh: QwenSpeaker, examples: tuple[TrainingExample, ...]
) -> None:
    corrected = next(example for example in examples if example.untaught)
    coded = [encode(fresh, example, open_pages_of(world.store, example)) for example in (corrected, examples[1])]
    inputs, labels = collate(coded, pad_id=fresh.tokenizer.pad_token_id)
    for row, example in enumerate((corrected, examples[1])):
        prompt = coded[row].tokens - len(answer_tokens(fresh.tokenizer, example)[0])
        padding = labels.shape[1] - coded[row].tokens
        assert (labels[row, : padding + prompt] == NO_LABEL).all()
        assert (inputs["attention_mask"][row, :padding] == 0).all()
        at_labels = labels[row] != NO_LABEL
        assert torch.equal(labels[row][at_labels], inputs["input_ids"][row][at_labels])
    taught = fresh.tokenizer.decode(coded[0].labels[coded[0].labels != NO_LABEL])
    assert taught == corrected.answer.replace('"ef_quote":null', '"ef_quote":') + "<|im_end|>"


def test_the_loss_of_a_padded_batch_is_the_sum_of_its_examples(
    world: ReviewedWorkspace, fresh: QwenSpeaker, examples: tuple[TrainingExample, ...]
) -> None:
    """One with another length, another number of pages, and a quote that is not taught."""
    corrected = next(example for example in examples if example.untaught)
    pages = open_pages_of(world.store, corrected)
    two_pages = [*pages, Page(2, page_with("page 2", size_px=(168, 84)))]
    coded = [
        encode(fresh, examples[1], open_pages_of(world.store, examples[1])),
        encode(fresh, corrected, two_pages),
    ]
    with torch.inference_mode():
        together = float(answer_loss(fresh.model, coded, fresh, "cpu"))
        apart = [float(answer_loss(fresh.model, [item], fresh, "cpu")) for item in coded]
        inputs, labels = collate(coded[:1], pad_id=0)
        logits = fresh.model(**inputs).logits[0, :-1]
        plain = torch.nn.functional.cross_entropy(logits, labels[0, 1:], ignore_index=NO_LABEL, reduction="sum")
    assert together == pytest.approx(sum(apart), rel=1e-4)
    assert apart[0] == pytest.approx(float(plain), rel=1e-5)


def test_saving_memory_changes_the_time_and_not_the_gradient(
    world: ReviewedWorkspace, tiny_checkpoint: Path, examples: tuple[TrainingExample, ...]
) -> None:
    speaker = speaker_of(tiny_checkpoint)
    torch.manual_seed(3)
    adapted = attach_adapter(speaker.model, replace(SETTINGS, dropout=0.0, layers=Layers.ALL), base_model="tiny")
    coded = encode(speaker, examples[1], open_pages_of(world.store, examples[1]))
    gradients = []
    for saves in (False, True):
        adapted.zero_grad(set_to_none=True)
        with computing_twice(speaker.model, saves):
            speaker.model.train()
            answer_loss(adapted, [coded], speaker, "cpu").backward()
        gradients.append([weight.grad for weight in trainable(adapted)])
    assert sum(float(gradient.abs().sum()) for gradient in gradients[0]) > 0
    for plain, twice in zip(*gradients, strict=True):
        assert torch.allclose(plain, twice, rtol=1e-4, atol=1e-6)


def test_an_adapter_on_weights_in_half_precision_is_itself_kept_in_full(
    world: ReviewedWorkspace, tiny_checkpoint: Path, examples: tuple[TrainingExample, ...]
) -> None:
    """As on a GPU: a small step would vanish in bfloat16."""
    speaker = speaker_of(tiny_checkpoint)
    speaker.model.to(torch.bfloat16)
    adapted = attach_adapter(speaker.model, SETTINGS, base_model="tiny")
    coded = encode(speaker, examples[1], open_pages_of(world.store, examples[1]))
    answer_loss(adapted, [coded], speaker, "cpu").backward()
    assert {weight.dtype for weight in trainable(adapted)} == {torch.float32}
    assert all(weight.grad is not None and torch.isfinite(weight.grad).all() for weight in trainable(adapted))


@pytest.mark.slow
def test_a_model_learns_to_answer_in_form_and_gets_more_fields_right(
    world: ReviewedWorkspace, checkpoint: Path, tmp_path: Path
) -> None:
    """Judged by reading, by the reader's own code: minutes, because an untaught model is long-winded."""
    settings = replace(SETTINGS, epochs=25, patience=25, rate=1e-2, rank=16, layers=Layers.ALL)
    tuned = tune(world, speaker_of(checkpoint), tmp_path / "adapter", settings=settings)
    both = next(row for row in tuned.card["validation"]["table"] if row["field"] == "four fields together")
    assert both["after"]["hits"] >= both["before"]["hits"] + 2
    assert tuned.lines[-1].train_loss < 2.0


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
    plain = Qwen2VLReader(str(checkpoint), device="cpu", min_pixels=BOUNDS.min_pixels, max_pixels=BOUNDS.max_pixels)
    assert plain.version != reader.version


class RehearsedSpeaker(SilentSpeaker):
    """Answers as told: right or wrong about everything, one word for each time it is asked."""

    script: Sequence[str] = ()
    right: Sequence[str] = ()

    def answers_to(self, reports: Sequence[Sequence[Page]]) -> list[str]:
        word, *self.script = self.script
        return list(self.right) if word == "right" else [""] * len(reports)


def test_the_epoch_that_reads_best_is_kept_and_training_stops_when_it_no_longer_gains(
    tuned: Tuned, world: ReviewedWorkspace, checkpoint: Path, examples: tuple[TrainingExample, ...], tmp_path: Path
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


def test_the_folder_holds_no_report_text_and_no_patient(tuned: Tuned, examples: tuple[TrainingExample, ...]) -> None:
    written = b"".join(path.read_bytes() for path in tuned.out.iterdir())
    assert b"LVEF" not in written
    assert not any(example.patient_key.encode() in written for example in examples)


def test_a_changed_file_is_noticed_by_the_manifest(tuned: Tuned, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(tuned.out, copy)
    (copy / "README.md").write_text("something else")
    assert changed_files(copy) == ["README.md"]


def test_an_existing_folder_is_refused_before_anything_is_read(world: ReviewedWorkspace, tmp_path: Path) -> None:
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


@pytest.mark.parametrize(
    ("layers", "inside", "outside"),
    [
        (Layers.LANGUAGE, "model.language_model.layers.0.self_attn.q_proj", "model.visual.blocks.0.attn.qkv"),
        (Layers.VISION, "model.visual.blocks.0.attn.qkv", "model.language_model.layers.0.mlp.up_proj"),
        (Layers.ALL, "model.visual.blocks.1.mlp.fc2", "lm_head"),
    ],
)
def test_the_chosen_layers_and_the_merger_get_an_adapter(
    tiny_checkpoint: Path, layers: Layers, inside: str, outside: str
) -> None:
    speaker = speaker_of(tiny_checkpoint)
    settings = FinetuneSettings(layers=layers)
    names = target_names(speaker.model, layers)
    assert inside in names
    assert outside not in names
    assert "model.visual.merger.mlp.0" in names
    adapted = attach_adapter(speaker.model, settings, base_model="tiny")
    with_adapter = {name.split(".lora_A")[0] for name, _ in speaker.model.named_modules() if name.endswith("lora_A")}
    assert with_adapter == set(names)
    assert {name.split(".lora_")[0] for name, weight in adapted.named_parameters() if weight.requires_grad} == {
        f"base_model.model.{name}" for name in names
    }


@pytest.mark.parametrize("family", ["qwen2_5_vl", "qwen3_vl"])
def test_the_layers_of_the_later_families_are_found_by_name(family: str) -> None:
    import transformers

    config = transformers.AutoConfig.for_model(family)
    config.text_config.num_hidden_layers = config.vision_config.depth = 1
    with torch.device("meta"):
        model = transformers.AutoModelForImageTextToText.from_config(config)
    names = target_names(model, Layers.ALL)
    linear = [name for name, module in model.named_modules() if isinstance(module, torch.nn.Linear)]
    assert set(names) == {name for name in linear if name != "lm_head"}


def test_a_reader_of_the_same_process_is_not_taught_along(tiny_checkpoint: Path) -> None:
    reader = Qwen2VLReader(str(tiny_checkpoint), device="cpu")
    speaker = speaker_of(tiny_checkpoint)
    assert speaker.model is not reader.asker.loaded.model
    attach_adapter(speaker.model, FinetuneSettings(), base_model="tiny")
    later = Qwen2VLReader(str(tiny_checkpoint), device="cpu")
    for untouched in (reader, later):
        assert not any("lora" in name for name, _ in untouched.asker.loaded.model.named_modules())


def test_a_model_of_another_family_is_refused() -> None:
    with pytest.raises(EchoDeskError, match="no layers of the kind 'language'"):
        target_names(torch.nn.Sequential(torch.nn.Linear(2, 2)), Layers.LANGUAGE)


def test_the_rate_rises_straight_and_falls_along_a_cosine() -> None:
    rates = [rate_factor(step, 20, 0.2) for step in range(21)]
    assert rates[:5] == pytest.approx([0.25, 0.5, 0.75, 1.0, 1.0])
    assert rates[12] == pytest.approx(0.5)
    assert rates[20] == pytest.approx(0.0)


@pytest.mark.parametrize(
    "wrong", [{"epochs": 0}, {"rate": 0.0}, {"validation_share": 1.0}, {"prompt_id": "check-1-pah"}]
)
def test_settings_that_cannot_train_are_refused_by_name(wrong: dict[str, Any]) -> None:
    with pytest.raises(EchoDeskError, match=f"the setting {next(iter(wrong)).removesuffix('_id')} is out of bounds"):
        FinetuneSettings(**wrong)


def test_records_of_one_patient_alone_are_refused(examples: tuple[TrainingExample, ...]) -> None:
    with pytest.raises(EchoDeskError, match="too few"):
        split_by_patient(examples[:2], validation_share=0.5, seed=1, min_records=1, min_patients=1)


def test_no_patient_stands_on_both_sides_of_a_real_split(examples: tuple[TrainingExample, ...]) -> None:
    split = split_by_patient(examples, validation_share=0.25, seed=5, min_records=8, min_patients=4)
    assert not {one.patient_key for one in split.train} & {one.patient_key for one in split.validation}
    assert {one.findings for one in examples} == {stated(30.0 + number) for number in range(8)}
