"""From known texts to heads: one logistic regression a column, and one for each that is a number."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from db.errors import EchoDeskError, pip_install
from labeling.finetuning.expectation.corpus import KnownText
from labeling.rules.expectation.expectation import JUDGED
from labeling.rules.expectation.numbers import (
    ITS_OWN,
    NUMBERS,
    OTHER,
    head_of,
    is_same,
    number_pieces,
    printed_numbers,
)
from labeling.rules.expectation.weights import Head
from labeling.rules.expectation.wording import PLACES, folded, pieces_of, plain, surroundings_of

if TYPE_CHECKING:
    from labeling.rules.expectation.wording import Pieces

# The inverse of the penalty on large weights.
STRENGTH: Final = 30.0
_ROUNDS: Final = 200


def teach(
    texts: Sequence[KnownText], *, on_column: Callable[[str], None] = lambda _: None
) -> dict[str, Head]:
    """Heads by column; the same texts in the same order give the same heads on the same machine.

    Raises:
        EchoDeskError: what it is taught with is not installed.
    """
    heads: dict[str, Head] = {}
    for field, columns in JUDGED.items():
        pieces = [pieces_of(surroundings_of(field, folded(plain(known.text)))) for known in texts]
        for column in columns:
            on_column(column)
            chosen = [number for number, known in enumerate(texts) if column in known.answers]
            answers = [texts[number].answers[column] for number in chosen]
            heads[column] = _fitted([pieces[number] for number in chosen], answers)
    for column in NUMBERS:
        on_column(head_of(column))
        printed = [one for known in texts for one in numbers_of(known, column)]
        heads[head_of(column)] = _fitted(
            [number_pieces(*place) for place, _ in printed],
            [ITS_OWN if is_its_own else OTHER for _, is_its_own in printed],
        )
    return heads


def numbers_of(known: KnownText, column: str) -> list[tuple[tuple[str, int, int], bool]]:
    """The numbers of a text that a column may be: the plain text, start, end, and whether it is its own.

    Empty where its number is not known, or printed as none (a range, a word).
    """
    if column not in known.numbers:
        return []
    small, right = plain(known.text), known.numbers[column]
    found = [
        ((small, start, end), right is not None and is_same(number, right))
        for start, end, number in printed_numbers(small, column)
    ]
    return found if right is None or any(is_its_own for _, is_its_own in found) else []


def _fitted(pieces: Sequence[Pieces], answers: Sequence[str]) -> Head:
    model: Any = (
        _needed("sklearn.linear_model")
        .LogisticRegression(C=STRENGTH, max_iter=_ROUNDS)
        .fit(as_matrix(pieces), answers)
    )
    names, weights, bias = tuple(str(name) for name in model.classes_), model.coef_, model.intercept_
    if len(names) == 2:
        # Of two answers only the second's score is kept: the first's is its opposite.
        weights, bias = np.vstack([-weights, weights]) / 2, np.concatenate([-bias, bias]) / 2
    return Head.of_weights(names, weights, bias)


def as_matrix(pieces: Sequence[Pieces]) -> Any:
    """Texts x `PLACES`, sparse; what falls into one place is added up."""
    starts = np.cumsum([0, *(len(places) for places, _ in pieces)])
    places = np.concatenate([places for places, _ in pieces])
    much = np.concatenate([much for _, much in pieces])
    return _needed("scipy.sparse").csr_matrix((much, places, starts), shape=(len(pieces), PLACES))


def _needed(module: str) -> ModuleType:
    try:
        return import_module(module)
    except ImportError as error:
        raise EchoDeskError(
            "teaching an expectation needs scikit-learn, which is not installed here",
            f"It comes with the extra 'train': {pip_install('train')}",
        ) from error
