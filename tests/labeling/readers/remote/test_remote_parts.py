"""The parts of the remote reader that need no server: addresses, sizes, waits, choice of a server,
confidence.
"""

from __future__ import annotations

import json
import math
import random
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from db.errors import EchoDeskError
from labeling.readers.remote.field_answers import field_confidence
from labeling.readers.remote.reply import ReplyError, TokenChance, models_of, reply_of
from labeling.readers.remote.request import AskFor, fitted_size, what_was_refused, without
from labeling.readers.remote.servers import Patience, ServerPool
from labeling.readers.remote.transport import checked_addresses, checked_key, rest_asked_s


@pytest.mark.parametrize(
    ("given_url", "address"),
    [
        ("http://127.0.0.1:8000", "http://127.0.0.1:8000/v1"),
        ("http://localhost:8000/v1/", "http://localhost:8000/v1"),
        ("http://[::1]:8000", "http://[::1]:8000/v1"),
        (" https://gpu-1.example ", "https://gpu-1.example/v1"),
        ("https://gpu.example/vlm", "https://gpu.example/vlm/v1"),
    ],
)
def test_an_address_is_brought_to_one_form(given_url: str, address: str) -> None:
    assert checked_addresses([given_url, given_url]) == [address]
    assert checked_addresses(given_url) == [address]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "127.0.0.1:8000",
        "ftp://127.0.0.1",
        "http://",
        "http://10.0.0.7:8000/v1",
        "http://gpu.example",
        "http://127.0.0.1.example.org",
        "http://localhost.example.org",
        "http://0.0.0.0:8000",
        "https://ana:hunter2@gpu.example",
        "https://gpu.example/v1?key=hunter2",
        "https://gpu.example/v1#hunter2",
        "http://127.0.0.1:99999",
        "http://[::1",
    ],
)
def test_an_address_that_could_leak_or_means_nothing_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(EchoDeskError) as caught:
        checked_addresses([url])
    assert "hunter2" not in f"{caught.value} {caught.value.hint}"
    assert caught.value.hint


def test_plain_http_over_a_network_needs_a_word_of_its_own_and_no_address_is_made_up() -> None:
    assert checked_addresses(["http://10.0.0.7:8000"], allow_plain_http=True) == ["http://10.0.0.7:8000/v1"]
    with pytest.raises(EchoDeskError, match="no model server is named"):
        checked_addresses([])


@pytest.mark.parametrize("key", ["two words", "key\n", "schlüssel", "\x00"])
def test_a_key_that_fits_no_header_is_refused_without_repeating_it(key: str) -> None:
    with pytest.raises(EchoDeskError) as caught:
        checked_key(key)
    assert key not in str(caught.value)
    assert checked_key("sk-1234/x=") == "sk-1234/x="


def test_a_page_is_never_sent_larger_than_allowed_unless_a_side_is_one_token() -> None:
    assert fitted_size(2480, 3508, min_pixels=784, max_pixels=1280 * 784) == (840, 1176)
    assert fitted_size(30, 20, min_pixels=16 * 784, max_pixels=1280 * 784) == (140, 112)
    assert fitted_size(20000, 10, min_pixels=784, max_pixels=784 * 4)[1] == 28


@given(times=st.integers(1, 60), seed=st.integers(0, 99))
def test_a_wait_is_anywhere_between_nothing_and_a_doubling_bounded_limit(times: int, seed: int) -> None:
    patience = Patience(first_wait_s=0.5, longest_wait_s=20)
    wait_s = patience.wait_s(times, random.Random(seed))
    assert 0 <= wait_s <= min(20, 0.5 * 2 ** (times - 1))


def test_waits_are_spread_over_the_whole_range() -> None:
    rng = random.Random(3)
    waits = [Patience(first_wait_s=1, longest_wait_s=8).wait_s(4, rng) for _ in range(400)]
    assert min(waits) < 0.5 and max(waits) > 7.5 and 3.6 < sum(waits) / 400 < 4.4


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("12", 12),
        (" 0 ", 0),
        ("soon", None),
        ("-3", None),
        ("Wed, 25 Nov 2026 10:00:30 GMT", 30),
        ("Wed, 25 Nov 2026 09:00:00 GMT", 0),
        ("9" * 400, 999999999),
    ],
)
def test_a_retry_after_is_understood_in_both_its_forms(header: str | None, seconds: float | None) -> None:
    assert rest_asked_s(header, datetime(2026, 11, 25, 10, tzinfo=UTC)) == seconds


def pool_of(count: int) -> ServerPool:
    return ServerPool(
        [f"http://127.0.0.1:{number}/v1" for number in range(count)],
        concurrency=2,
        first_cool_down_s=1,
        longest_cool_down_s=4,
    )


def test_the_least_busy_server_is_chosen_and_none_gets_more_than_its_share() -> None:
    pool = pool_of(2)
    taken = [pool.take(0.0) for _ in range(5)]
    assert taken[4] is None
    assert sorted(server.url for server in taken if server) == sorted(
        2 * [server.url for server in pool.servers]
    )
    first = taken[0]
    assert first is not None
    pool.give_back(first)
    assert pool.take(0.0) is first


def test_a_server_that_is_gone_rests_longer_each_time_and_is_then_tried_with_one_request() -> None:
    pool = pool_of(1)
    (server,) = pool.servers
    now_s, rests = 0.0, []
    for _ in range(4):
        assert pool.take(now_s) is server
        pool.could_not_be_reached(server, now_s)
        pool.could_not_be_reached(server, now_s)  # another request that was under way with it: counts once
        pool.give_back(server)
        rests.append(pool.wait_s(now_s))
        assert pool.take(now_s + rests[-1] - 0.01) is None
        now_s += rests[-1]
    assert rests == [1, 2, 4, 4]
    assert pool.gone_for_s(now_s) == now_s
    assert pool.take(now_s) is server and pool.take(now_s) is None
    pool.went_well(server)
    assert pool.take(now_s) is server and pool.gone_for_s(now_s) == 0


def test_a_server_that_answers_with_errors_is_put_aside_at_the_third_in_a_row() -> None:
    pool = pool_of(1)
    (server,) = pool.servers
    for number in (1, 2):
        pool.answered_with_error(server, 0.0)
        assert pool.wait_s(0.0) == 0, number
    pool.went_well(server)
    for _ in range(3):
        pool.answered_with_error(server, 0.0)
    assert pool.wait_s(0.0) == 1


def test_what_was_refused_is_found_by_name_or_left_out_in_turn() -> None:
    both = AskFor()
    assert what_was_refused(400, "unknown field response_format", both) == "response_format"
    assert what_was_refused(422, "bad request", both) == "logprobs"
    assert what_was_refused(400, "", without(both, frozenset({"logprobs"}))) == "response_format"
    assert what_was_refused(400, "", AskFor(schema=False, logprobs=False)) == ""
    assert what_was_refused(413, "logprobs", both) == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no",
        b"[]",
        b"{}",
        b'{"choices": 3}',
        b'{"choices": [{"message": {}}]}',
        b"\xff\xfe",
        b"[" * 100_000,
    ]
    + [b'{"choices": [{"message": {"content": 7}}]}', b'{"choices": [{"message": {"content": null}}]}'],
)
def test_a_reply_of_another_form_has_a_name(body: bytes) -> None:
    with pytest.raises(ReplyError, match="^reply_[a-z_]+$"):
        reply_of(body)


json_values = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3),
    max_leaves=6,
)


@given(
    choice=st.dictionaries(st.sampled_from(["logprobs", "finish_reason", "usage"]), json_values),
    usage=json_values,
)
def test_odd_extras_of_a_reply_never_cost_the_answer(choice: dict[str, object], usage: object) -> None:
    body = {"choices": [{"message": {"content": "{}"}, **choice}], "usage": usage}
    assert reply_of(json.dumps(body).encode()).text == "{}"


def test_a_list_of_models_gives_name_and_revision() -> None:
    listed = models_of(
        json.dumps({"data": [{"id": "a", "root": ""}, {"root": "x"}, 7, {"id": "b", "root": "o/b"}]}).encode()
    )
    assert [(model.name, model.revision) for model in listed] == [("a", "unknown"), ("b", "o/b")]
    with pytest.raises(ReplyError):
        models_of(b'{"data": "a"}')


def chances(*parts: tuple[str, float] | tuple[str, float, dict[str, float]]) -> list[TokenChance]:
    """Tokens with their probability and, at most, what else could have stood there."""
    return [
        TokenChance(
            part[0].encode(),
            part[1],
            tuple((k.encode(), v) for k, v in (part[2] if len(part) > 2 else {}).items()),
        )
        for part in parts
    ]


def test_confidence_is_the_product_over_the_tokens_of_the_value() -> None:
    tokens = chances(
        ('{"pah":', 0.9),
        ('"', 0.8),
        ("mild", 0.5),
        ('"', 1.0),
        (',"rvsp":"', 0.5),
        ("4", 0.9),
        ("2", 0.7),
        ('"', 0.6),
        ("}", 0.1),
    )
    text = '{"pah":"mild","rvsp":"42"}'
    found = field_confidence(text, tokens)
    assert found == pytest.approx({"pah": 0.8 * 0.5, "rvsp_mmhg": 0.5 * 0.9 * 0.7 * 0.6})
    assert field_confidence(text, [*tokens, *chances(("<|im_end|>", 0.2))]) == found


def test_in_a_closed_field_only_allowed_answers_take_probability_away() -> None:
    others = {"moderate": 0.3, "Mild": 0.2, "mil": 0.05, "present_un": 0.1}
    tokens = chances(('{"pah":"', 1.0), ("mild", 0.3, others), ('"}', 1.0))
    # `Mild` is none of the answers; `mil` begins the one printed; the other two begin another.
    assert field_confidence('{"pah":"mild"}', tokens) == pytest.approx({"pah": 0.35 / 0.8})


def test_null_is_weighed_against_the_quotation_mark() -> None:
    tokens = chances(('{"pah":', 1.0), ("null", 0.2, {'"': 0.35, '"mild': 0.25, "NULL": 0.2}), ("}", 1.0))
    assert field_confidence('{"pah":null}', tokens) == pytest.approx({"pah": 0.2 / 0.8})


def test_a_letter_split_between_tokens_does_not_shift_the_rest() -> None:
    text = '{"pah_quote":"é","pah":"mild"}'
    first, second = "é".encode()[:1], "é".encode()[1:]
    tokens = [
        *chances(('{"pah_quote":"', 0.5)),
        TokenChance(first, 0.5),
        TokenChance(second, 0.5),
        *chances(('","pah":"', 0.9), ("mild", 0.5), ('"}', 1.0)),
    ]
    assert field_confidence(text, tokens) == pytest.approx({"pah": 0.45})


def test_tokens_that_are_not_those_of_the_answer_give_no_confidence() -> None:
    assert field_confidence('{"pah":"mild"}', chances(('{"pah":"', 1.0), ("none", 0.9), ('"}', 1.0))) == {}
    assert field_confidence('{"pah":"mild"}', []) == {}


def test_a_logprob_beyond_reason_is_no_probability() -> None:
    def tokens_of(logprob: object) -> int:
        entry = {"token": "x", "logprob": logprob}
        body = {"choices": [{"message": {"content": "x"}, "logprobs": {"content": [entry]}}]}
        return len(reply_of(json.dumps(body).encode()).tokens)

    assert tokens_of(-1.0) == 1 and tokens_of(-math.inf) == 1
    assert tokens_of(math.nan) == tokens_of("low") == tokens_of(True) == tokens_of(None) == 0
