"""Text a spreadsheet would take for a formula, made plain text; numbers stay numbers."""

from __future__ import annotations

import re
from typing import Any

# What Excel, LibreOffice and Google Sheets start a formula or a command with: = + - @, a tab or a line end.
# Then the full-width, small and mathematical forms of the four, which some imports fold to the plain ones.
_DANGEROUS = (
    *"=+-@\t\r\n",
    *"\uff1d\uff0b\uff0d\uff20",
    *"\ufe66\ufe62\ufe63\ufe6b",
    *"\u2212\u207a\u207b\u207c",
)

_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?", re.ASCII)


def spreadsheet_safe(value: Any) -> Any:
    """The value with a leading apostrophe where a spreadsheet would otherwise run it.

    Only text is changed. A text that is a plain number, such as "-3.5", is left alone. Spaces and invisible
    characters before the first visible one don't hide a formula.
    """
    if not isinstance(value, str) or _NUMBER.fullmatch(value):
        return value
    shown = value.lstrip(" \u00a0\u200b\u200c\u200d\u2060\ufeff\0")
    return f"'{value}" if shown.startswith(_DANGEROUS) else value
