"""The page at `/`: nothing of a photo is left behind, and each language says all of it."""

from __future__ import annotations

import json
from html import unescape
from pathlib import Path

import pytest

from pipeline.serving import demo_app
from pipeline.serving.answer import Answer, Retake
from pipeline.serving.messages.spoken import LANGUAGES, said


def test_an_upload_is_deleted_when_it_is_read(tmp_path: Path) -> None:
    file = tmp_path / "photo.jpg"
    file.write_bytes(b"a photo")
    assert demo_app._taken(str(file)) == b"a photo"
    assert not file.exists()
    assert demo_app._taken(str(file)) is None and demo_app._taken(None) is None


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_the_page_speaks_the_language_that_was_chosen(code: str) -> None:
    labels = demo_app._labels(code, 2)
    assert [one["label"] for one in labels[1:3]] == [said(code, "page_camera"), said(code, "page_choose")]
    assert said(code, "page_title") in labels[0]["value"]
    assert code == "en" or not any(digit in labels[-1]["value"] for digit in "0123456789")


def test_the_camera_is_opened_by_the_first_button(tmp_path: Path) -> None:
    page = demo_app.create_page(lambda: None, [tmp_path / "1.jpg"], print)  # type: ignore[arg-type, return-value]
    names = {getattr(block, "elem_id", None) for block in page.blocks.values()}
    assert "camera" in names and '"camera"' in demo_app._HEAD
    assert page.delete_cache is not None


def test_the_last_answer_goes_when_the_next_photo_is_chosen(tmp_path: Path) -> None:
    page = demo_app.create_page(lambda: None, [tmp_path / "1.jpg"], print)  # type: ignore[arg-type, return-value]
    for name in ("camera", "choose"):
        (number,) = (key for key, block in page.blocks.items() if getattr(block, "elem_id", None) == name)
        pressed = [one for one in page.fns.values() if (number, "click") in one.targets]
        emptied = [type(output).__name__ for one in pressed for output in one.outputs]
        assert sorted(emptied) == ["HTML", "State"]
        (in_browser,) = (one for one in pressed if type(one.outputs[0]).__name__ == "HTML")
        assert in_browser.js == "() => ''" and in_browser.fn is None, "no answer of a server is waited for"


@pytest.mark.parametrize("code", list(LANGUAGES))
def test_what_speaks_against_an_answer_stands_below_it_in_the_language_that_was_chosen(code: str) -> None:
    class Script:
        class bundle:  # noqa: N801 - stands for an attribute
            class about:  # noqa: N801 - as above
                is_synthetic = False

    answer = Answer(
        "bundle", "run", ef_percent=60.0, ef_low=30.0, ef_high=50.0,
        overridden=("worse_than_median", "reads_the_header"),
    )  # fmt: skip
    shown = demo_app.answer_box(Script(), answer, code)  # type: ignore[arg-type]
    for note in (
        said(code, "outside"),
        said(code, "overridden_worse_than_median"),
        said(code, "overridden_other", verdicts="reads_the_header"),
    ):
        assert f'<p class="small">{note}</p>' in shown


@pytest.mark.parametrize("name", ["too_large", "busy", "failed"])
def test_what_is_refused_before_it_arrives_is_said_in_every_language(tmp_path: Path, name: str) -> None:
    page = demo_app.create_page(lambda: None, [], print, max_photo_mb=5)  # type: ignore[arg-type, return-value]
    (number,) = (key for key, block in page.blocks.items() if getattr(block, "elem_id", None) == name)
    (pressed,) = (one for one in page.fns.values() if (number, "click") in one.targets)
    assert pressed.fn is None and f'"{name}"' in demo_app._HEAD
    boxes = json.loads(str(pressed.js).removeprefix("(code) => (").removesuffix(")[code]"))
    for code in LANGUAGES:
        assert said(code, demo_app._REFUSALS[name], megabytes=5) in unescape(boxes[code])
    assert "body:not(.unsaid) .toast-wrap { display: none" in demo_app.CSS, "Gradio says it in English"


def test_every_sign_of_an_answer_is_escaped() -> None:
    class Script:
        class bundle:  # noqa: N801 - stands for an attribute
            class about:  # noqa: N801 - as above
                is_synthetic = False

    answer = Answer("<b>", "run", (Retake("unreadable", "", "<script>alert(1)</script>"),))
    shown = demo_app.answer_box(Script(), answer, "en")  # type: ignore[arg-type]
    assert "<script>" not in shown and "&lt;script&gt;" in shown
