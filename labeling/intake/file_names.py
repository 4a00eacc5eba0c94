"""What the name of one file says: whose it is, report or ECG, which page, and whether it is a copy.

A name that can be understood in two ways is not understood: `NameUnclear` says why.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from db.decisions import ImageRole
from labeling.intake.naming.words import (
    DESCRIBING,
    ECG_WORD,
    LETTER_P,
    PAGE_WORD,
    ROLES,
    is_done_to_it,
    is_further,
    is_other_paper,
    may_be_ecg,
    page_text,
    tidy_stem,
)

_REPORT_NUMBER: Final = re.compile(r"(?:reports?|echos?|befunde?)(?:\d{1,3}|[a-d])")
_GLUED_REPORT: Final = re.compile(r".*\d(?:reports?|echo|befund)\d{0,3}")
_DASHES: Final = "\\-\u2010-\u2015"
_SEPARATORS: Final = re.compile(rf"([_{_DASHES}.\s]+)")
_PAGE: Final = re.compile(
    rf"(?P<word>{PAGE_WORD}) ?(?P<page>\d{{1,3}})(?: ?(?:of|von) ?(?P<total>\d{{1,3}}))?", re.ASCII
)
_PAGE_OF: Final = re.compile(r"(?P<page>\d{1,2}) ?(?:of|von) ?(?P<total>\d{1,2})", re.ASCII)
_IN_BRACKETS: Final = re.compile(
    rf"\(((?:(?:{PAGE_WORD})[\s_.-]*)?\d{{1,3}}[\s_-]*(?:of|von)[\s_-]*\d{{1,3}}"
    rf"|(?:{PAGE_WORD})[\s_.-]*\d{{1,3}})\)",
    re.ASCII | re.IGNORECASE,
)
_COPY_WORD: Final = r"(?:copy|kopie|copie|copia|duplicate|duplikat|प्रति|प्रतिलिपि)"
_COPY: Final = re.compile(
    rf"[\s_{_DASHES}]+{_COPY_WORD}(?:[\s_-]*\(?\d{{1,2}}\)?)?$|[\s_-]*\({_COPY_WORD}(?: \d{{1,2}})?\)$"
    r"|[\s_-]*\([^()]*conflicted copy[^()]*\)$",
    re.IGNORECASE,
)
_COPY_OF: Final = re.compile(rf"^{_COPY_WORD}(?: ?\(\d{{1,2}}\))? (?:of|von|de) ", re.IGNORECASE)
_NUMBERED: Final = re.compile(r"(?<=\S)[\s_-]*\(\d{1,2}\)$", re.ASCII)


class NameUnclear(ValueError):
    """A name that can be understood in two ways; the text says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str) -> None:
        super().__init__(reason)
        self.remedy = remedy


@dataclass(frozen=True)
class NameParts:
    """What a file's name says, without its folders.

    Attributes:
        patient_id: what remains; empty where nothing does.
        roles: of the words in it: none, one or both.
        page, total: of `p1`, `page 1 of 2`; 0 where it doesn't say.
        has_letter_p: the page is told by "p" alone, which could also be a patient's letter.
        may_be_page: the id is such as P1, and could be a page of the folder's patient.
        copy: how the name says that it's a copy: "", "copy", or "numbered" for a mere (1).
    """

    patient_id: str
    roles: frozenset[ImageRole]
    page: int = 0
    total: int = 0
    has_letter_p: bool = False
    may_be_page: bool = False
    copy: str = ""


@dataclass(frozen=True)
class _Word:
    text: str
    before: str
    place: int


@dataclass(frozen=True)
class _Page:
    number: int
    total: int
    letter_p: bool
    digits: int
    words: tuple[_Word, ...]


@dataclass(frozen=True)
class _Roles:
    """The roles that words say; `first` and `last` are their places, `number` that of `ecg2`."""

    kinds: frozenset[ImageRole]
    first: int
    last: int
    number: int
    words: frozenset[int]


def split_stem(stem: str) -> NameParts:
    """A file name without suffix -> what it says. Raises `NameUnclear`."""
    plain, copy = without_copy(tidy_stem(stem))
    if re.match(r"\(\d{1,2}\)\s*[^\s.]", plain, re.ASCII):
        reason = "the number in brackets in front may be a page's, a copy's or the patient's"
        raise NameUnclear(reason, "Write the id in front: A17_report_p1.jpg.")
    words = _words(_IN_BRACKETS.sub(r" \1", plain))
    roles = _roles(words)
    rest = [word for word in words if word.place not in roles.words]
    page = _page(rest) or _number_of_ecg(rest, roles) or _page_in_front(rest)
    rest = [word for word in rest if word not in page.words] if page else rest
    if roles.kinds and len({word.place < roles.first for word in rest}) == 2:
        reason = "there are words on both sides of the one that says report or ECG"
        raise NameUnclear(reason, "Write the id in front and nothing but a page behind: A17_report_p1.jpg.")
    rest = _without_what_was_done(rest)
    if not roles.kinds:
        _refuse_other_papers(rest)
    if page is None:
        patient_id, inner = without_copy(_joined(rest))
        return NameParts(patient_id, roles.kinds, copy=copy or inner)
    return _with_page(page, rest, roles, copy)


def _without_what_was_done(rest: Sequence[_Word]) -> list[_Word]:
    """The words of an id without "cropped" and "scan" behind it."""
    kept = list(rest)
    while len(kept) > 1 and is_done_to_it(kept[-1].text) and _has_digit(kept[:-1]):
        kept.pop()
    return kept


def _has_digit(words: Sequence[_Word]) -> bool:
    return any(letter.isdigit() for word in words for letter in word.text)


def _refuse_other_papers(rest: Sequence[_Word]) -> None:
    """Raise for what may be an ECG, or is neither that nor a report."""
    texts = [word.text for word in rest]
    if may_be_ecg(texts):
        raise NameUnclear(f"{texts[-1]!r} may say that it is an ECG", "Write A17_ecg.jpg for an ECG.")
    if is_other_paper(texts):
        reason = f"{texts[-1]!r} says that it is another paper than an echo report"
        raise NameUnclear(reason, "Leave it out; or write A17_report.jpg if it is the report.")
    if is_further(texts):
        reason = f"{texts[-1]!r} may say that it is a further page, or another report of the same patient"
        raise NameUnclear(reason, "Write A17_page2 for a page; name reports of one patient in a manifest.")


def _with_page(page: _Page, rest: Sequence[_Word], roles: _Roles, copy: str) -> NameParts:
    if not rest and page.words and page.words[0].place < roles.first:
        # P001_report: the patient, not the page.
        return NameParts(_joined(page.words), roles.kinds, may_be_page=page.digits < 3, copy=copy)
    if page.letter_p and (page.digits > 2 or not (rest or roles.kinds)):
        reason = f"{_joined(page.words)!r} may be a page or a patient"
        raise NameUnclear(reason, "Write page1 for a page, P001_report for a patient; or use a manifest.")
    patient_id, inner = without_copy(_joined(rest))
    return NameParts(patient_id, roles.kinds, page.number, page.total, page.letter_p, copy=copy or inner)


def without_copy(name: str) -> tuple[str, str]:
    """A name without what file managers add to a copy's, and how it said so: "", "copy" or "numbered"."""
    said = ""
    while True:
        shorter = _COPY_OF.sub("", _COPY.sub("", name))
        if shorter != name and shorter:
            name, said = shorter, "copy"
            continue
        shorter = _NUMBERED.sub("", name)
        if shorter == name:
            return name, said
        name, said = shorter, said or "numbered"


def _words(stem: str) -> list[_Word]:
    pieces = _SEPARATORS.split(stem)
    found = [(pieces[i], pieces[i - 1] if i else "") for i in range(0, len(pieces), 2) if pieces[i]]
    return [_Word(text, before, place) for place, (text, before) in enumerate(found)]


def _joined(words: Sequence[_Word]) -> str:
    return "".join(word.before + word.text if index else word.text for index, word in enumerate(words))


def _roles(words: Sequence[_Word]) -> _Roles:
    kinds: set[ImageRole] = set()
    places: list[int] = []
    number = 0
    for word in words:
        low = word.text.lower()
        match = ECG_WORD.fullmatch(low)
        if low in ROLES or match:
            kinds.add(ROLES.get(low, ImageRole.ECG))
            places.append(word.place)
            number = int(match[1] or 0) if match else number
        elif _REPORT_NUMBER.fullmatch(low):
            reason = f"the end of {word.text!r} may be a page, another report or the patient's"
            raise NameUnclear(reason, "Write a page as A17_report_p1.jpg.")
        elif _GLUED_REPORT.fullmatch(low):
            raise NameUnclear(f"{word.text!r} may say that it is a report", "Write A17_report.jpg.")
        elif "ecg" in low or "ekg" in low:
            raise NameUnclear(f"{word.text!r} may say that it is an ECG", "Write A17_ecg.jpg for an ECG.")
    taken = set(places)
    for place in places:
        taken |= _describing(words, place, step=1) | _describing(words, place, step=-1)
    first, last = (min(places), max(places)) if places else (-1, -1)
    return _Roles(frozenset(kinds), first, last, number, frozenset(taken))


def _describing(words: Sequence[_Word], place: int, *, step: int) -> set[int]:
    """The places beside a role whose words only describe the file, such as "photo" and "12 lead"."""
    taken: set[int] = set()
    after = place + step
    while 0 <= after < len(words) and words[after].text.lower() in DESCRIBING:
        taken.add(after)
        after += step
    ends_in_lead = taken and words[after - step].text.lower() in ("lead", "leads")
    if step < 0 and ends_in_lead and after >= 0 and words[after].text == "12":
        taken.add(after)
    return taken


def _page(words: Sequence[_Word]) -> _Page | None:
    """The page that the last words say."""
    for count in (4, 3, 2, 1):
        tail = tuple(words[-count:])
        found = _page_of(tail)
        if found and len(tail) == count:
            return found
    return None


def _page_in_front(words: Sequence[_Word]) -> _Page | None:
    """The page that the first words say, before an id with a number: `page1_A17`."""
    for count in (4, 3, 2, 1):
        found = _page_of(tuple(words[:count]))
        # "Part A 001" may be of another part of a study than "Part B 001".
        is_page = _has_digit(words[:count]) or _joined(words[:1]).lower().startswith(("pag", "seite"))
        if found and is_page and not found.letter_p and len(words) > count and _has_digit(words[count:]):
            return found
    return None


def _page_of(words: tuple[_Word, ...]) -> _Page | None:
    texts = [word.text for word in words]
    if len(words) == 2 and texts[0].lower() == "s" and words[1].before.startswith("."):
        texts[0] = "seite"  # "S. 2", but not "S 2", which may be a subject
    text = page_text(texts)
    match = _PAGE.fullmatch(text) or _PAGE_OF.fullmatch(text)
    if not match:
        return None
    letter_p = match.groupdict().get("word") == LETTER_P
    return _Page(int(match["page"]), int(match["total"] or 0), letter_p, len(match["page"]), words)


def _number_of_ecg(words: Sequence[_Word], roles: _Roles) -> _Page | None:
    """The number of `A17_ecg2` and `A17_ecg_2`: the second ECG photo of one patient."""
    if roles.kinds != {ImageRole.ECG}:
        return None
    if roles.number:
        return _Page(roles.number, 0, False, 1, ())
    behind = len(words) > 1 and words[0].place < roles.first and words[-1].place == roles.last + 1
    if behind and re.fullmatch(r"[1-9]\d?", words[-1].text, re.ASCII):
        return _Page(int(words[-1].text), 0, False, len(words[-1].text), (words[-1],))
    return None
