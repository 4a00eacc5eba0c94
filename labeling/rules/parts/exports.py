"""Reports that a program exported: tags and true or false in place of a label and its answer."""

from __future__ import annotations

import re
from typing import Final

_TAGGED: Final = re.compile(
    r"<(?P<name>[a-z][\w.:-]*)(?P<more>(?:[ ][^<>\n]*)?)>(?P<value>[^<>\n]{0,200})</(?P<close>[^<>\n]{1,40})>"
)
_BARE_TAG: Final = re.compile(r"</?[a-z][\w.:-]{0,40}(?: [^<>\n]*)?/?>")
_SAID: Final = re.compile(
    r"(?P<name>\b[a-z_]{2,40}\s*[:=]\s*)(?P<said>true|false|null)\b(?=\s*(?:[,;}\n]|$))"
)
_IN_WORDS: Final = {"true": "yes", "false": "no", "null": ""}


def exports_written_out(text: str) -> str:
    """Tagged values as "name: value;" and true and false as yes and no; all offsets stay."""
    if _TAGGED.search(text):
        text = _BARE_TAG.sub(lambda tag: " " * len(tag.group()), _TAGGED.sub(_as_label, text))
    return _SAID.sub(
        lambda one: one.group("name") + _IN_WORDS[one.group("said")].ljust(len(one.group("said"))), text
    )


def _as_label(tag: re.Match[str]) -> str:
    value = tag.group("value")
    lead = f" {tag.group('name')}:".ljust(tag.start("value") - tag.start())
    return f"{lead}{value};".ljust(len(tag.group()))
