"""What the name of one file says: whose it is, report or ECG, which page, and whether it is a copy.

A name that can be understood in two ways is not understood: `NameUnclear` says why.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from db.decisions import ImageRole

_ROLES: Final = {
    **dict.fromkeys(("ecg", "ecgs", "ekg", "ekgs", "electrocardiogram"), ImageRole.ECG),
    **dict.fromkeys(("report", "reports", "echo", "echos", "echoreport", "2decho"), ImageRole.REPORT),
    **dict.fromkeys(("echocardiogram", "echocardiography"), ImageRole.REPORT),
}
_ECG_WORD: Final = re.compile(r"(?:(?:12|twelve)?leads?)?(?:ecgs?|ekgs?)(?:photos?|images?|scans?)?(\d{0,2})")
_REPORT_NUMBER: Final = re.compile(r"(?:reports?|echos?)\d{1,3}")
# Words beside "ecg" or "report" that say nothing about whose it is.
_DESCRIBING: Final = frozenset(
    "photo photos image images img scan scans scanned pic picture foto lead leads 12lead 12leads trace "
    "tracing strip".split()
)
_SEPARATORS: Final = re.compile(r"([_\-.\s]+)")
_PAGE: Final = re.compile(
    r"(?P<word>p|pg|page|seite) ?(?P<page>\d{1,3})(?: ?(?:of|von) ?(?P<total>\d{1,3}))?", re.ASCII
)
_PAGE_OF: Final = re.compile(r"(?P<page>\d{1,2}) ?(?:of|von) ?(?P<total>\d{1,2})", re.ASCII)
_IN_BRACKETS: Final = re.compile(
    r"\(((?:(?:p|pg|page|seite)[\s_.-]*)?\d{1,3}[\s_-]*(?:of|von)[\s_-]*\d{1,3}"
    r"|(?:p|pg|page|seite)[\s_.-]*\d{1,3})\)",
    re.ASCII | re.IGNORECASE,
)
_COPY_WORD: Final = r"(?:copy|kopie|copie|copia)"
_COPY: Final = re.compile(
    rf"[\s_-]+{_COPY_WORD}(?:[\s_-]*\(?\d{{1,2}}\)?)?$|[\s_-]*\({_COPY_WORD}(?: \d{{1,2}})?\)$", re.IGNORECASE
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
    plain, copy = without_copy(unicodedata.normalize("NFC", stem).strip())
    words = _words(_IN_BRACKETS.sub(r" \1", plain))
    roles = _roles(words)
    rest = [word for word in words if word.place not in roles.words]
    page = _page(rest) or _number_of_ecg(rest, roles)
    rest = rest[: len(rest) - len(page.words)] if page else rest
    if roles.kinds and len({word.place < roles.first for word in rest}) == 2:
        reason = "there are words on both sides of the one that says report or ECG"
        raise NameUnclear(reason, "Write the id in front and nothing but a page behind: A17_report_p1.jpg.")
    if page is None:
        patient_id, inner = without_copy(_joined(rest))
        return NameParts(patient_id, roles.kinds, copy=copy or inner)
    return _with_page(page, rest, roles, copy)


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
        match = _ECG_WORD.fullmatch(low)
        if low in _ROLES or match:
            kinds.add(_ROLES.get(low, ImageRole.ECG))
            places.append(word.place)
            number = int(match[1] or 0) if match else number
        elif _REPORT_NUMBER.fullmatch(low):
            reason = f"the number in {word.text!r} may be a page, another report or the patient's"
            raise NameUnclear(reason, "Write a page as A17_report_p1.jpg.")
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
    while 0 <= after < len(words) and words[after].text.lower() in _DESCRIBING:
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
        text = " ".join(word.text.lower() for word in tail)
        match = _PAGE.fullmatch(text) or _PAGE_OF.fullmatch(text)
        if match and len(tail) == count:
            letter_p = match.groupdict().get("word") == "p"
            return _Page(int(match["page"]), int(match["total"] or 0), letter_p, len(match["page"]), tail)
    return None


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
