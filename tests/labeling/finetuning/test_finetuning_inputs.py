"""What a model is taught and what is left out: the tokens, the labels, the loss, and the layers that move."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
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
)
from reviewed_workspace import ReviewedWorkspace, page_with  # noqa: E402

from db.errors import EchoDeskError  # noqa: E402
from labeling.finetuning.examples import TrainingExample, open_pages_of, reviewed_examples  # noqa: E402
from labeling.finetuning.inputs import (  # noqa: E402
    NO_LABEL,
    answer_loss,  # noqa: E402
    answer_tokens,
    collate,
    encode,
)
from labeling.finetuning.lora import attach_adapter, computing_twice, target_names, trainable  # noqa: E402
from labeling.finetuning.settings import FinetuneSettings, Layers  # noqa: E402
from labeling.finetuning.speaker import QwenSpeaker  # noqa: E402
from labeling.pages.page import Page  # noqa: E402
from labeling.readers.answer_schema import answer_schema  # noqa: E402
from labeling.readers.qwen.reader import Qwen2VLReader  # noqa: E402


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


@pytest.fixture(scope="module")
def fresh(checkpoint: Path) -> QwenSpeaker:
    """A model nobody trains."""
    return speaker_of(checkpoint)


def test_training_inputs_are_token_for_token_what_the_reader_sends(
    world: ReviewedWorkspace, fresh: QwenSpeaker, checkpoint: Path, examples: tuple[TrainingExample, ...]
) -> None:
    """Conversation, pictures and all are the reader's; then come the answer and the end of the turn."""
    reader = Qwen2VLReader(
        str(checkpoint), device="cpu", min_pixels=BOUNDS.min_pixels, max_pixels=BOUNDS.max_pixels
    )
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
    coded = [
        encode(fresh, example, open_pages_of(world.store, example)) for example in (corrected, examples[1])
    ]
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
        plain = torch.nn.functional.cross_entropy(
            logits, labels[0, 1:], ignore_index=NO_LABEL, reduction="sum"
        )
    assert together == pytest.approx(sum(apart), rel=1e-4)
    assert apart[0] == pytest.approx(float(plain), rel=1e-5)


def test_saving_memory_changes_the_time_and_not_the_gradient(
    world: ReviewedWorkspace, tiny_checkpoint: Path, examples: tuple[TrainingExample, ...]
) -> None:
    speaker = speaker_of(tiny_checkpoint)
    torch.manual_seed(3)
    adapted = attach_adapter(
        speaker.model, replace(SETTINGS, dropout=0.0, layers=Layers.ALL), base_model="tiny"
    )
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
    with_adapter = {
        name.split(".lora_A")[0] for name, _ in speaker.model.named_modules() if name.endswith("lora_A")
    }
    assert with_adapter == set(names)
    assert {
        name.split(".lora_")[0] for name, weight in adapted.named_parameters() if weight.requires_grad
    } == {f"base_model.model.{name}" for name in names}


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
