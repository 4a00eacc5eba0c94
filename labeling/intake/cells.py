"""What a cell of a list says: nothing, a text, or something that can't be told."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

# Stands before the reason of a cell that can't be told. No text table holds it, and XML can't.
_UNTOLD: Final = "\0"

# What people and programs write for "there is none", reduced to letters and digits.
_NOTHING: Final = frozenset(
    "na nan nat null nul none nil nv unknown unk notknown notavailable notapplicable notgiven notdone "
    "pending awaited tbd tba nk nd unbekannt keineangabe nichtbekannt entfällt अज्ञात true false wahr falsch "
    "vrai faux".split()
)
# What stands in an id's place and names nobody: "as in the row above", and what is to be filled in one day.
_NOBODY: Final = frozenset(
    "ditto same sameasabove asabove do idem dito ebenso sieheoben उपरोक्त वही xx xxx xxxx test dummy "
    "example sample anonymized anonymised anonymisiert deidentified removed redacted noid nonumber "
    "tobefilled fillin tofill notassigned unassigned unnamed anonymous anonym patient".split()
)
_TRUTHS: Final = frozenset("true false wahr falsch vrai faux".split())
# #N/A, #REF!, #DIV/0!, #NAME?, #BEZUG!, #¡VALOR!, ##### of a column that is too narrow; LibreOffice's
# Err:502.
_EXCEL_ERROR: Final = re.compile(r"#(?:#*|¡?[^\W\d_][^\W\d_/ ]*(?:/[^\W_]+)? ?[!?]?)|Err:\d{3}")


def untold(reason: str, stored: str = "") -> str:
    """A cell whose look can't be told, as text that `why_untold` knows again; and what the file stores."""
    return f"{_UNTOLD}{reason}{_UNTOLD}{stored}"


def why_untold(cell: str) -> str:
    """The reason given to `untold`; empty for a cell that says something."""
    return cell.split(_UNTOLD)[1] if cell.startswith(_UNTOLD) else ""


def as_stored(cell: str) -> str:
    """The cell, and of one that can't be told what the file stores."""
    return cell.split(_UNTOLD)[2] if cell.startswith(_UNTOLD) else cell


def is_excel_error(text: str) -> bool:
    """Whether a spreadsheet put this in the place of a value that it couldn't work out."""
    return _EXCEL_ERROR.fullmatch(text.strip()) is not None


def is_nothing(text: str) -> bool:
    """Whether a cell that isn't empty says that there is no value: N/A, -, nil, unknown, #N/A, ..."""
    bare = bare_letters(text)
    return bool(text.strip()) and (not bare or bare in _NOTHING - _TRUTHS)


def is_no_name(text: str) -> bool:
    """Whether a text names nobody: what `is_nothing` knows, yes and no, ditto, an Excel error."""
    bare = bare_letters(text)
    return not bare or bare in _NOTHING or bare in _NOBODY or is_excel_error(text)


def bare_letters(text: str) -> str:
    """The letters, marks and digits of a text, in one case."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(letter for letter in folded if unicodedata.category(letter)[0] in "LMN")


def file_names_in(cell: str) -> tuple[str, ...]:
    """The files that a cell names, parted by semicolons, or each in a line of its own (Excel: Alt+Enter)."""
    return tuple(name.strip() for name in re.split(r"[;\r\n]", cell) if name.strip())
