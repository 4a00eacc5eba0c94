"""The remote reader against a server that misbehaves: every report answered once and in order, or failed by
name.
"""

from __future__ import annotations

import logging
import pickle
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin
from remote_readers import (
    FAULTS,
    MARKED,
    QUICK,
    FakeTime,
    Serve,
    code_of,
    first_time,
    page,
    pixel,
    reader_of,
    serve,
)
from stub_server import GOOD, Fault, ef_of_grey, pictures_in, right_answer

from db.errors import EchoDeskError
from db.fields.names import FieldName
from labeling.pages.page import Page
from labeling.readers.answer_schema import answer_schema
from labeling.readers.base import BatchReader, FieldAnswer, ReaderSpec, Reading, identity_of
from labeling.readers.prompts import PROMPTS
from labeling.readers.registry import build_reader
from labeling.readers.remote.errors import RemoteError
from labeling.readers.remote.reader import RemoteReader
from labeling.readers.remote.servers import Patience
from labeling.trust.asking_twice import AsksFields, ReadsAgain

__all__ = ["serve"]

SECRET = "sk-very-secret-0123456789"  # noqa: S105


def test_every_report_is_answered_once_in_order_and_never_too_many_at_once(serve: Serve) -> None:
    server = serve(fault_of=lambda number, body: Fault(delay_s=0.002 * (number % 5)))
    reader = reader_of(server, concurrency=4)
    assert isinstance(reader, BatchReader) and reader.batch_size == 4
    outcomes = reader.read_reports([page(grey) for grey in range(40)])
    assert [outcome.findings.ef_percent for outcome in outcomes] == [ef_of_grey(grey) for grey in range(40)]
    assert sorted(server.greys()) == list(range(40))
    assert 2 <= server.most_at_once <= 4
    assert reader.read_reports([]) == []


def test_a_request_holds_prompt_pages_and_form_and_nothing_else(serve: Serve) -> None:
    server = serve()
    reader = reader_of(server)
    reader.read_pages([*page(3), Page(2, Image.new("RGB", (40, 90), (9, 9, 9)), lossy=True)])
    (body,) = server.seen
    system, user = body.pop("messages")
    assert body == {
        "model": "tiny",
        "temperature": 0,
        "max_tokens": 768,
        "logprobs": True,
        "top_logprobs": 8,
        "response_format": {
            "type": "json_schema",
            "json_schema": {"name": "echo_report", "schema": without_bounds(answer_schema()), "strict": True},
        },
    }
    assert system == {"role": "system", "content": PROMPTS["read-1"].system}
    assert user["role"] == "user" and user["content"][-1] == {"type": "text", "text": PROMPTS["read-1"].user}
    kinds = [part["image_url"]["url"].partition(",")[0] for part in user["content"][:-1]]
    assert kinds == ["data:image/png;base64", "data:image/jpeg;base64"]
    assert not any("authorization" in head.lower() for head in server.heads)


def without_bounds(schema: dict[str, Any]) -> dict[str, Any]:
    """The schema with quotes of any length."""
    quote = {"anyOf": [{"type": "string"}, {"type": "null"}]}
    quotes = ("ef_quote", "lv_function", "rwma_quote", "pah_quote", "rvsp_quote")
    return schema | {"properties": schema["properties"] | dict.fromkeys(quotes, quote)}


TOO_LONG = right_answer(1).replace("EF 11 %", "EF 11 % " * 40)


@pytest.mark.parametrize("first", [Fault(content=TOO_LONG), Fault(content=TOO_LONG[:90], ends_early=True)])
def test_a_quote_that_runs_on_is_asked_for_again_with_a_bound(serve: Serve, first: Fault) -> None:
    server = serve(fault_of=first_time(first))
    reader = reader_of(server)
    generation = reader.read_pages(page(1)).generation
    assert generation is not None and generation.decoding["bounded_quotes"] is True
    schemas = [body["response_format"]["json_schema"]["schema"] for body in server.seen]
    assert schemas == [without_bounds(answer_schema()), answer_schema()]
    reader.read_pages(page(2))
    assert server.seen[-1]["response_format"]["json_schema"]["schema"] == schemas[0], (
        "one bad answer is not a habit"
    )


def test_pictures_go_out_at_a_bounded_size_without_metadata(serve: Serve) -> None:
    server = serve()
    exif = Image.Exif()
    exif[0x010E] = MARKED
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", MARKED)
    pages = []
    for lossy in (False, True):
        picture = Image.new("RGB", (600, 400), (80, 80, 80))
        picture.info.update(
            {"exif": exif.tobytes(), "comment": MARKED.encode(), "icc_profile": MARKED.encode()}
        )
        picture.info["pnginfo"] = text
        pages.append(Page(1, picture, lossy))
    reader_of(server, max_pixels=28 * 28 * 20).read_pages(pages)
    for picture in pictures_in(server.seen[0]):
        assert picture.size == (140, 84)
        assert not set(picture.info) & {"exif", "comment", "Comment", "icc_profile"} and not picture.getexif()
    assert MARKED not in str(server.seen)


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_one_fault_is_survived_by_asking_again(serve: Serve, fault: Fault) -> None:
    server = serve(fault_of=first_time(fault))
    reading = reader_of(server).read_pages(page(1))
    assert reading.findings.ef_percent == 11
    assert server.greys() == [1, 1]
    assert reading.generation is not None and reading.generation.decoding["requests"] == 2


@pytest.mark.parametrize(
    ("fault", "code", "requests"),
    [
        (Fault(status=429), "busy", 4),
        (Fault(status=500, text=MARKED), "server_error", 4),
        (Fault(status=503), "server_error", 4),
        (Fault(drop=True), "connection_lost", 4),
        (Fault(delay_s=0.5), "timeout", 4),
        (Fault(trickle_s=0.05), "timeout", 4),
        (Fault(status=400, text=MARKED), "refused", 3),
        (Fault(status=401), "no_entry", 1),
        (Fault(status=404), "no_such_model", 1),
        (Fault(status=413), "refused", 1),
        (Fault(status=307, headers=(("Location", "http://127.0.0.1:9/v1"),)), "refused", 1),
        (Fault(raw=b"[]"), "bad_reply", 3),
        (Fault(content="  "), "bad_reply", 3),
        (Fault(content=MARKED), "not_json", 3),
        (Fault(content=right_answer(1)[:70]), "not_json", 3),
        (Fault(content=right_answer(1)[:70], ends_early=True), "not_json, cut off at the length limit", 2),
        (Fault(content=right_answer(1).replace('"11"', '"570"')), "bad_ef", 3),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_fault_that_stays_ends_in_a_named_failure_after_a_few_requests(
    serve: Serve, fault: Fault, code: str, requests: int
) -> None:
    server = serve(fault_of=lambda number, body: fault)
    # Only who is waited for in vain: on a busy machine a good answer takes a while, too.
    timeout_s = 0.2 if code == "timeout" else QUICK.timeout_s
    patience = replace(QUICK, timeout_s=timeout_s, max_retries=3, max_bad_answers=2)
    (outcome,) = reader_of(server, patience=patience).read_reports([page(1)])
    assert code_of(outcome) == code
    assert len(server.seen) == requests
    assert isinstance(outcome, EchoDeskError) and outcome.hint
    assert (
        MARKED not in f"{outcome} {outcome.message} {outcome.hint} {outcome.__cause__} {outcome.__context__}"
    )


def test_one_bad_report_fails_alone(serve: Serve) -> None:
    server = serve(fault_of=lambda number, body: Fault(status=500) if pixel(body) == 3 else GOOD)
    outcomes = reader_of(server).read_reports([page(grey) for grey in range(8)])
    assert [code_of(outcome) for outcome in outcomes] == ["reading"] * 3 + ["server_error"] + ["reading"] * 4
    with pytest.raises(RemoteError):
        reader_of(server).read_pages(page(3))


def refusing(*words: str) -> Callable[[int, dict[str, Any]], Fault]:
    """Answer 400 to whoever asks for one of these, and say so."""

    def fault_of(number: int, body: dict[str, Any]) -> Fault:
        wanted = [word for word in words if word in body]
        return Fault(status=400, text=f"extra inputs: {wanted[0]}") if wanted else GOOD

    return fault_of


@pytest.mark.parametrize(
    ("words", "grammar", "requests"),
    [
        (("response_format",), "none", 2),
        (("logprobs",), "json_schema", 2),
        (("logprobs", "response_format"), "none", 3),
    ],
)
def test_what_a_server_refuses_is_left_out_remembered_and_written_down(
    serve: Serve, words: tuple[str, ...], grammar: str, requests: int
) -> None:
    server = serve(fault_of=refusing(*words))
    reader = reader_of(server)
    first = reader.read_pages(page(1)).generation
    assert first is not None and len(server.seen) == requests
    assert (first.decoding["grammar"], first.decoding["logprobs"]) == (grammar, "logprobs" not in words)
    second = reader.read_pages(page(2)).generation
    assert second is not None and len(server.seen) == requests + 1, "it should not ask for it again"
    assert second.decoding["grammar"] == grammar


def test_a_report_that_is_refused_for_its_own_sake_changes_nothing_for_the_next(serve: Serve) -> None:
    server = serve(
        fault_of=lambda number, body: Fault(status=400, text="too long") if pixel(body) == 1 else GOOD
    )
    reader = reader_of(server)
    (refused, read) = (reader.read_reports([page(grey)])[0] for grey in (1, 2))
    assert code_of(refused) == "refused"
    assert isinstance(read, Reading) and read.generation is not None
    assert read.generation.decoding["grammar"] == "json_schema" and read.confidence


def test_it_can_be_asked_again_in_other_words_and_about_a_piece_of_a_page(serve: Serve) -> None:
    server = serve(fault_of=lambda number, body: Fault(content=MARKED) if pixel(body) == 9 else GOOD)
    reader = reader_of(server)
    assert isinstance(reader, ReadsAgain) and isinstance(reader, AsksFields)
    (again,) = reader.read_again([page(7)], "read-2")
    assert isinstance(again, Reading) and again.generation is not None
    assert again.generation.prompt_id == "read-2" and again.findings.ef_percent == ef_of_grey(7)
    assert server.seen[-1]["messages"][0]["content"] == PROMPTS["read-2"].system
    pieces = [Image.new("L", (28, 28), grey) for grey in (5, 6, 7, 9)]
    fields: tuple[FieldName, ...] = ("ef_percent", "rwma", "rvsp_mmhg", "pah")
    *found, failed = reader.ask_fields(list(zip(fields, pieces, strict=True)))
    assert [answer.value for answer in found if isinstance(answer, FieldAnswer)] == ["15", "absent", None]
    assert [answer.probability for answer in found if isinstance(answer, FieldAnswer)] == pytest.approx(
        [0.81, 1, 1]
    )
    assert isinstance(failed, EchoDeskError) and "bad_field" in failed.message and MARKED not in str(failed)
    questions = [body["messages"][1]["content"][-1]["text"] for body in server.seen[1:]]
    assert PROMPTS["check-1-ef_percent"].user in questions
    with pytest.raises(EchoDeskError, match="no prompt"):
        reader.read_again([page(7)], "read-99")


@pytest.mark.parametrize(
    "retry_after", ["7", "Fri, 15 Jan 2027 08:16:47 GMT"], ids=["seconds", "date"]
)  # the date is seven seconds after the fake beginning
def test_a_server_that_names_a_time_is_left_alone_until_then(serve: Serve, retry_after: str) -> None:
    fake = FakeTime()
    asked_at: list[float] = []

    def fault_of(number: int, body: dict[str, Any]) -> Fault:
        asked_at.append(fake.now_s)
        return Fault(status=429, headers=(("Retry-After", retry_after),)) if number == 1 else GOOD

    server = serve(fault_of=fault_of)
    reader_of(server, patience=replace(QUICK, give_up_s=60), **fake.options()).read_pages(page(1))
    assert asked_at[0] == 1000
    assert 1007 <= asked_at[1] < 1008.1


def test_a_server_that_asks_for_days_is_not_waited_for(serve: Serve) -> None:
    fake = FakeTime()
    server = serve(fault_of=lambda number, body: Fault(status=429, headers=(("Retry-After", "999999"),)))
    (outcome,) = reader_of(server, patience=Patience(), **fake.options()).read_reports([page(1)])
    assert code_of(outcome) in ("timeout", "busy")
    assert fake.now_s - 1000 <= Patience().give_up_s + 1
    assert len(server.seen) <= 6


def test_a_server_that_stays_away_is_given_up_after_the_agreed_time(serve: Serve) -> None:
    fake = FakeTime()
    server = serve()
    reader = reader_of(server, patience=Patience(), **fake.options())
    server.stop()
    (outcome,) = reader.read_reports([page(1)])
    assert code_of(outcome) == "unreachable"
    assert Patience().give_up_s - 1 <= fake.now_s - 1000 <= Patience().give_up_s + 1
    assert len(fake.waits) < 60


def test_the_version_tells_model_prompt_and_settings_apart_and_not_addresses(serve: Serve) -> None:
    first, second = serve(key=SECRET), serve(key=SECRET)
    versions = {
        reader_of(server, api_key=SECRET, **more).version
        for server in (first, second)
        for more in ({}, {"prompt": "read-2"}, {"max_pixels": 28 * 28 * 9})
    }
    assert len(versions) == 3
    assert all(version.startswith("tiny+read-") for version in versions)
    spec = ReaderSpec("remote", {"urls": [first.url], "api_key": SECRET, "concurrency": 2})
    identity = identity_of(build_reader(spec))
    assert (identity.name, identity.weights_revision, identity.prompt_version) == (
        "remote",
        "org/tiny",
        "read-1",
    )
    assert not any(word in str(identity) for word in (SECRET, "127.0.0.1", str(first.port)))


def test_the_key_goes_to_the_server_and_nowhere_else(serve: Serve, caplog: pytest.LogCaptureFixture) -> None:
    server = serve(key=SECRET)
    with caplog.at_level(logging.DEBUG):
        reader = reader_of(server, api_key=SECRET)
        reading = reader.read_pages(page(1))
        with pytest.raises(RemoteError) as caught:
            reader_of(server, api_key="wrong")
    assert all(f"Bearer {SECRET}" in head for head in server.heads[:2])
    assert caught.value.code == "no_entry"
    for told in (repr(reader), str(reading), str(caught.value), caplog.text):
        assert SECRET not in told
    assert "data:image" not in caplog.text and "EF 11" not in caplog.text
    with pytest.raises(EchoDeskError) as broken:
        reader_of(server, api_key=f"{SECRET}\n")
    assert SECRET not in f"{broken.value} {broken.value.hint}"


def test_a_proxy_in_the_environment_gets_no_page(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy, server = serve(), serve()
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.1:{proxy.port}")
    reader_of(server).read_pages(page(1))
    assert len(server.seen) == 1 and proxy.heads == []


def test_a_failure_crosses_process_borders_whole() -> None:
    error = RemoteError("refused", "413")
    again = pickle.loads(pickle.dumps(error))  # noqa: S301
    assert (again.code, again.message, again.hint) == ("refused", error.message, error.hint)


@pytest.mark.parametrize(
    "options",
    [
        {"prompt": "read-99"},
        {"prompt": "check-1-rwma"},
        {"concurrency": 0},
        {"min_pixels": 10, "max_pixels": 5},
    ],
)
def test_an_option_that_makes_no_sense_is_said_before_anything_is_sent(options: dict[str, Any]) -> None:
    with pytest.raises(EchoDeskError):
        RemoteReader(["http://127.0.0.1:9"], **options)


anything_bad = st.sampled_from(
    [*FAULTS.values(), Fault(status=400), Fault(status=418), Fault(ends_early=True)]
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(script=st.lists(st.one_of(st.just(GOOD), anything_bad), max_size=30), reports=st.integers(1, 8))
def test_whatever_the_faults_each_report_is_read_rightly_or_fails_by_name(
    serve: Serve, script: Sequence[Fault], reports: int
) -> None:
    server = serve(fault_of=lambda number, body: script[number - 1] if number <= len(script) else GOOD)
    patience = replace(QUICK, first_wait_s=0.001, longest_wait_s=0.002, first_cool_down_s=0.001)
    outcomes = reader_of(server, patience=replace(patience, longest_cool_down_s=0.005)).read_reports(
        [page(grey) for grey in range(20, 20 + reports)]
    )
    assert len(outcomes) == reports
    for grey, outcome in enumerate(outcomes, start=20):
        if isinstance(outcome, Reading):
            # Two faults carry another report's well-formed numbers; a server that lies well is not found out
            # here.
            assert outcome.findings.ef_percent == ef_of_grey(grey)
        else:
            assert isinstance(outcome, EchoDeskError) and outcome.message and outcome.hint
            assert MARKED not in str(outcome)
    most = 1 + QUICK.max_retries + QUICK.max_bad_answers + 2
    assert max(Counter(server.greys()).values()) <= most
