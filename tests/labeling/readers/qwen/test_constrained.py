"""The form that answers are held to, token by token: nothing outside it can be written, and it never gets
stuck.
"""

from __future__ import annotations

import json
import random
import re
import unicodedata
from functools import cache
from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="the optional set vlm is not installed")
xgrammar = pytest.importorskip("xgrammar", reason="the optional set vlm is not installed")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from db.errors import EchoDeskError  # noqa: E402
from labeling.readers.answer_schema import CLOSED_KEYS, answer_schema  # noqa: E402
from labeling.readers.parse import parse_answer  # noqa: E402
from labeling.readers.qwen.constrained import (  # noqa: E402
    AnswerGrammar,
    GrammarState,
    Spelling,
    StringLengths,
    grammar_text,
)
from labeling.readers.qwen.generation import token_limit  # noqa: E402

BEFORE_QUOTE = '{"ef_quote":'
BEFORE_EF = '{"ef_quote":null,"ef_state":"stated","ef_operator":"=","ef":'


@cache
def byte_matcher_grammar() -> Any:
    vocabulary = [bytes([byte]) for byte in range(256)] + [b"<end>"]
    info = xgrammar.TokenizerInfo(vocabulary, stop_token_ids=[256])
    return xgrammar.GrammarCompiler(info).compile_grammar(
        xgrammar.Grammar.from_ebnf(grammar_text(answer_schema()))
    )


def may_begin(text: str | bytes) -> bool:
    """Whether an answer may begin so."""
    return bool(xgrammar.GrammarMatcher(byte_matcher_grammar()).accept_string(text))


@pytest.mark.parametrize(
    "quote", ["", "LVEF 55 %", "é", "Δ 40–45", "a\u00a0b", "😀", "x" * 160, "(mild)", "a "]
)
def test_a_quote_may_hold_any_visible_words(quote: str) -> None:
    assert may_begin(f'{BEFORE_QUOTE}"{quote}",')


@pytest.mark.parametrize(
    "quote",
    [
        b"a\tb",
        b"a\nb",
        b"a\x00b",
        b"a\x1bb",
        b"a\x7fb",
        "a\u0085b".encode(),
        "a\u2028b".encode(),
        b"a\\nb",  # no escapes: what a quote says is what stands on the page
        b"a\xffb",
        b"a\xc0\x80",
        b"a\xed\xa0\x80",
    ],
)
def test_a_quote_never_holds_what_is_not_json_or_cannot_be_seen(quote: bytes) -> None:
    assert not may_begin(BEFORE_QUOTE.encode() + b'"' + quote)


@pytest.mark.parametrize("quote", [" ", "  LVEF", "\u00a0LVEF", "\u3000", "\ufeffLVEF"])
def test_a_quote_is_never_blank_and_never_begins_with_a_blank(quote: str) -> None:
    assert not may_begin(f'{BEFORE_QUOTE}"{quote}"')


@pytest.mark.parametrize("number", ['"5"', '"55"', '"90.00"', '"50-55"', '"7.5-10.25"', "null"])
def test_a_number_within_the_bounds_may_be_written(number: str) -> None:
    assert may_begin(f"{BEFORE_EF}{number},")


@pytest.mark.parametrize(
    "number", ['"257', '"91', '"4"', '"055', '"55%', '"50-', '"90.5', "55", '""', '"5.555']
)
def test_a_number_outside_the_bounds_cannot_be_written(number: str) -> None:
    assert not may_begin(f'{BEFORE_EF}{number}",')


def test_every_bounded_string_of_the_form_is_tightened() -> None:
    text = grammar_text(answer_schema())
    assert text.count(r"[^\"\\\0- \x7f-\xa0") == text.count(r"[^\"\\\0-\x1f\x7f-\x9f") == 5
    assert r"[^\"\\\r\n]" not in text


def test_a_bounded_string_written_in_another_way_is_refused_and_not_let_through() -> None:
    schema = {"type": "object", "properties": {"a": {"type": "string", "maxLength": 40}}, "required": ["a"]}
    with pytest.raises(EchoDeskError, match="xgrammar"):
        grammar_text(schema)


def open_grammar(checkpoint: Path, **changes: Any) -> AnswerGrammar:
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(checkpoint)
    size = len(tokenizer) + 7  # a model gives more numbers than there are tokens
    return AnswerGrammar(
        tokenizer, vocabulary_size=size, stop_tokens=[tokenizer.eos_token_id, *changes.get("stop", [])]
    )


@pytest.fixture(scope="module")
def grammar(tiny_checkpoint: Path) -> AnswerGrammar:
    return open_grammar(tiny_checkpoint)


@pytest.fixture(scope="module")
def tokenizer(tiny_checkpoint: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(tiny_checkpoint)


def allowed_tokens(grammar: AnswerGrammar, state: GrammarState) -> list[int]:
    mask = grammar.new_mask(1)
    state.fill(mask, 0)
    scores = torch.zeros(1, grammar.vocabulary_size)
    grammar.apply(scores, mask)
    return [int(token) for token in torch.isfinite(scores[0]).nonzero()[:, 0]]


def wander(grammar: AnswerGrammar, tokenizer: Any, seed: int) -> str:
    """One answer of tokens drawn at random from those allowed; long quotes are as likely as short ones."""
    choose = random.Random(seed)
    closing = choose.choice([0.0, 0.02, 0.2])
    state = grammar.start(answer_schema())
    tokens = state.take_forced()
    quotes = [
        token for token in range(len(tokenizer)) if tokenizer.convert_ids_to_tokens(token).startswith('"')
    ]
    for _ in range(token_limit(answer_schema(), is_held=True)):
        allowed = allowed_tokens(grammar, state)
        ends = [token for token in quotes if token in allowed]
        token = choose.choice(ends if ends and choose.random() < closing else allowed)
        state.take(token)
        if state.is_ended:
            return str(tokenizer.decode(tokens, clean_up_tokenization_spaces=False))
        tokens += [token, *state.take_forced()]
    raise AssertionError("an answer did not end within the limit")


def check_form(text: str) -> None:
    """What the schema says, put down once more and independently of it."""
    answer = json.loads(text)
    assert list(answer) == list(answer_schema()["properties"])
    for key in ("ef_quote", "lv_function", "rwma_quote", "pah_quote", "rvsp_quote"):
        assert len(answer[key] or "") <= 160
        assert not any(unicodedata.category(letter) in ("Cc", "Cs") for letter in answer[key] or "")
        assert not answer[key] or answer[key][0].strip()
    for key, values in CLOSED_KEYS.items():
        assert answer[key] in (None, *values)
    for key, low, high in (("ef", 5, 90), ("rvsp", 5, 200)):
        if answer[key] is not None:
            assert re.fullmatch(r"\d{1,3}(\.\d\d?)?(-\d{1,3}(\.\d\d?)?)?", answer[key])
            assert all(low <= float(end) <= high for end in answer[key].split("-"))
    parse_answer(text)


@pytest.mark.parametrize("seed", range(25))
def test_tokens_drawn_at_random_always_make_an_answer_of_the_form(
    grammar: AnswerGrammar, tokenizer: Any, seed: int
) -> None:
    check_form(wander(grammar, tokenizer, seed))


def test_a_quote_that_goes_on_and_on_is_ended_after_160_letters(
    grammar: AnswerGrammar, tokenizer: Any
) -> None:
    state = grammar.start(answer_schema())
    state.take_forced()
    for token in tokenizer('":"', add_special_tokens=False)["input_ids"]:
        state.take(token)
    written = ""
    while True:
        words = [str(tokenizer.convert_ids_to_tokens(token)) for token in allowed_tokens(grammar, state)]
        words = [word for word in words if word.isascii() and word.isalpha()]
        if not words:
            break
        written += max(words, key=len)
        state.take(tokenizer.convert_tokens_to_ids(max(words, key=len)))
    assert len(written) == 160


def test_what_has_to_come_is_put_down_and_its_last_piece_is_left_to_the_model(
    grammar: AnswerGrammar, tokenizer: Any
) -> None:
    state = grammar.start(answer_schema())
    assert tokenizer.decode(state.take_forced()) == '{"ef_quote'


def test_a_token_outside_the_form_is_refused(grammar: AnswerGrammar, tokenizer: Any) -> None:
    state = grammar.start(answer_schema())
    with pytest.raises(ValueError, match="forbids"):
        state.take(tokenizer("mild", add_special_tokens=False)["input_ids"][0])


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_tokens_that_are_certain_stay_the_same_whatever_follows(tokenizer: Any, data: st.DataObject) -> None:
    signs = st.text(alphabet='abef_quote":,{}[] 05.-%', max_size=14)
    text, ending = data.draw(signs), data.draw(signs)
    certain = list(Spelling(tokenizer).certain_tokens(text))
    assert tokenizer(text + ending, add_special_tokens=False)["input_ids"][: len(certain)] == certain


def test_a_word_added_to_the_tokenizer_whole_is_never_begun_in_pieces(tokenizer: Any) -> None:
    from copy import deepcopy

    larger = deepcopy(tokenizer)
    larger.add_tokens(['","rwma":"'])
    assert tokenizer.decode(Spelling(tokenizer).certain_tokens('mild","rwma":')) == 'mild","rwma'
    assert larger.decode(Spelling(larger).certain_tokens('mild","rwma":')) == "mild"


def test_letters_of_the_string_being_written_are_counted_across_tokens() -> None:
    vocabulary = [b'{"', b"ab", b'":"', "é".encode(), b"\xc3", b"\xa9", b'c","d', b'"}']
    lengths = StringLengths(vocabulary, 32)
    seen, so_far = [], None
    for token in range(len(vocabulary)):
        so_far = lengths.after(so_far, token)
        seen.append(so_far)
    assert seen == [0, 2, 0, 1, 2, 2, 1, None]


def test_only_tokens_that_fit_into_the_rest_of_a_string_are_left() -> None:
    vocabulary = [b'"', b"a", b"ab", b'a","bcd', b"abc"]
    mask = torch.full((1,), -1, dtype=torch.int32)
    StringLengths(vocabulary, 32).narrow(mask, 1)
    assert [bool(int(mask[0]) >> token & 1) for token in range(5)] == [True, True, False, True, False]


def test_a_quote_never_holds_the_tokens_of_pictures_and_turns(grammar: AnswerGrammar, tokenizer: Any) -> None:
    state = grammar.start(answer_schema())
    for token in tokenizer.encode('{"ef_quote":"L', add_special_tokens=False):
        state.take(token)
    special = {number for number, added in tokenizer.added_tokens_decoder.items() if added.special}
    allowed = set(allowed_tokens(grammar, state))
    assert len(special) >= 6 and len(allowed) > 100
    assert not special & allowed
