"""Patient ids that a list or file names give: which can't be one, and which two can't be told apart.

A key is made of an id without its spaces and capitals (`patient_key.py`). Two ids that people would call
different and that give one key would merge two patients; one id that is written in two ways and gives two
keys would split one. Both are refused, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Container, Iterable
from typing import Final

from db.access.patient_key import normal_patient_id, patient_key
from labeling.intake.cells import bare_letters, is_no_name
from labeling.intake.dates import looks_like_a_date
from labeling.intake.naming.dated import without_time

AS_TEXT: Final = (
    "Fill in the id as it stands on the report. In Excel, give the column the format Text before you type."
)
ONE_SPELLING: Final = (
    "If that is one patient, write the id in one way everywhere; if two, change one id, such as by a letter."
)

LEAVE_OUT: Final = "Leave it out. Where they consent again, type first: echodesk withdraw --again"

_Form = Callable[[str], str]

_LONGEST_ID: Final = 200
_FEW: Final = 4
_SCIENTIFIC: Final = re.compile(
    r"[+-]?\d+(?:[.,]\d+)?e[+-]?\d+|[+-]?\d+[.,]\d+(?: ?e ?[+-]? ?| ?[x×*] ?10 ?\^?)\d+",
    re.ASCII | re.IGNORECASE,
)
# Letters that look like a Latin one, in capitals or small: Cyrillic, then Greek.
_TWINS: Final = str.maketrans(
    "АВЕКМНОРСТУХІЈЅаеорсухіјѕ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧο",
    "ABEKMHOPCTYXIJSaeopcyxijs" + "ABEZHIKMNOPTYXo",
)
# Words that hospitals write in front of a number, or leave out.
_IN_FRONT: Final = ("uhid", "mrn", "mrd", "pid", "id")
_NUMBERED: Final = re.compile(r"(?:uhid|mrn|mrd|mr|pid|id|reg|cr|ip|op)(?:no\.?)?[-_.:#/]*(\d[^a-z]*)")
_NUMBER_WORDS: Final = frozenset("uhid mrn mrd mr id pid ip op no nr reg cr hosp pat patient pt case".split())
_AS_FLOAT: Final = re.compile(r"\d+[.,]0+", re.ASCII)
_TEXT_FORMULA: Final = re.compile(r'="([^"]*)"')
_DASHES: Final = re.compile("[\u2010-\u2015\u2212\ufe58\ufe63\uff0d]")


def written_id(cell: str) -> str:
    """The id in a cell: without the formula ="..." that keeps Excel from taking it for a number."""
    text = cell.strip()
    match = _TEXT_FORMULA.fullmatch(text)
    return match[1].strip() if match else text


def why_no_id(text: str) -> str:
    """Why a text can't be a patient's id, as the end of "the patient id ..."; empty where it may be one."""
    plain = unicodedata.normalize("NFKC", text).strip()
    if len(text) > _LONGEST_ID:
        return f"has more than {_LONGEST_ID} characters"
    if not all(letter.isprintable() or letter.isspace() for letter in text):
        return "holds a character that cannot be seen"
    if is_no_name(text) or not bare_letters(text).strip("0"):  # a lookup that finds an empty cell gives 0
        return f"{text[:20]!r} names nobody"
    if plain.startswith("="):
        return "is a formula"
    return _why_spoilt(plain)


def _why_spoilt(plain: str) -> str:
    """What a program made of an id, as `why_no_id` says it."""
    if plain.startswith("'"):
        return "begins with the apostrophe of a spreadsheet"
    if _SCIENTIFIC.fullmatch(plain):
        return f"{plain[:20]!r} is what a spreadsheet leaves of a long number; its digits are lost"
    if _AS_FLOAT.fullmatch(plain):
        return f"{plain[:20]!r} is an id that a program took for a number; zeros may be lost"
    if looks_like_a_date(plain):
        return f"{plain[:20]!r} is a date, or what a spreadsheet made of an id"
    if "\ufffd" in plain or re.search(r"\?.*\w|\w.*\?", plain):
        return f"{plain[:20]!r} holds a question mark where a letter was lost"
    return ""


def spelling(text: str) -> str:
    """An id as people tell ids apart: one case, plain letters for full-width ones, single spaces."""
    visible = "".join(letter for letter in text if letter.isprintable() or letter.isspace())
    composed = unicodedata.normalize("NFC", visible)
    narrow = "".join(
        unicodedata.normalize("NFKC", letter) if "\uff01" <= letter <= "\uff5e" else letter
        for letter in composed
    )
    return " ".join(narrow.lower().split())


def _loose(text: str) -> str:
    """An id as a spreadsheet or another keyboard may have changed it: digits, dashes, zeros in front."""
    normal = _DASHES.sub("-", normal_patient_id(text.translate(_TWINS)))
    digits = "".join(str(unicodedata.decimal(letter, letter)) for letter in normal)
    return digits.lstrip("0") or "0" if digits.isdecimal() else digits


def other_zeros(text: str) -> list[str]:
    """An id of digits alone, up to 12 of them, with fewer or more zeros in front; else nothing."""
    normal = normal_patient_id(text)
    bare = _loose(text)
    if not bare.isdecimal():
        return []
    return [other for width in range(len(bare), 13) if (other := bare.zfill(width)) != normal]


def why_withdrawn(text: str, secret: bytes, withdrawn: Container[str]) -> str:
    """Why an id may not be taken in: its patient withdrew their consent, or it differs from such a one in
    zeros alone; empty where it may.

    Args:
        withdrawn: keyed hashes.
    """
    if patient_key(text, secret) in withdrawn:
        return "this patient withdrew their consent"
    if any(patient_key(other, secret) in withdrawn for other in other_zeros(text)):
        return (
            "the patient id differs from that of a patient who withdrew their consent in the zeros in front "
            "alone"
        )
    return ""


def mixed_up(ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """The ids that can't be told apart from another of the same lot -> that other one, and why."""
    distinct = list(dict.fromkeys(ids))
    problems: dict[str, tuple[str, str]] = {}
    for first, second in _unlike(distinct, normal_patient_id, spelling):
        problems.setdefault(first, (second, "differ in writing and would be taken for one patient"))
    for first, second in _unlike(distinct, _loose, normal_patient_id):
        problems.setdefault(first, (second, "look like one id and would be two patients"))
    return problems


def _unlike(ids: Collection[str], same: _Form, other: _Form) -> list[tuple[str, str]]:
    """Each id that equals another in one form and not in the other form, with that other one."""
    groups: dict[str, list[str]] = defaultdict(list)
    for one in ids:
        groups[same(one)].append(one)
    pairs: list[tuple[str, str]] = []
    for group in groups.values():
        forms = {one: other(one) for one in group}
        for one in group:
            partner = next((two for two in group if forms[two] != forms[one]), None)
            if partner is not None:
                pairs.append((one, partner))
    return pairs


def look_alikes(ids: Iterable[str]) -> list[tuple[str, str, str]]:
    """Pairs of ids that differ in little: two patients, and worth a look; with what they differ in."""
    distinct = list({normal_patient_id(one): one for one in reversed(list(ids))}.values())[::-1]
    forms: tuple[tuple[_Form, str], ...] = (
        (without_time, "the year or month beside the number"),
        (bare_letters, "dashes or dots"),
        (_read_alike, "O and 0, I, l and 1, or zeros"),
        (_number_of, "the words beside the number"),
        (_but_for_its_end, "a letter or number at the end"),
        (_but_for_a_short_year, "two digits at the end, which may be a year,"),
        (_but_for_a_visit, "what may be a visit or a picture's number"),
    )
    few = (_number_of, _but_for_its_end, _but_for_a_short_year, _but_for_a_visit, without_time)
    found: dict[frozenset[str], tuple[str, str, str]] = {}
    for form, what in forms:
        groups: dict[str, list[str]] = defaultdict(list)
        for one in distinct:
            groups[form(one)].append(one)
        for key, group in groups.items():
            # So many under one number: it is a year, a ward or a study.
            is_one = form not in few or len(group) <= _FEW
            pairs = zip(group, group[1:], strict=False) if key and is_one else ()
            for first, second in pairs:
                found.setdefault(frozenset((first, second)), (first, second, what))
    return list(found.values())


_END: Final = re.compile(
    r"(.*\d)(?:[^\W\d_]"
    r"|[-_. #(\[~]+(?:[a-d]|(?:[^\W\d_]{3,6}[-_. #]?|[^\W\d_]?#?)0{0,2}[1-9][)\]]?|[ivx]{1,4}"
    r"|left|right|top|bottom|upper|lower|links|rechts|oben|unten"
    r"|(?:one|two|three|first|second|third|1st|2nd|3rd)[-_. ]*[^\W\d_]*))"
)


def _but_for_its_end(text: str) -> str:
    """An id without the a of A17a, the 2 of A17-2 and A17_scan2, the left of A17_left; empty where it has
    none.
    """
    match = _END.fullmatch(unicodedata.normalize("NFKC", text).casefold().strip())
    return match[1] if match and sum(map(str.isdigit, match[1])) > 1 else ""


_SHORT_YEAR: Final = re.compile(r"(.*[^\W\d_].*\d)[-_. ]+(?:[01]\d|2[0-9]|3[0-2])")


def _but_for_a_short_year(text: str) -> str:
    """An id without the 18 of A17_18; one without it as it is, and empty where no letter stands in it."""
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    match = _SHORT_YEAR.fullmatch(plain)
    return match[1] if match else plain if re.search(r"[^\W\d_]", plain) else ""


_VISIT: Final = re.compile(
    r"(.*\d)[-_. (]+(?:(?:fu|f-?up|follow[-_ ]?up|visit|baseline|bl|scan|img|pic|photo|echo)[-_ ]?\d{0,4}"
    r"|\d{1,3}[-_ ]?(?:d|days?|w|wks?|weeks?|m|mo|mths?|months?|y|yrs?|years?)"
    r"|q[1-4][-_. ]?(?:(?:19|20)?\d\d)?)[)]?"
)


def _but_for_a_visit(text: str) -> str:
    """An id without the FU2 of A17_FU2, the 6m of A17_6m, the scan0002 of A17_scan0002; one without them as
    it is.
    """
    plain = unicodedata.normalize("NFKC", text).casefold().strip()
    match = _VISIT.fullmatch(plain)
    return match[1] if match else plain if any(map(str.isdigit, plain)) else ""


def near_ids(text: str) -> list[str]:
    """Other ids that a person or a program may have made of one: O for 0, zeros, no dashes, UHID in front.

    Ids without a digit have none.
    """
    normal = normal_patient_id(text)
    if not any(letter.isdigit() for letter in normal):
        return []
    near = [normal.replace(one, other) for one, other in ("o0", "0o", "l1", "i1", "1l", "1i")]
    near += [re.sub(r"[-_./#]", "", normal), re.sub(r"(?<!\d)0+(?=\d)", "", normal)]
    near += [re.sub(r"(?=\d)", more, normal, count=1) for more in ("0", "00", "000")]
    near += [re.sub(r"(?<=[^\W\d_])(?=\d)", sign, normal) for sign in "-_/."]
    if match := _NUMBERED.fullmatch(normal):
        near.append(match[1])
    if normal.isdecimal():
        near += [f"{word}{sign}{normal}" for word in _IN_FRONT for sign in ("", "-")]
    return [one for one in dict.fromkeys(near) if one and one != normal]


def _read_alike(text: str) -> str:
    """An id as a hasty reader takes it; ids without a digit as they are."""
    bare = bare_letters(text.translate(_TWINS))
    if not any(letter.isdigit() for letter in bare):
        return bare
    return re.sub(r"(?<!\d)0+(?=\d)", "", bare.translate(str.maketrans("oil", "011")))


def _number_of(text: str) -> str:
    """The one part of an id that holds a number of 2 digits or more; empty where several or none do."""
    words = [word for word in re.split(r"[\W_]+", text.casefold()) if word]
    parts = [re.fullmatch(r"([^\W\d]*)(.*)", word, re.DOTALL) for word in words]
    plain = [
        part[2] if part and part[1] in _NUMBER_WORDS else word
        for part, word in zip(parts, words, strict=True)
    ]
    numbered = [word for word in plain if any(letter.isdigit() for letter in word)]
    return numbered[0] if len(numbered) == 1 and sum(map(str.isdigit, numbered[0])) > 1 else ""
