"""The whole of `echodesk finetune --expectation`: teach, judge on hands kept apart, write with a card."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from db.files.whole import new_folder, write_file
from labeling.finetuning.expectation.corpus import KnownText, fingerprint, read_texts
from labeling.finetuning.expectation.teaching import STRENGTH, numbers_of, teach
from labeling.finetuning.finetune import refuse_unusable
from labeling.rules.expectation import weights
from labeling.rules.expectation.expectation import IMPROBABLE, JUDGED
from labeling.rules.expectation.numbers import IMPROBABLE_NUMBER, ITS_OWN, NUMBERS, head_of, number_pieces
from labeling.rules.expectation.wording import folded, pieces_of, plain, surroundings_of

WEIGHTS_FILE: Final = weights.FILE.name
CARD_FILE: Final = "expectation.json"
# Every fourth set is kept apart: a set is by one hand, and the next report will be by another.
_APART: Final = 4
LIMITS: Final = (
    "It learned from invented English reports only, most of them short and full of traps.",
    "Of a number it knows whether there should be one, and how the wording around the right one reads.",
    "It gives no answer and raises no light: it can only ask a person to look.",
)


@dataclass
class Judged:
    """Of the texts of hands kept apart, one column.

    Attributes:
        answers: texts with a known answer and a word of the field.
        doubted: how many of these answers it holds improbable: needless work.
        others: wrong answers that could have been given instead.
        caught: how many of them it holds improbable.
    """

    answers: int = 0
    doubted: int = 0
    others: int = 0
    caught: int = 0


def finetune_expectation(
    out: Path, *, now: Callable[[], datetime], on_column: Callable[[str, bool], None]
) -> dict[str, Any]:
    """Teach from the invented reports of the package and write weights with their card; gives the card.

    The folder appears whole or not at all.

    Args:
        on_column: told before each column, and whether it is taught only to be judged.

    Raises:
        EchoDeskError: `out` exists or can't be written, or what it is taught with is not installed.
    """
    refuse_unusable(out)
    started_s = time.perf_counter()
    texts = read_texts()
    taught, apart = divided(texts)
    judged = judge(teach(taught, on_column=lambda column: on_column(column, True)), apart)
    heads = teach(texts, on_column=lambda column: on_column(column, False))
    data = weights.as_bytes(heads, texts=fingerprint(texts))
    card = {
        "kind": "echodesk expectation",
        "created_at": now().isoformat(),
        "elapsed_s": round(time.perf_counter() - started_s, 1),
        "model": {"sha256": hashlib.sha256(data).hexdigest(), "bytes": len(data)},
        "texts": {"count": len(texts), "fingerprint": fingerprint(texts)},
        "settings": {
            "strength": STRENGTH,
            "improbable": IMPROBABLE,
            "improbable_number": IMPROBABLE_NUMBER,
        },
        "judged": {
            "taught": len(taught),
            "apart": len(apart),
            "columns": {column: asdict(one) for column, one in judged.items()},
        },
        "limits": list(LIMITS),
    }
    with new_folder(out, is_read_only=False) as folder:
        write_file(folder / WEIGHTS_FILE, data)
        write_file(folder / CARD_FILE, (json.dumps(card, indent=1, ensure_ascii=False) + "\n").encode())
    return card


def divided(texts: Sequence[KnownText]) -> tuple[list[KnownText], list[KnownText]]:
    """Texts to teach and texts to judge by, never of one hand."""
    apart = set(sorted({known.source for known in texts})[::_APART])
    return (
        [known for known in texts if known.source not in apart],
        [known for known in texts if known.source in apart],
    )


def judge(heads: dict[str, weights.Head], texts: Sequence[KnownText]) -> dict[str, Judged]:
    """How heads judge texts they were not taught, by column."""
    judged = {column: Judged() for columns in JUDGED.values() for column in columns}
    judged |= {head_of(column): _judged_numbers(heads, column, texts) for column in NUMBERS}
    for known in texts:
        small = folded(plain(known.text))
        for field, columns in JUDGED.items():
            part = surroundings_of(field, small)
            if part:
                pieces = pieces_of(part)
                for column in columns:
                    if column in known.answers:
                        _count(judged[column], heads[column].chances(*pieces), known.answers[column])
    return judged


def _judged_numbers(heads: dict[str, weights.Head], column: str, texts: Sequence[KnownText]) -> Judged:
    """Of numbers printed: the right one where it is printed likeliest, and every other."""
    judged, head = Judged(), heads[head_of(column)]
    for known in texts:
        chances: dict[bool, list[float]] = {True: [], False: []}
        for place, is_its_own in numbers_of(known, column):
            chances[is_its_own].append(head.chances(*number_pieces(*place))[ITS_OWN])
        judged.answers += bool(chances[True])
        judged.doubted += max(chances[True], default=1.0) < IMPROBABLE_NUMBER
        judged.others += len(chances[False])
        judged.caught += sum(chance < IMPROBABLE_NUMBER for chance in chances[False])
    return judged


def _count(judged: Judged, chances: dict[str, float], right: str) -> None:
    judged.answers += 1
    judged.doubted += chances.get(right, 1.0) < IMPROBABLE
    others = [chance for answer, chance in chances.items() if answer != right]
    judged.others += len(others)
    judged.caught += sum(chance < IMPROBABLE for chance in others)
