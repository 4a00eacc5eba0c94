"""Why a value whose surroundings are not understood wants a person: one kind and one plain sentence each."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from labeling.rules.surroundings.turning_words import Turn


class DoubtKind(StrEnum):
    """What about the surroundings is not understood."""

    UNFAMILIAR = "unfamiliar"
    SIGN = "sign"
    NUMBER = "number"
    DATE = "date"
    ALARM = "alarm"
    OTHER_ANSWER = "other_answer"
    TWO_ANSWERS = "two_answers"
    SILENCE = "silence"
    SPARE_ANSWER = "spare_answer"
    BOUND = "bound"
    SMALL_PRINT = "small_print"
    EXPECTATION = "expectation"
    OTHER_DAY = Turn.OTHER_DAY.value
    OTHER_PERSON = Turn.OTHER_PERSON.value
    NOT_MEASURED = Turn.NOT_MEASURED.value
    DOUBTED = Turn.DOUBTED.value
    TAKEN_BACK = Turn.TAKEN_BACK.value
    TOLD = Turn.TOLD.value


@dataclass(frozen=True)
class Doubt:
    """One reason not to trust a value unseen.

    Attributes:
        word: what raised it, as the normalised text has it. It never leaves the process unless it is one of
            the words written down in `turning_words.py`: an unfamiliar word may be a name.
    """

    kind: DoubtKind
    word: str = ""

    @property
    def sentence(self) -> str:
        """What the annotator is told."""
        return SENTENCES[self.kind].format(word=self.word)


SENTENCES: Final[dict[DoubtKind, str]] = {
    DoubtKind.UNFAMILIAR: "A word the reader does not know stands beside it. Please read the whole line.",
    DoubtKind.SIGN: "The reader does not know what a sign in its line means. Please read the whole line.",
    DoubtKind.NUMBER: "Another number stands in its line that belongs to nothing the reader knows.",
    DoubtKind.DATE: "A date stands in its line. Please check that the value is of this study.",
    DoubtKind.ALARM: "The report says \u201c{word}\u201d. Please check that its values count.",
    DoubtKind.OTHER_ANSWER: (
        "Another answer stands in a part of the report that the reader left out. Which one counts?"
    ),
    DoubtKind.TWO_ANSWERS: "The report seems to answer this in more than one way. Which one counts?",
    DoubtKind.SILENCE: "The report speaks of this, but the reader took no answer from it.",
    DoubtKind.SPARE_ANSWER: "Another answer to this was left over. Please read all lines that speak of it.",
    DoubtKind.BOUND: "It is printed as a limit, not as a number of its own.",
    DoubtKind.SMALL_PRINT: "It stands below the signature or in the notes. Is it a finding of this study?",
    DoubtKind.EXPECTATION: (
        "Reports worded like this one usually answer it otherwise. Please read all lines that speak of it."
    ),
    DoubtKind.OTHER_DAY: "The words around it may speak of another day (\u201c{word}\u201d).",
    DoubtKind.OTHER_PERSON: "The words around it may speak of somebody else (\u201c{word}\u201d).",
    DoubtKind.NOT_MEASURED: "The words around it may say no measured value (\u201c{word}\u201d).",
    DoubtKind.DOUBTED: "The words around it may leave it in doubt (\u201c{word}\u201d).",
    DoubtKind.TAKEN_BACK: "The words around it may take it back (\u201c{word}\u201d).",
    DoubtKind.TOLD: "The words around it may repeat what somebody else said (\u201c{word}\u201d).",
}


def doubt_of_word(found: tuple[str, Turn | None]) -> Doubt:
    """The doubt that a turning word or, without a turn, an unfamiliar one raises."""
    word, turn = found
    return Doubt(DoubtKind(turn.value) if turn else DoubtKind.UNFAMILIAR, word)
