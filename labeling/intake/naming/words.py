"""Words in the names of files and folders: report or ECG, which page, another paper, or none of that."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence, Set
from typing import Final

from db.decisions import ImageRole

ROLES: Final = {
    **dict.fromkeys(
        (
            "ecg ecgs ekg ekgs electrocardiogram electrocardiograms electrocardiograph elektrokardiogramm "
            "elektrokardiogramme ईसीजी экг"
        ).split(),
        ImageRole.ECG,
    ),
    **dict.fromkeys(
        (
            "report reports echo echos echoes echoreport echoreports 2decho echocardiogram echocardiograms "
            "echocardiography echocg echocardiograph tte rpt befund befunde echobefund echobefunde "
            "echokardiographie echokardiografie herzecho रिपोर्ट इको"
        ).split(),
        ImageRole.REPORT,
    ),
}
# Of an ECG, too, people say report: these two words alone do not tell.
_ANY_REPORT: Final = frozenset("report reports befund befunde रिपोर्ट".split())
ECG_WORD: Final = re.compile(r"(?:(?:12|twelve)?leads?)?(?:ecgs?|ekgs?)(?:photos?|images?|scans?)?(\d{0,2})")
# Words beside "ecg" or "report" that say nothing about whose it is.
DESCRIBING: Final = frozenset(
    "photo photos image images img scan scans scanned pic picture pictures foto fotos bild bilder lead leads "
    "12lead 12leads trace traces tracing tracings strip strips rhythm 2d doppler colour color transthoracic "
    "फोटो चित्र".split()
)
# What was done to a picture, behind an id: A17_cropped is of A17.
_DONE_TO_IT: Final = frozenset(
    "photo photos image images scan scans scanned pic picture foto bild cropped crop rotated edited edit "
    "final new old neu alt bearbeitet gedreht zugeschnitten फोटो".split()
)
# Behind an id, these may say that it is an ECG; nothing else is called so.
_MAYBE_ECG: Final = frozenset(
    "12lead 12leads lead leads strip strips tracing tracings rhythm cardiogram kardiogramm vcg".split()
)
# Behind an id, these say that it is another paper than an echo report.
_OTHER_PAPER: Final = frozenset(
    "holter tmt treadmill xray x-ray cxr ct mri mrt lab labs labor cbc discharge prescription rx rezept "
    "consent einwilligung bill invoice receipt rechnung angio angiogram angiography cag cath spirometry pft "
    "abpm usg aadhaar aadhar idcard arztbrief arztbericht röntgen medication".split()
)
# Behind an id, these may say that it is a further page, or another report of the same person.
_FURTHER: Final = frozenset(
    "continued continuation cont contd fortsetzung addendum corrected corrigendum amended revised draft "
    "preliminary provisional korrigiert nachtrag entwurf vorläufig".split()
)
_SPELLED_OUT: Final = re.compile(r"(?<![^\W_])e[. ]([ck])[. ]g(?![^\W_])", re.IGNORECASE)
_IN_BRACKETS: Final = re.compile(r"[(\[{]\s*(ecg|ekg|echo|report|befund)\s*[)\]}]", re.IGNORECASE)
_ENDING: Final = re.compile(r"\.(?:jpe?g|png|tiff?|pdf|hei[cf]|webp|bmp|dcm)$", re.IGNORECASE)

_PAGE: Final = (
    "p|pgs?|pag|pág|pages?|pagina|pagine|páginas?|seiten?|blatt|sheet|leaf|sivu|sayfa|strona|folio|feuille"
    "|feuillet|folha|foglio|hoja|blad|oldal|strana|halaman|trang|стр|страница|лист|σελίδα|صفحة"
    "|पेज|पृष्ठ|पन्ना|पान|ಪುಟ|পৃষ্ঠা|பக்கம்|పేజీ|പേജ്|પાનું|ページ|页|頁|페이지"
)
# With a letter, these may be a study's parts and a body's sides.
_PART: Final = "part|parte|partie|teil|side|sida|भाग"
PAGE_WORD: Final = f"{_PAGE}|{_PART}"
# "p" and a number could also be a patient.
LETTER_P: Final = "p"
_SIDES: Final = {
    **dict.fromkeys("front recto vorderseite vorne vorn".split(), "1"),
    **dict.fromkeys("back verso rückseite rueckseite hinten".split(), "2"),
}
ORDINALS: Final = {
    word: str(number)
    for number, words in enumerate(
        ("one first 1st i eins erste", "two second 2nd ii zwei zweite", "three third 3rd iii drei dritte",
         "four fourth 4th iv vier vierte", "five fifth 5th v", "six sixth 6th vi"),
        start=1,
    )
    for word in words.split()
}  # fmt: skip
# "page B"; further ones are no letters that pages are told by.
_LETTERS: Final = {letter: str(number) for number, letter in enumerate("abcd", start=1)}
_PAGE_BY_WORD: Final = re.compile(
    rf"(?P<word>{PAGE_WORD}) ?(?P<number>{'|'.join(ORDINALS)})|(?P<page>{_PAGE}) ?(?P<letter>[a-d])"
    rf"|(?P<ordinal>{'|'.join(ORDINALS)}) (?P<behind>{PAGE_WORD})"
    # "2. Seite", "第2页"; and a word for pages alone.
    rf"|第?(?P<digits>[1-9])(?:st|nd|rd|th)? ?(?P<after>{PAGE_WORD})|(?:(?:all|alle) )?(?:pages?|seiten?)"
)
# "pages 1-2" and "page 1+2" in one file begin with page 1; "page 1-2" is the first of two.
_SEVERAL_PAGES: Final = re.compile(
    rf"(?P<word>pgs|pages|pagine|páginas|seiten)? ?(?P<one>{PAGE_WORD})? ?(?P<first>\d{{1,2}})"
    r"(?P<sign> ?[-+&] ?| (?:und|and|bis|to) | )(?P<last>\d{1,2})"
)


class FolderUnclear(ValueError):
    """A folder's name that may mean two things; the text says which, after "the folder ..."."""


def tidy_stem(stem: str) -> str:
    """A file's name without its ending as its words are looked for: no second ending, "e.c.g" as one word."""
    plain = unicodedata.normalize("NFC", stem).strip()
    return _IN_BRACKETS.sub(r" \1", _SPELLED_OUT.sub(r"e\1g", _ENDING.sub("", plain).strip()))


def page_text(words: Sequence[str]) -> str:
    """The last words of a name as pages are told: "second page", "pageB", "page ii", "verso" are "page 2"."""
    low = ["".join(str(unicodedata.decimal(letter, letter)) for letter in word.lower()) for word in words]
    if len(low) == 1 and low[0] in _SIDES:
        return f"page {_SIDES[low[0]]}"
    text = " ".join(low)
    match = _PAGE_BY_WORD.fullmatch(text)
    if match and LETTER_P not in match.group("word", "page", "behind", "after"):
        told = match["number"] or match["ordinal"] or match["letter"] or match["digits"] or "1"
        return f"page {ORDINALS.get(told) or _LETTERS.get(told) or told}"
    return _several(text)


def _several(text: str) -> str:
    match = _SEVERAL_PAGES.fullmatch(text)
    if not match or not (match["word"] or match["one"]):
        return text
    word, first, last = match["word"] or match["one"], match["first"], match["last"]
    if int(first) > int(last):
        return text
    is_one_file = match["word"] or match["sign"].strip()
    return f"{word} {first}" if is_one_file else f"{word} {first} of {last}"


def is_done_to_it(word: str) -> bool:
    """Whether a word behind an id says what was done to the picture, and nothing of whose it is."""
    return word.lower() in _DONE_TO_IT


def may_be_ecg(words: Sequence[str]) -> bool:
    """Whether the last of some words, alone or behind an id, may say that it is an ECG: 12 lead, strip."""
    return _ends_in(words, _MAYBE_ECG)


def is_other_paper(words: Sequence[str]) -> bool:
    """Whether the last of some words, alone or behind an id, names another paper: a Holter, an X-ray."""
    return _ends_in(words, _OTHER_PAPER) or [word.lower() for word in words[-2:]] == ["x", "ray"]


def is_further(words: Sequence[str]) -> bool:
    """Whether the last of some words, behind an id, may say that it is a further page or report."""
    last = words[-1].lower().rstrip("0123456789") if words else ""
    return last in _FURTHER and any(letter.isdigit() for word in words[:-1] for letter in word)


def _ends_in(words: Sequence[str], known: Collection[str]) -> bool:
    if not words or words[-1].lower() not in known:
        return False
    return len(words) == 1 or any(letter.isdigit() for word in words[:-1] for letter in word)


def role_of_folder(name: str) -> ImageRole | None:
    """What a folder called so holds, if its name says nothing else: `ECG photos 2024`, `Echo reports`.

    Raises:
        FolderUnclear: it may hold ECGs or reports (`ECG reports`), or other papers (`Holter`).
    """
    words = _words_of_folder(name)
    known = {word for word in words if word in ROLES or ECG_WORD.fullmatch(word)}
    others = words - known - DESCRIBING
    _refuse_other_papers(known, others)
    if others:
        return None
    if not known:
        return ImageRole.ECG if words and words <= _MAYBE_ECG else None
    kinds = {ROLES.get(word, ImageRole.ECG) for word in known}
    if len(kinds) == 1:
        return kinds.pop()
    if {word for word in known if ROLES.get(word) is ImageRole.REPORT} <= _ANY_REPORT:
        raise FolderUnclear("may say ECGs or reports")
    return None


def _refuse_other_papers(known: Set[str], others: Set[str]) -> None:
    # CT and MR are too short: they may be a place's name.
    if others and known <= _ANY_REPORT and others <= _OTHER_PAPER and min(map(len, others)) > 2:
        raise FolderUnclear("says that it holds other papers than echo reports")


def _words_of_folder(name: str) -> set[str]:
    """The words of a folder's name, without numbers."""
    plain = _SPELLED_OUT.sub(r"e\1g", unicodedata.normalize("NFC", name).lower()).replace("x-ray", "xray")
    return {word for word in re.split(r"[\s_.\-]+", plain) if word and not word.isdecimal()}
