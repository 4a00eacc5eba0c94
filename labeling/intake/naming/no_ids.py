"""Names that stand in an id's place and are none: a device's, a person's, a place's."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

MONTHS: Final = r"(?:jan|feb|mar|apr|may|jun|jul|aug|sept?|oct|nov|dec|mrz|mär|mai|okt|dez)[a-zä]{0,6}"
# What cameras, scanners, messengers and programs call a file; a number, a day and a time may follow.
_OF_A_DEVICE: Final = re.compile(
    r"[\W_]*(?:img|mvimg|vid|dsc|dscn|dscf|pxl|fb[ _-]?img|scan(?:ned|s)?|image|images|photos?|pic|picture"
    r"|doc|document|file|untitled|unnamed|echo|bild|fotos?|unbenannt|dokument|datei|ohne titel|epson|epscan"
    r"|hpscan|canon|brother|brw|brn|ccf|xrx|mfp|attachment|anhang|download|downloads|blob|te?mp|capture"
    r"|clipboard|snapshot|received|signal|telegram|messenger|फोटो|चित्र|स्कैन)"
    rf"(?:[\W\d_]|(?<![^\W\d_])(?:e(?=\d)|wa(?=\d)|at|um|am|pm|uhr|mp|cover|hdr|portrait|edited|bearbeitet"
    rf"|{MONTHS})(?![^\W\d_]))*"
    r"|(?:whatsapp|screenshot|bildschirm(?:foto|aufnahme)|cam ?scanner"
    r"|(?:adobe|genius|tiny|turbo|xerox) ?scan(?:ner)?|office ?lens|new ?doc|snapchat|skm|kmbt)(?![^\W\d_]).*"
    # A day and a time to the second, as phones write them; names that programs drew by lot.
    r"|(?:19|20)\d\d[-_ ]?\d\d[-_ ]?\d\d[-_ ]+\d\d[-_. ]?\d\d[-_. ]?\d\d(?:\d{3})?(?:[-_ (]+\d{1,2}\)?)?"
    r"|\d+(?:\.\d+){4,}"
    r"|[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}",
    re.IGNORECASE,
)
# Digits that say when somebody was examined or how old they are, and not who they are.
_AND: Final = re.compile(r"[&+,;]|(?<=[\s_])(?:and|und|et|y)(?=[\s_])")
_RANGE: Final = re.compile(r"(?:patients|pts|cases|records|reports)[-_ ]?\d+ ?(?:-|to|bis|–) ?\d+")
# From one id to another of its form, so far apart at most.
_FROM_TO: Final = re.compile(
    r"(?:(?:patients|pts|cases|records|reports)[-_ ])?"
    r"(?P<word>[^\W\d_]+[-_ ]?)(?P<first>\d+)(?: ?(?:[-–—~]|\.{2,3}|…) ?|[ _-](?:to|bis|through|thru)[ _-])"
    r"(?P=word)(?P<last>\d+)"
)
_WIDEST: Final = 500
_LETTERS: Final = re.compile(r"[^\W\d_]+")
_DIGITS: Final = re.compile(r"\d+")
_DATE_OR_AGE: Final = re.compile(
    r"(?<![a-z\d])(?:19|20)\d\d([-_. ]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)"
    r"|(?<!\d)\d{1,2}[-_. ]\d{1,2}[-_. ](?:19|20)?\d\d(?!\d)"
    rf"|(?<![a-z\d]){MONTHS}[-_. ]?(?:19|20)\d\d(?!\d)"
    r"|(?<!\d)\d{1,3} ?(?:yo|y|yrs?|years?)(?![a-z])",
    re.IGNORECASE,
)
# What people call those whom they count.
_ONE_OF_MANY: Final = re.compile(r"case|pat|pt|sub|person|proband|fall|record", re.IGNORECASE)
# Where somebody lay, which says nothing of who: the next patient lies there tomorrow.
_PLACE: Final = re.compile(
    r"(?<![^\W_])(?:ward|bed|room|zimmer|bett|station)[-_ ]?\d{1,3}[a-z]?(?![^\W_])"
    r"|(?<![^\W_])(?:icu|iccu|ccu|hdu|opd|ipd|camp|unit|bay|block|floor|batch|day|week)[-_ ]?\d{1,2}"
    r"(?![^\W_])",
    re.IGNORECASE,
)


def is_of_a_device(patient_id: str) -> bool:
    """Whether an id is what a camera, scanner, messenger or program calls a file."""
    return _OF_A_DEVICE.fullmatch(unicodedata.normalize("NFC", patient_id)) is not None


def is_speaking(patient_id: str) -> bool:
    """Whether an id holds no number, but for a date, an age or a place's: a person's name or a ward."""
    bare = _PLACE.sub(" ", _DATE_OR_AGE.sub(" ", patient_id))
    return not any(letter.isdigit() for letter in bare)


def names_several(patient_id: str) -> bool:
    """Whether a name is two ids of one form or more: A17&B18, A17 and A18, patients 1-20."""
    plain = unicodedata.normalize("NFC", patient_id).casefold()
    if _RANGE.fullmatch(plain):
        return True
    parts = [part.strip(" _-") for part in _AND.split(plain)]
    forms = {_DIGITS.sub("0", _LETTERS.sub("a", part)) for part in parts}
    return len(parts) > 1 and len(forms) == 1 and "0" in next(iter(forms))


def may_be_a_range(patient_id: str) -> bool:
    """Whether an id may say from which patient to which: A17-A20, MR100 to MR140."""
    ends = _FROM_TO.fullmatch(unicodedata.normalize("NFC", patient_id).casefold())
    return ends is not None and 0 < int(ends["last"]) - int(ends["first"]) <= _WIDEST


def may_be_a_place(name: str) -> bool:
    """Whether a name is a word with one digit, such as Clinic2: patients may lie there, called P1, P2, ..."""
    letters, digits = sum(map(str.isalpha, name)), sum(map(str.isdigit, name))
    return digits == 1 and letters > 2 and not _ONE_OF_MANY.match(name)


def says_no_id(patient_id: str) -> bool:
    """Whether a name only stands for an id: two patients may be called so, on two days or by two people."""
    return is_of_a_device(patient_id) or is_speaking(patient_id)
