"""A number in an Excel cell -> the text that Excel shows: 42 under the format 00000 is 00042."""

from __future__ import annotations

import re
from typing import Final

# Excel keeps 15 digits of a number; what stands behind them was lost before the file was saved.
_EXACT_BELOW: Final = 10**15

_PIECES: Final = re.compile(
    r"""
      "(?P<quoted>[^"]*)" | \\(?P<escaped>.) | (?P<space>_.) | (?P<fill>\*.) | \[(?P<bracket>[^\]]*)\]
    | (?P<digit>[0\#?]) | (?P<comma>,) | (?P<power>E[+-]) | (?P<plain>[-+/ ():!^&'~{}$]) | (?P<other>.)
    """,
    re.VERBOSE | re.DOTALL,
)


# Of what stands in brackets: colours, and how a country writes.
_HARMLESS: Final = re.compile(
    r"\$-[0-9A-Fa-f,]*|(?:black|blue|cyan|green|magenta|red|white|yellow|color ?\d+|schwarz|blau|grün|rot"
    r"|weiß|gelb|farbe ?\d+)",
    re.IGNORECASE,
)


class UnknownNumber(ValueError):
    """What a cell shows can't be told; the text says why."""


def shown_number(value: int | float, number_format: str) -> str:
    """The whole number in a cell, with the zeros, letters and dashes its format puts around the digits.

    Thousands separators are left out: they belong to the display. Raises `UnknownNumber`.
    """
    if isinstance(value, float) and not value.is_integer():
        raise UnknownNumber("is a number with decimals, whose last zeros Excel doesn't keep")
    if abs(value) >= _EXACT_BELOW:
        raise UnknownNumber("is a number of more than 15 digits, of which Excel keeps 15")
    whole = int(value)
    sections = number_format.split(";")
    if not whole and len(sections) > 2 and '"' not in number_format:
        number_format = sections[2] or ";"
    if number_format in ("General", "@", ""):
        return str(whole)
    if whole < 0:
        raise UnknownNumber(f"is a negative number in the format {number_format!r}")
    pieces = _first_section(number_format)
    kinds = [kind for kind, _ in pieces]
    if "power" in kinds:
        return str(whole)  # the digits are all there: only the display is shortened
    if not _is_known(pieces, kinds):
        raise UnknownNumber(f"is a number in the format {number_format!r}, which EchoDesk doesn't know")
    return _laid_out(str(whole), pieces, first=kinds.index("digit"))


def is_in_percent(number_format: str) -> bool:
    """Whether Excel shows a hundred times the number, with a percent sign."""
    return ("other", "%") in _first_section(number_format)


def _first_section(number_format: str) -> list[tuple[str, str]]:
    pieces: list[tuple[str, str]] = []
    for match in _PIECES.finditer(number_format):
        kind = match.lastgroup or "other"
        if (kind, match[0]) == ("other", ";"):
            break
        pieces.append((kind, match[kind]))
    return pieces


def _is_known(pieces: list[tuple[str, str]], kinds: list[str]) -> bool:
    """Whether the digits are laid out one by one: no percent, no decimals, no thousands, no condition."""
    conditional = any(kind == "bracket" and set("<>=") & set(text) for kind, text in pieces)
    ends_in_comma = "comma" in kinds and "digit" not in kinds[kinds.index("comma") :]
    # A slash makes a fraction, [DBNum1] other digits; a name in [$MRN-409] is shown.
    fraction = ("plain", "/") in pieces
    odd = any(kind == "bracket" and not _HARMLESS.fullmatch(text) for kind, text in pieces)
    plain = "other" not in kinds and "digit" in kinds and not fraction
    return plain and not odd and not conditional and not ends_in_comma


def _laid_out(digits: str, pieces: list[tuple[str, str]], *, first: int) -> str:
    """The digits over their places from the right; the place at `first` takes those that are left."""
    out: list[str] = []
    for place in range(len(pieces) - 1, -1, -1):
        kind, text = pieces[place]
        if kind == "digit":
            taken = digits if place == first else digits[-1:]
            digits = "" if place == first else digits[:-1]
            out.append(taken.rjust(1, "0") if text == "0" else taken)
        elif kind in ("quoted", "escaped", "plain"):
            out.append(text)
    return "".join(reversed(out)).strip()
