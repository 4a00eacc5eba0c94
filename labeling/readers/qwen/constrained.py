"""Holds a model's answer to the agreed form, token by token, with xgrammar.

The grammar is made from the JSON schema and then tightened: as xgrammar 0.2 writes it, a bounded string may
hold raw control characters, which is not JSON, and may be blank, which is no quote. An empty one is let
through and means null: a model that has put down the quotation mark and finds no words would have to make
some up. The bound itself is kept
here and not by the grammar: counted out to 160 it took xgrammar a minute to prepare for a vocabulary of
150,000 tokens, and 0.2 s a token near the end of a quote; without it, 1 s and some microseconds.

Where only one continuation is possible (`","ef_state":`), it is put down without asking the model; the last
piece of it, which might be spelt together with what follows, is left to the model. So a trained model sees
its answers spelt as in training, and much of an answer costs no forward pass.
"""

from __future__ import annotations

import importlib.util
import json
import re
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from db.errors import EchoDeskError, pip_install
from labeling.readers.answer_schema import QUOTE_MAX_CHARACTERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch

# What a quote may hold: no control characters, no line ends, no halves of a character.
_QUOTE_CHARACTER: Final = r"[^\"\\\0-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]"
# A quote begins with something that can be seen.
_FIRST_CHARACTER: Final = (
    r"[^\"\\\0- \x7f-\xa0\u1680\u2000-\u200f\u2028-\u202f\u205f\u2060\u3000\ud800-\udfff\ufeff]"
)
# How xgrammar writes a bounded string that may be null, and the rule for one character of it.
_BOUNDED_STRING = re.compile(
    r"\(\((?P<name>\w+)\) \| \(basic_null\)\)\n(?P=name) ::= "
    rf'\(\("\\"" (?P=name)_characters\{{0, {QUOTE_MAX_CHARACTERS}\}} "\\""\)\)'
)
_CHARACTER_RULE = re.compile(r'^\w+_characters ::= \(\(\[\^\\"\\\\\\r\\n\]\)\)\n', re.MULTILINE)


def is_available() -> bool:
    """Whether xgrammar is installed."""
    return importlib.util.find_spec("xgrammar") is not None


def name_and_version() -> str:
    """Such as `xgrammar 0.2.8`: stored with every answer it held."""
    from importlib.metadata import version

    return f"xgrammar {version('xgrammar')}"


def grammar_text(schema: dict[str, Any]) -> str:
    """The grammar of a schema's answers, compact JSON, in the notation xgrammar reads.

    Raises:
        EchoDeskError: xgrammar writes bounded strings in another way than the one this knows how to tighten.
    """
    import xgrammar

    written = str(
        xgrammar.Grammar.from_json_schema(
            json.dumps(schema), any_whitespace=False, separators=(",", ":"), strict_mode=True
        )
    )
    words = rf'(("\"" {_FIRST_CHARACTER} {_QUOTE_CHARACTER}* "\""))'
    # The empty string stands beside null and not within the string's own rule, where it would cost 0.6 ms a
    # token.
    tightened, strings = _BOUNDED_STRING.subn(
        lambda found: rf'(({found["name"]}) | ("\"\"") | (basic_null))' + f"\n{found['name']} ::= {words}",
        written,
    )
    tightened, characters = _CHARACTER_RULE.subn("", tightened)
    expected = json.dumps(schema).count('"maxLength"')
    if not strings == characters == expected:
        raise EchoDeskError(
            f"the installed {name_and_version()} writes the form of an answer in a way EchoDesk does not "
            "know",
            f"Install the versions that were tested: `{pip_install('vlm')} -c requirements-all.lock`.",
        )
    return tightened


class AnswerGrammar:
    """Compiles schemas for one tokenizer, each once, and starts an answer under one.

    Args:
        tokenizer: a Hugging Face tokenizer.
        vocabulary_size: how many numbers the model gives for the next token (more than the tokenizer has
            tokens).
        stop_tokens: tokens that end an answer.
    """

    def __init__(self, tokenizer: Any, *, vocabulary_size: int, stop_tokens: list[int]) -> None:
        import xgrammar

        info = xgrammar.TokenizerInfo.from_huggingface(
            tokenizer, vocab_size=vocabulary_size, stop_token_ids=stop_tokens
        )
        self._compiler = xgrammar.GrammarCompiler(info, max_threads=2)
        self._compiled: dict[str, Any] = {}
        self.vocabulary_size = vocabulary_size
        self._spell = Spelling(tokenizer)
        self._lengths = StringLengths(info.decoded_vocab, vocabulary_size)
        self._speakable = speakable_tokens(tokenizer, vocabulary_size, stop_tokens)

    def start(self, schema: dict[str, Any]) -> GrammarState:
        """A new answer under a schema."""
        import xgrammar

        key = json.dumps(schema)
        if key not in self._compiled:
            grammar = xgrammar.Grammar.from_ebnf(grammar_text(schema))
            self._compiled[key] = self._compiler.compile_grammar(grammar)
        return GrammarState(
            xgrammar.GrammarMatcher(self._compiled[key]), self._spell, self._lengths, self._speakable
        )

    def new_mask(self, rows: int) -> torch.Tensor:
        """A mask for `rows` answers: (rows, vocabulary / 32) int32 on the CPU."""
        import xgrammar

        mask: torch.Tensor = xgrammar.allocate_token_bitmask(rows, self.vocabulary_size)
        return mask

    @staticmethod
    def apply(scores: torch.Tensor, mask: torch.Tensor) -> None:
        """Put -inf in place of every score that the mask forbids."""
        import xgrammar

        xgrammar.apply_token_bitmask_inplace(scores, mask.to(scores.device, non_blocking=True))


class GrammarState:
    """One answer on its way."""

    def __init__(
        self, matcher: Any, spell: Spelling, lengths: StringLengths, speakable: torch.Tensor
    ) -> None:
        self._matcher = matcher
        self._speakable = speakable
        self._spell = spell
        self._lengths = lengths
        self._string_so_far: int | None = None  # characters of the string being written; None between strings

    def fill(self, mask: torch.Tensor, row: int) -> None:
        """Write what may come next into a row of the mask."""
        self._matcher.fill_next_token_bitmask(mask, row)
        mask[row] &= self._speakable
        if self._string_so_far is not None:
            self._lengths.narrow(mask[row], QUOTE_MAX_CHARACTERS - self._string_so_far)

    def take(self, token: int) -> None:
        """Go on by one token.

        Raises:
            ValueError: the grammar forbids it; a mask was not applied.
        """
        if not self._matcher.accept_token(token):
            raise ValueError("a token was chosen that the form of the answer forbids")
        self._string_so_far = self._lengths.after(self._string_so_far, token)

    def take_forced(self) -> list[int]:
        """Go on by the tokens that have to come next, as far as their spelling is certain."""
        if self.is_ended:
            return []
        taken = []
        for token in self._spell.certain_tokens(self._matcher.find_jump_forward_string()):
            if not self._matcher.accept_token(token):
                break
            self._string_so_far = self._lengths.after(self._string_so_far, token)
            taken.append(token)
        return taken

    @property
    def is_ended(self) -> bool:
        """Whether the answer is whole and ended."""
        return bool(self._matcher.is_terminated())


def speakable_tokens(tokenizer: Any, vocabulary_size: int, stop_tokens: Sequence[int]) -> torch.Tensor:
    """A mask without the tokens that stand for pictures and turns of the dialogue: (vocabulary / 32) int32.

    To the grammar `<|image_pad|>` is thirteen letters like others, fit for a quote; nobody ever printed it
    there.
    """
    import numpy as np
    import torch

    allowed = np.ones(-(-vocabulary_size // 32) * 32, dtype=np.uint8)
    for token, added in getattr(tokenizer, "added_tokens_decoder", {}).items():
        if added.special and token not in stop_tokens and token < vocabulary_size:
            allowed[token] = 0
    return torch.from_numpy(np.packbits(allowed, bitorder="little").view(np.int32))


class StringLengths:
    """How tokens lengthen a JSON string without escapes, and which of them still fit into what is left of it.

    Args:
        vocabulary: the bytes of each token.
        vocabulary_size: see `AnswerGrammar`.
    """

    def __init__(self, vocabulary: Sequence[bytes], vocabulary_size: int) -> None:
        self._vocabulary = vocabulary
        self._size = vocabulary_size
        # Characters of a token that fall to the string being written: all before a quotation mark.
        self._heads = [_characters(token.split(b'"', 1)[0]) for token in vocabulary]
        self._longest = max(self._heads, default=0)
        self._masks: dict[int, torch.Tensor] = {}

    def after(self, so_far: int | None, token: int) -> int | None:
        """Characters of the string being written after one more token; None between strings."""
        parts = self._vocabulary[token].split(b'"')
        if len(parts) == 1:
            return None if so_far is None else so_far + self._heads[token]
        ends_inside = (so_far is None) == (len(parts) % 2 == 0)
        return _characters(parts[-1]) if ends_inside else None

    def narrow(self, mask: torch.Tensor, left: int) -> None:
        """Take out of one row of a mask what would make the string longer than `left` characters more."""
        if left >= self._longest:
            return
        if left not in self._masks:
            self._masks[left] = self._mask(left)
        mask &= self._masks[left]

    def _mask(self, left: int) -> torch.Tensor:
        import numpy as np
        import torch

        fits = np.zeros(-(-self._size // 32) * 32, dtype=np.uint8)
        fits[: len(self._heads)] = np.asarray(self._heads) <= left
        return torch.from_numpy(np.packbits(fits, bitorder="little").view(np.int32))


def _characters(part: bytes) -> int:
    """Characters that begin in a piece of UTF-8."""
    return sum(byte & 0xC0 != 0x80 for byte in part)


class Spelling:
    """How a tokenizer spells a text whose continuation is not known yet."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._whole_words = tuple(tokenizer.get_added_vocab())
        self.certain_tokens = cache(self._certain_tokens)

    def _certain_tokens(self, text: str) -> tuple[int, ...]:
        """The tokens of a text that stay the same whatever follows.

        A tokenizer splits a text into pieces (words, runs of signs) before it spells each; only the last
        piece can still grow, and so can the beginning of a word that was added to the tokenizer whole. Their
        tokens are left out. Without a fast tokenizer nothing is certain.
        """
        splitter = getattr(getattr(self._tokenizer, "backend_tokenizer", None), "pre_tokenizer", None)
        if not text or splitter is None:
            return ()
        may_grow_from = splitter.pre_tokenize_str(text)[-1][1][0]
        for whole in self._whole_words:
            growing = (place for place in range(may_grow_from) if whole.startswith(text[place:]))
            may_grow_from = next(growing, may_grow_from)
        encoded = self._tokenizer(text, add_special_tokens=False, return_offsets_mapping=True)
        return tuple(
            token
            for token, (_, end) in zip(encoded["input_ids"], encoded["offset_mapping"], strict=True)
            if end <= may_grow_from
        )
