"""The options that say who reads: declared once, the same for every verb, and refused where they do not
belong.
"""

from __future__ import annotations

import inspect
from typing import Any

import pytest
import typer

from db.errors import WrongUse
from db.workspace import Workspace
from labeling.readers.registry import READER_NAMES
from pipeline.commands.reader_options import AskTwice, ReaderChoice, ReaderName, with_reader
from pipeline.commands.reader_specs import primary_spec, reader_spec, workers_for


def spec_options(choice: ReaderChoice, **settings: Any) -> dict[str, Any]:
    return dict(primary_spec(choice, Workspace(**settings)).options)


def test_a_verb_gets_the_options_in_place_of_the_choice() -> None:
    given: list[tuple[ReaderChoice, int]] = []

    @with_reader
    def verb(ctx: typer.Context, choice: ReaderChoice, number: int = 3) -> None:
        given.append((choice, number))

    names = list(inspect.signature(verb).parameters)
    assert names[0] == "ctx" and names[-1] == "number" and "choice" not in names
    defaults = {name: p.default for name, p in inspect.signature(verb).parameters.items() if name != "ctx"}
    verb(ctx=None, **{**defaults, "model": "m", "reader": ReaderName.QWEN2VL})
    assert given == [(ReaderChoice(reader=ReaderName.QWEN2VL, model="m"), 3)]


def test_the_chosen_reader_is_cross_checked_and_carries_the_workspace_s_settings() -> None:
    spec = reader_spec(ReaderChoice(), Workspace(tesseract="tess"))
    assert spec.name == "panel"
    assert spec.options["primary"] == {"name": "rules", "options": {"tesseract": "tess"}}
    assert spec.options["second_reader"] == "rapidocr"


def test_a_recogniser_comes_from_the_command_first_and_reads_poor_pages_alone() -> None:
    settings = Workspace(recogniser="mine")
    assert reader_spec(ReaderChoice(poor_pages=True), settings).options["recogniser"] == "mine"
    chosen = ReaderChoice(poor_pages=True, recogniser="none")
    assert reader_spec(chosen, settings).options["recogniser"] == "none"
    with pytest.raises(WrongUse, match="poor pages alone"):
        reader_spec(ReaderChoice(recogniser="mine"), Workspace())


@pytest.mark.parametrize("reader", ReaderName)
def test_a_reader_that_is_chosen_is_the_one_that_reads(reader: ReaderName) -> None:
    spec = primary_spec(ReaderChoice(reader=reader), Workspace(remote_urls="http://a/v1"))
    assert spec.name == reader.value
    assert spec.name in READER_NAMES


def test_a_model_s_options_come_from_the_command_first_then_from_the_settings() -> None:
    settings = {"vlm_model": "folder", "vlm_max_pixels": 784_000}
    assert spec_options(ReaderChoice(reader=ReaderName.QWEN2VL), **settings)["model"] == "folder"
    chosen = spec_options(ReaderChoice(reader=ReaderName.QWEN2VL, model="other", batch=4), **settings)
    assert (chosen["model"], chosen["batch_size"], chosen["max_pixels"]) == ("other", 4, 784_000)
    assert "adapter" not in chosen and "prompt" not in chosen


def test_a_revision_from_the_settings_belongs_to_the_model_from_the_settings() -> None:
    settings = {"vlm_model": "folder", "vlm_revision": "a" * 40}
    assert spec_options(ReaderChoice(reader=ReaderName.QWEN2VL), **settings)["revision"] == "a" * 40
    assert "revision" not in spec_options(ReaderChoice(reader=ReaderName.QWEN2VL, model="other"), **settings)


def test_servers_come_from_the_command_or_the_settings_and_none_is_wrong_use() -> None:
    choice = ReaderChoice(reader=ReaderName.REMOTE)
    assert spec_options(choice, remote_urls="http://a/v1, http://b/v1")["urls"] == [
        "http://a/v1",
        "http://b/v1",
    ]
    named = ReaderChoice(reader=ReaderName.REMOTE, url=["http://c/v1"])
    assert spec_options(named, remote_urls="http://a/v1")["urls"] == ["http://c/v1"]
    with pytest.raises(WrongUse, match="no server"):
        spec_options(choice)


@pytest.mark.parametrize(
    "choice",
    [
        ReaderChoice(model="m"),
        ReaderChoice(url=["http://a"]),
        ReaderChoice(reader=ReaderName.QWEN2VL, url=["http://a"]),
        ReaderChoice(reader=ReaderName.REMOTE, url=["http://a"], revision="c" * 40),
        ReaderChoice(blind_check=True),
        ReaderChoice(second_reading=AskTwice.CROP),
    ],
)
def test_an_option_of_another_reader_is_refused_by_name(choice: ReaderChoice) -> None:
    with pytest.raises(WrongUse, match="belong|asks"):
        reader_spec(choice, Workspace())


def test_a_model_is_loaded_once_and_rules_use_every_core() -> None:
    assert workers_for(ReaderChoice(reader=ReaderName.QWEN2VL)) == 1
    assert workers_for(ReaderChoice(reader=ReaderName.REMOTE)) == 1
    assert workers_for(ReaderChoice()) >= 1
