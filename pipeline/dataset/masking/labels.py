"""What forms print before a value: "Name:", "UHID", "Ref. by", and which kind of value follows."""

from __future__ import annotations

import re
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from pipeline.dataset.masking.findings import IdentityKind
from pipeline.dataset.masking.letters import as_letters, bare
from pipeline.dataset.masking.vocabulary import EVERYTHING
from pipeline.dataset.masking.words import Row, Word

_LABELS: dict[IdentityKind | None, str] = {
    IdentityKind.NAME: """
        name | patient | patient name | patients name | patient's name | name of patient |
        name of the patient | pt | pt name | full name | first name | last name | surname | re | father |
        father's name | husband | husband's name | mother | guardian | attendant | nominee | relative | s/o |
        d/o | w/o | c/o | h/o name | ref | ref by | refd by | ref'd by | referred by | referring doctor |
        referring physician | ref doctor | ref dr | ref phys | ref-phys | ref physician | referral | referrer
        | consultant | consultant name | consulting doctor | doctor | dr | doctor name | physician |
        cardiologist | attending | attending physician | surgeon | anaesthetist | technician | technologist |
        sonographer | operator | performed by | done by | reported by | report by | read by | verified by |
        approved by | authorised by | authorized by | confirmed by | report confirmed by | typed by |
        prepared by | signed by | electronically signed by | dictated by | transcribed by | checked by |
        interpreted by | requested by | ordered by | collected by | entered by | nurse | signature | to |
        under | admitted under | unit head
    """,
    IdentityKind.ID: """
        id | patient id | pat id | pid | uhid | uhid no | uid | mrn | mr no | mrd | mrd no |
        medical record no | ip no | ip | ipd no | ipd | op no | opd no | opd | op | ip/op no | reg no |
        regn no | registration no | registration number | registration | hospital no | hosp no |
        hospital number | bill no | bill | receipt no | invoice no | lab no | lab id | sample no | sample id
        | sid | barcode | accession | accession no | order no | order id | case no | file no | study id |
        exam id | visit no | visit id | encounter | admission no | adm no | discharge no | serial no | sl no
        | sr no | report no | ref no | ref id | aadhaar | aadhaar no | aadhar | aadhar no | adhaar | abha |
        abha no | abha id | abha number | pan | pan no | policy no | tpa id | insurance no | insurance id |
        claim no | passport no | voter id | licence no | license no | reg | device id | serial | account no |
        ssn | nhs no | id no | number | bed no | room no | ward no | cr no | ccn
    """,
    IdentityKind.DATE: """
        date | dt | dated | dob | d.o.b | date of birth | birth date | birthdate | born | date of report |
        report date | study date | exam date | examination date | date of study | date of exam |
        date of examination | date of admission | doa | dod | date of discharge | admitted on | discharged on
        | date & time | date/time | time | reported on | printed on | print date | collected on | received on
        | registered on | date of test | test date | visit date | acquired | performed on | dos
    """,
    IdentityKind.PHONE: """
        phone | phone no | ph | ph no | tel | tel no | telephone | telephone no | mobile | mobile no | mob |
        mob no | cell | contact | contact no | contact number | whatsapp | fax | fax no | helpline |
        emergency | landline | toll free | appointment
    """,
    IdentityKind.EMAIL: "email | e-mail | email id | mail | website | web | web site | url | visit us",
    IdentityKind.PLACE: """
        address | addr | add | residence | resident of | r/o | city | town | village | vill | district | dist
        | state | taluk | tehsil | pin | pin code | pincode | zip | post | country | place | location |
        locality | hospital | hospital name | clinic | centre | center | institution | branch | department |
        dept | ward | room | exam room | unit | referring hospital | site | race | ethnicity | religion |
        caste | occupation | nationality
    """,
    IdentityKind.AGE: "age | age/sex | age / sex | age & sex | age/gender | sex/age | age and sex | age "
        "years | "
        "age/sex/wt",
    # These end the value before them; what follows says nothing about who it is.
    None: """
        sex | gender | height | ht | weight | wt | bsa | bmi | bp | hr | heart rate | pulse | indication |
        history | diagnosis | clinical history | findings | impression | conclusion | medication |
        medications | comments | page | type | status | pr | qrs | qt | qt/qtc | p/qrs/t | vent rate |
        rv5/sv1 | speed | gain | filter
    """,
}  # fmt: skip

LABELS: dict[tuple[str, ...], IdentityKind | None] = {
    tuple(bare(word) for word in phrase.split()): kind
    for kind, phrases in _LABELS.items()
    for phrase in phrases.split("|")
    if phrase.strip()
}
_LONGEST = max(len(words) for words in LABELS)
_WORDS = sorted({word for words in LABELS for word in words if len(word) >= 4})
_MARK = re.compile(r"[:;=]|[-–—]$")
# Abbreviations whose dot does the work of a colon; after any other word it ends a sentence.
_DOTTED = frozenset(
    "ref tel ph no mob pt dr reg regd addr add dist vill id dt hosp ip op pin fax sl sr".split()
)
_ONLY_MARK = re.compile(r"^[.\-–—]*[:;=]+[.\-–—]*$|^[\-–—:;=.]{1,3}$")
# Outside a form these are ordinary words; they need a colon there.
SPEAKING = frozenset("uhid mrn uid abha aadhaar aadhar tel mobile phone fax email ipd opd".split())


@dataclass(frozen=True)
class Label:
    """A label in a row.

    Attributes:
        first, last: indices of its words; `last` includes a colon that stands alone.
        kind: what follows it; null where that identifies nobody.
        is_marked: a colon, dash or dot follows it.
        words: the label itself, bare.
    """

    first: int
    last: int
    kind: IdentityKind | None
    is_marked: bool
    words: tuple[str, ...]

    @property
    def is_speaking(self) -> bool:
        """Whether it is a label even without a colon."""
        return self.words[0] in SPEAKING


def split_glued(words: tuple[Word, ...]) -> tuple[Word, ...]:
    """Words such as "Name:Ratna" parted after the colon; the box is parted by the share of letters."""
    parts: list[Word] = []
    for word in words:
        found = re.match(r"^([^\W\d][^\d:]*[:;])(?=\S*\w)(\S+)$", word.text)
        if not found:
            parts.append(word)
            continue
        left, top, right, bottom = word.box
        cut = left + (right - left) * max(len(found[1]) - 0.5, 1) / len(word.text)
        parts.append(Word(found[1], (left, top, cut, bottom), word.confidence))
        parts.append(Word(found[2], (cut, top, right, bottom), word.confidence))
    return tuple(parts)


def plain_label_word(text: str, *, is_marked: bool) -> str:
    """A word as it would stand in a label: bare, and before a colon put right where one letter is misread."""
    word = bare(text).rstrip(".:;-")
    if word in ("1d", "ld", "|d"):
        return "id"
    if word in EVERYTHING or len(word) < 4 or not is_marked:
        return word
    for other in (word, as_letters(word)):
        for label in _WORDS:
            if OSA.distance(other, label, score_cutoff=1) <= 1:
                return label
    return word


def labels_of(row: Row) -> list[Label]:
    """The labels of a row from left to right; the longest wins.

    After a label with a colon others need one too: "Page" and "Ward" are also family names.
    """
    marks = [_is_marked(row, place) for place in range(len(row.words))]
    plain = [plain_label_word(word.text, is_marked=mark) for word, mark in zip(row.words, marks, strict=True)]
    found: list[Label] = []
    at = 0
    while at < len(plain):
        label = _label_at(row, plain, at)
        if label is None:
            at += 1
            continue
        at = label.last + 1
        if label.is_marked or label.is_speaking or not any(one.is_marked for one in found):
            found.append(label)
    return found


def _is_marked(row: Row, place: int) -> bool:
    """Whether a colon stands at the end of a word or after it."""
    text = row.words[place].text
    following = row.words[place + 1].text if place + 1 < len(row.words) else ""
    return text.endswith((":", ";")) or bool(_ONLY_MARK.match(following)) or following[:1] in (":", ";")


def _label_at(row: Row, plain: list[str], at: int) -> Label | None:
    for length in range(min(_LONGEST, len(plain) - at), 0, -1):
        words = tuple(word for word in plain[at : at + length])
        if words not in LABELS:
            continue
        last = at + length - 1
        text = row.words[last].text
        is_marked = (
            bool(_MARK.search(text)) or _is_marked(row, last) or (text[-1] == "." and words[-1] in _DOTTED)
        )
        if last + 1 < len(row.words) and _ONLY_MARK.match(row.words[last + 1].text):
            last += 1
        return Label(at, last, LABELS[words], is_marked, words)
    return None
