"""Which weights are opened and which are refused; nothing is fetched that nobody asked for."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from db.errors import EchoDeskError
from labeling.readers.qwen.model import check_packages, forget_models, load_model
from labeling.readers.qwen.weights import (
    DEFAULT_MODEL,
    PINNED_REVISIONS,
    WeightsFolder,
    find_adapter,
    find_weights,
    weights_sha256,
)


def model_folder(folder: Path, *, model_type: str = "qwen2_vl", weights: str = "model.safetensors") -> Path:
    """A folder that looks like a checkpoint from outside."""
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": model_type}))
    (folder / "tokenizer.json").write_text("{}")
    (folder / weights).write_bytes(b"weights")
    return folder


def adapter_folder(
    folder: Path, *, weights: str = "adapter_model.safetensors", base_revision: str = ""
) -> Path:
    folder.mkdir()
    (folder / "adapter_config.json").write_text("{}")
    (folder / weights).write_bytes(b"weights")
    if base_revision:
        (folder / "adapter_card.json").write_text(json.dumps({"base_revision": base_revision}))
    return folder


def test_a_local_folder_is_known_by_what_is_in_it(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    found = find_weights(str(folder))
    assert (found.path, found.name, found.model_type) == (folder, "mine", "qwen2_vl")
    assert len(found.revision) == 64
    assert find_weights(str(shutil.copytree(folder, tmp_path / "copy"))).revision == found.revision
    (folder / "notes.md").write_text("not part of the model")
    assert find_weights(str(folder)).revision == found.revision
    (folder / "tokenizer.json").write_text('{"other": 1}')
    assert find_weights(str(folder)).revision != found.revision


def test_a_local_folder_may_be_pinned_to_its_content(tmp_path: Path) -> None:
    folder = model_folder(tmp_path / "mine")
    revision = find_weights(str(folder)).revision
    assert find_weights(str(folder), revision=revision).revision == revision
    with pytest.raises(EchoDeskError, match="other weights") as error:
        find_weights(str(folder), revision="0" * 64)
    assert revision in error.value.hint


@pytest.mark.parametrize("weights", ["pytorch_model.bin", "consolidated.pth", "model.pt", "model.ckpt"])
def test_pickled_weights_are_refused(tmp_path: Path, weights: str) -> None:
    with pytest.raises(EchoDeskError, match="run code") as error:
        find_weights(str(model_folder(tmp_path / "mine", weights=weights)))
    assert weights in error.value.message and "safetensors" in error.value.hint


def test_a_folder_without_weights_or_configuration_is_named(tmp_path: Path) -> None:
    with pytest.raises(EchoDeskError, match="no weights"):
        find_weights(str(model_folder(tmp_path / "empty", weights="readme.txt")))
    (tmp_path / "photos").mkdir()
    with pytest.raises(EchoDeskError, match="not a model"):
        find_weights(str(tmp_path / "photos"))
    with pytest.raises(EchoDeskError, match="no model folder"):
        find_weights(str(tmp_path / "missing"))


@pytest.mark.parametrize("model_type", ["llama", "qwen2", "internvl", ""])
def test_another_kind_of_model_is_refused_with_the_kinds_that_work(tmp_path: Path, model_type: str) -> None:
    with pytest.raises(EchoDeskError, match="type") as error:
        find_weights(str(model_folder(tmp_path / "mine", model_type=model_type)))
    assert "Qwen2-VL" in error.value.hint and "qwen3_vl" in error.value.hint


@pytest.mark.parametrize("revision", ["", "main", "v1.0", "895c3a4"])
def test_a_hub_model_that_is_not_pinned_needs_a_whole_commit(revision: str) -> None:
    with pytest.raises(EchoDeskError, match="40 digits"):
        find_weights("somebody/some-model", revision=revision)


def test_the_pinned_models_are_pinned_to_whole_commits() -> None:
    assert DEFAULT_MODEL in PINNED_REVISIONS
    assert all(len(revision) == 40 and int(revision, 16) for revision in PINNED_REVISIONS.values())


def test_an_adapter_goes_only_with_the_weights_it_was_trained_on(tmp_path: Path) -> None:
    weights = WeightsFolder(tmp_path, "mine", "a" * 64, "qwen2_vl")
    fitting = find_adapter(str(adapter_folder(tmp_path / "fits", base_revision="a" * 64)), weights)
    assert len(fitting.sha256) == 64
    unsigned = find_adapter(str(adapter_folder(tmp_path / "unsigned")), weights)
    assert unsigned.sha256 == fitting.sha256
    with pytest.raises(EchoDeskError, match="other weights") as error:
        find_adapter(str(adapter_folder(tmp_path / "other", base_revision="b" * 64)), weights)
    assert "b" * 64 in error.value.hint


def test_a_pickled_or_missing_adapter_is_refused(tmp_path: Path) -> None:
    weights = WeightsFolder(tmp_path, "mine", "a" * 64, "qwen2_vl")
    with pytest.raises(EchoDeskError, match="run code"):
        find_adapter(str(adapter_folder(tmp_path / "pickled", weights="adapter_model.bin")), weights)
    with pytest.raises(EchoDeskError, match="no adapter"):
        find_adapter(str(tmp_path / "missing"), weights)


def test_the_hash_tells_apart_what_is_in_which_file(tmp_path: Path) -> None:
    for name, files in {"one": ("a.json", "b.json"), "two": ("b.json", "a.json")}.items():
        (tmp_path / name).mkdir()
        for file, content in zip(files, ("x", "y"), strict=True):
            (tmp_path / name / file).write_text(content)
    assert weights_sha256(tmp_path / "one", ["*.json"]) != weights_sha256(tmp_path / "two", ["*.json"])


def test_a_missing_package_is_named_with_what_to_install() -> None:
    with pytest.raises(EchoDeskError, match="package a_package_nobody_made") as error:
        check_packages(("json", "a_package_nobody_made"))
    assert "echodesk[vlm]" in error.value.hint


_calls_outside: list[str] = []


def _note_calls(event: str, _: object) -> None:
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "urllib.Request"):
        _calls_outside.append(event)


sys.addaudithook(_note_calls)


@contextmanager
def no_calls_outside() -> Iterator[None]:
    """Fail when anything in the block asks the network for anything."""
    _calls_outside.clear()
    yield
    assert _calls_outside == []


def test_a_model_that_is_not_on_this_machine_is_not_fetched_unasked() -> None:
    pytest.importorskip("huggingface_hub", reason="the optional set vlm is not installed")
    with no_calls_outside(), pytest.raises(EchoDeskError, match="not on this machine") as error:
        find_weights("nobody-in-particular/a-model", revision="0123456789" * 4)
    assert "--download" in error.value.hint


def test_the_watch_over_the_network_would_see_a_call() -> None:
    import socket

    with pytest.raises(AssertionError), no_calls_outside():
        socket.getaddrinfo("127.0.0.1", 9)


def test_a_model_is_opened_once_a_process_and_in_full_precision_on_a_cpu(tiny_checkpoint: Path) -> None:
    with no_calls_outside():
        loaded = load_model(str(tiny_checkpoint), device="cpu")
    assert load_model(str(tiny_checkpoint), device="cpu") is loaded
    assert (loaded.precision, loaded.device, loaded.attention) == ("float32", "cpu", "sdpa")
    assert loaded.revision == find_weights(str(tiny_checkpoint)).revision
    assert loaded.tokenizer.padding_side == "left"
    assert not loaded.model.training
    forget_models()
    assert load_model(str(tiny_checkpoint), device="cpu") is not loaded


def test_a_device_that_is_not_there_is_named(tiny_checkpoint: Path) -> None:
    import torch

    if torch.cuda.is_available():
        pytest.skip("there is a GPU")
    with pytest.raises(EchoDeskError, match="no GPU"):
        load_model(str(tiny_checkpoint), device="cuda")


def test_a_damaged_checkpoint_is_told_in_a_sentence(tiny_checkpoint: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(tiny_checkpoint, tmp_path / "damaged")
    (folder / "model.safetensors").write_bytes(b"cut short")
    with pytest.raises(EchoDeskError, match="can't be opened"):
        load_model(str(folder), device="cpu")


def test_an_adapter_changes_what_the_model_says_and_is_stored_with_it(
    tiny_checkpoint: Path, tmp_path: Path
) -> None:
    peft = pytest.importorskip("peft", reason="the optional set vlm is not installed")
    import torch
    from transformers import AutoModelForImageTextToText

    plain = AutoModelForImageTextToText.from_pretrained(tiny_checkpoint)
    with torch.random.fork_rng():
        torch.manual_seed(1)
        wrapped = peft.get_peft_model(
            plain, peft.LoraConfig(target_modules=["q_proj", "v_proj"], r=4, init_lora_weights=False)
        )
    wrapped.save_pretrained(tmp_path / "adapter")
    adapted = load_model(str(tiny_checkpoint), adapter=str(tmp_path / "adapter"), device="cpu")
    base = load_model(str(tiny_checkpoint), device="cpu")
    tokens = torch.tensor([[7, 8, 9]])
    with torch.inference_mode():
        scores, expected = adapted.model(input_ids=tokens).logits, wrapped.eval()(input_ids=tokens).logits
        assert torch.allclose(scores, expected, atol=1e-4)
        assert not torch.allclose(scores, base.model(input_ids=tokens).logits, atol=1e-3)
    assert len(adapted.adapter) == 64 and base.adapter == ""
