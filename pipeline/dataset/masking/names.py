"""People and places without a label: after a title, before a degree, a hospital's name, a street."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence

from rapidfuzz.distance import OSA

from pipeline.dataset.masking.findings import Certainty, Finding, IdentityKind
from pipeline.dataset.masking.letters import allowed_edits, as_letters, bare, digits_in
from pipeline.dataset.masking.numbers import pin_spans
from pipeline.dataset.masking.vocabulary import CLINICAL, SECTION, is_known
from pipeline.dataset.masking.words import Row

_TITLES = frozenset(
    "mr mrs ms miss mstr master smt shri sri shrimati kum kumari dr drs doctor prof professor md mohd baby "
    "b/o".split()
)
# Also valve disease, milligrams and other ordinary things: an unknown word has to follow.
_DOUBTFUL_TITLES = frozenset("mr ms md sri baby miss master s/o d/o w/o c/o b/o".split())
_RELATIONS = frozenset("s/o d/o w/o c/o".split())
_GLUED_TITLE = re.compile(
    r"^\(?(?:Dr|DR|Mrs|MRS|Smt|SMT|Shri|SHRI|Prof|Mr|MR|Ms|MS)[.,:]{1,2}(?=[A-Z])\S{3,}"
)
_DEGREES = frozenset(
    "mbbs md dm dnb facc fesc fscai frcp mrcp mch ms phd rdcs rcs rn do fase fics dgo dch dmrd ccds "
    "pgdcc".split()
)
_FACILITY = frozenset(
    """
    hospital hospitals clinic clinics polyclinic institute institution centre center laboratory laboratories
    labs lab diagnostics diagnostic imaging foundation healthcare medicity nursing infirmary sanatorium trust
    hospice university college dispensary superspeciality multispeciality multispecialty scans pharma
    pharmacy
    """.split()
)
_STREET = frozenset(
    """
    street road lane nagar colony layout village taluk tehsil mandal district avenue marg gali chowk bazaar
    bazar puram enclave vihar extension salai cross circle highway bypass floor plot sector pincode pin
    residency apartment apartments towers complex opposite opp behind landmark po dist vill hobli boulevard
    drive suite building
    """.split()
)
_SURE_STREET = frozenset(
    "street road lane nagar colony layout taluk tehsil mandal avenue marg gali chowk puram salai hobli "
    "pincode".split()
)
_LONGEST_NAME = 5
# What a name may be written of: a capital first, or capitals throughout; initials with dots.
_NAME_WORD = re.compile(r"^[(\[]?[A-Z0-9|][\w.'`’-]*[,.;)\]]*$")
_INITIAL = re.compile(r"^[A-Z]\.?$|^(?:[A-Z]\.){1,3}[A-Z]?$")
_JOINERS = frozenset("of and & de bin al the -".split())


def person_findings(row: Row, stops: Container[int] = ()) -> Iterator[Finding]:
    """Names after a title and before a degree.

    Args:
        stops: indices of words at which another entry of the form begins.
    """
    for place, word in enumerate(row.words):
        if _GLUED_TITLE.match(word.text):
            yield Finding.in_row(IdentityKind.NAME, Certainty.CERTAIN, row, _name_from(row, place, stops))
            continue
        title = _title(word.text)
        if title is None:
            continue
        places = _name_from(row, place, stops)
        rest = places[1:]
        if not rest or not any(_is_strange(row.words[one].text) for one in rest):
            continue
        doubtful = title in _DOUBTFUL_TITLES and not _is_strange(row.words[rest[0]].text)
        if not doubtful or word.text.rstrip().endswith("."):
            yield Finding.in_row(IdentityKind.NAME, Certainty.CERTAIN, row, places)
    yield from _before_degrees(row)


def wrapped_finding(row: Row, below: Row) -> Finding | None:
    """A name at the start of a line whose title ends the line above."""
    if _title(row.words[-1].text) is None or below.words[0].box[0] > row.words[-1].box[0]:
        return None
    places = _name_from(below, -1, ())[1:]
    is_doubtful = _title(row.words[-1].text) in _DOUBTFUL_TITLES
    if not places or not _is_strange(below.words[places[0]].text):
        return (
            None
            if is_doubtful or not places
            else Finding.in_row(IdentityKind.NAME, Certainty.LIKELY, below, places[:1])
        )
    return Finding.in_row(IdentityKind.NAME, Certainty.LIKELY, below, places)


def _title(text: str) -> str | None:
    word = bare(text).rstrip(".")
    if word in _RELATIONS or word in _TITLES:
        return word
    # "Or." and "0r." for "Dr."
    return "dr" if text in ("Or.", "0r.", "Dr,", "Dr-", "Di.", "Br.", "Or:", "Dr:") else None


def _name_from(row: Row, place: int, stops: Container[int]) -> list[int]:
    """The title's place and the places of the name words after it."""
    places, at = [place], place + 1
    while at < len(row.words) and len(places) <= _LONGEST_NAME:
        text = row.words[at].text
        plain = bare(text).rstrip(".")
        if plain in _TITLES and _title(text):
            places.append(at)
        elif at in stops or not is_name_word(text) or plain in CLINICAL or plain in SECTION:
            break
        else:
            places.append(at)
            if text.endswith((",", ";", ")", ":")):
                break
        at += 1
    return places


def is_name_word(text: str) -> bool:
    """Whether a word can be part of a name as printed: capitals, few figures."""
    return bool(_NAME_WORD.match(text)) and digits_in(text) <= max(1, len(text) // 4)


def _is_strange(text: str) -> bool:
    """Whether no report needs this word: two letters or more and unknown, or initials."""
    word = bare(text)
    return bool(_INITIAL.match(text.rstrip(","))) or (len(word) > 1 and not is_known(text))


def _before_degrees(row: Row) -> Iterator[Finding]:
    for place, word in enumerate(row.words):
        plain = bare(word.text).replace(".", "")
        if plain not in _DEGREES or not word.text[:1].isupper():
            continue
        if plain in ("md", "ms", "do", "dm", "rn") and place and bare(row.words[place - 1].text) in CLINICAL:
            continue
        places: list[int] = []
        at = place - 1
        while at >= 0 and len(places) < _LONGEST_NAME and is_name_word(row.words[at].text):
            if bare(row.words[at].text) in CLINICAL | SECTION:
                break
            places.insert(0, at)
            at -= 1
        if any(_is_strange(row.words[one].text) for one in places):
            yield Finding.in_row(IdentityKind.NAME, Certainty.LIKELY, row, [*places, place])


def place_findings(row: Row) -> Iterator[Finding]:
    """Hospitals and streets."""
    for place, word in enumerate(row.words):
        plain = as_letters(word.text)
        if plain in _FACILITY and word.text[:1].isupper():
            yield from _facility(row, place)
        elif plain in _STREET:
            yield from _street(row, place, sure=plain in _SURE_STREET)


def _facility(row: Row, place: int) -> Iterator[Finding]:
    """A hospital's name: the capitalised words up to and after the word that says what it is."""
    first = place
    while first > 0 and place - first < _LONGEST_NAME + 1 and _can_name_a_house(row.words[first - 1].text):
        first -= 1
    last = place
    while last + 1 < len(row.words) and as_letters(row.words[last + 1].text) in _FACILITY | {"home", "&"}:
        last += 1
    places = list(range(first, last + 1))
    if any(not is_known(row.words[one].text) for one in places):
        yield Finding.in_row(IdentityKind.PLACE, Certainty.LIKELY, row, places)


def _can_name_a_house(text: str) -> bool:
    return (text[:1].isupper() or bare(text) in _JOINERS or text == "&") and not text.endswith(
        (":", ".", ";")
    )


def _street(row: Row, place: int, *, sure: bool) -> Iterator[Finding]:
    """An address: everything on the line around the street that no report needs."""
    first = last = place
    while first > 0 and _is_of_address(row.words[first - 1].text):
        first -= 1
    while last + 1 < len(row.words) and _is_of_address(row.words[last + 1].text):
        last += 1
    places = list(range(first, last + 1))
    if _tells_a_place([row.words[one].text for one in places], sure=sure):
        yield Finding.in_row(IdentityKind.PLACE, Certainty.LIKELY, row, places)


def _tells_a_place(texts: Sequence[str], *, sure: bool) -> bool:
    strange = sum(_is_strange(text) for text in texts)
    if (sure and strange) or any(True for _ in pin_spans(" ".join(texts))):
        return True
    return strange >= 2 and any(digits_in(text) for text in texts)


def _is_of_address(text: str) -> bool:
    word = bare(text)
    if word in CLINICAL or word in SECTION or text.endswith(":"):
        return False
    return not is_known(text) or text[:1].isupper() or digits_in(text) > 0 or word in _STREET | _JOINERS


def name_tokens(findings: Iterable[Finding]) -> frozenset[str]:
    """The telling words of the names found: four letters or more that no report needs, lower case."""
    tokens = set()
    for finding in findings:
        if finding.kind is IdentityKind.NAME and finding.certainty > Certainty.POLICY:
            tokens |= {bare(text) for text in finding.texts if _tells(text)}
    return frozenset(tokens)


def _tells(text: str) -> bool:
    word = bare(text)
    return len(word) >= 4 and sum(letter.isalpha() for letter in word) >= 3 and not is_known(text)


def repeated_findings(row: Row, tokens: Iterable[str]) -> Iterator[Finding]:
    """Words that may be one of the names again, misread or not."""
    known = tuple(tokens)
    for place, word in enumerate(row.words):
        plain = bare(word.text)
        if any(is_name_again(plain, token) for token in known) and not (
            is_known(word.text) and plain not in known
        ):
            yield Finding.in_row(IdentityKind.NAME, Certainty.LIKELY, row, [place])


def is_name_again(word: str, token: str) -> bool:
    """Whether a bare word is a name, or may be it misread, or holds it."""
    if word == token or (len(token) >= 5 and token in word):
        return True
    edits = allowed_edits(min(len(word), len(token)))
    return edits > 0 and word[:1].isalpha() and OSA.distance(word, token, score_cutoff=edits) <= edits
