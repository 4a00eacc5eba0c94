"""Reports that a program exported: tags and true or false in place of a label and its answer."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.wrapping import SOFT_BREAK

_TAGGED: Final = re.compile(
    r"<(?P<name>[a-z][\w.:-]*)(?P<more>(?:[ ][^<>\n]*)?)>(?P<value>[^<>\n]{0,200})</(?P<close>[^<>\n]{1,40})>"
)
_BARE_TAG: Final = re.compile(r"</?[a-z][\w.:-]{0,40}(?: [^<>\n]*)?/?>")
_SAID: Final = re.compile(
    r"(?P<name>\b[a-z_]{2,40}\s*[:=]\s*)(?P<said>true|false|null)\b(?=\s*(?:[,;}\n]|$))"
)
_IN_WORDS: Final = {"true": "yes", "false": "no", "null": ""}


# "<LVEF_BIPLANE> 59": a tag that is not closed.
_OPEN_TAG: Final = re.compile(r"(?m)(?:^|\v)[ ]*<(?P<name>[a-z][\w .-]{0,30})>(?=[ ]*[^<>\s])")
_PRESENT: Final = re.compile(r"\b(?P<name>rwma|pah|ph|hypertension)(?P<said>[ _]present)(?=\s*[:=>])")
# "rvsp;78;mmhg;": a line of a file that a table was stored in.
_STORED: Final = re.compile(
    r"(?m)(?:^|\v)[ ]*(?P<name>[a-z][\w /-]{0,30});(?P<value>[^;\n\v]{1,60});(?P<unit>[^;\n\v]{0,12});?"
    r"(?=$|\v)"
)
# "EF_LV;65": a name and its value in each line.
_NAMED: Final = re.compile(r"(?m)(?:^|\v)[ ]*(?P<name>[a-z][\w /'-]{0,30});(?P<value>[^;\n\v]{1,40})(?=$|\v)")
_FEWEST: Final = 3


def exports_written_out(text: str) -> str:
    """Tagged values as "name: value;" and true and false as yes and no; all offsets stay."""
    text = _PRESENT.sub(lambda one: one.group("name") + " " * len(one.group("said")), text)
    if len(_OPEN_TAG.findall(text)) >= _FEWEST:
        text = _OPEN_TAG.sub(lambda tag: _own_line(tag).replace("<", " ").replace(">", ":"), text)
    if len(_STORED.findall(text)) >= _FEWEST:
        text = _STORED.sub(lambda one: _own_line(one).replace(";", ":", 1).replace(";", " "), text)
    if len(_NAMED.findall(text)) > _FEWEST:
        text = _NAMED.sub(lambda one: _own_line(one).replace(";", ":", 1), text)
    if _TAGGED.search(text):
        text = _BARE_TAG.sub(lambda tag: " " * len(tag.group()), _TAGGED.sub(_as_label, text))
    return _SAID.sub(
        lambda one: one.group("name") + _IN_WORDS[one.group("said")].ljust(len(one.group("said"))), text
    )


def _own_line(found: re.Match[str]) -> str:
    return found.group().replace(SOFT_BREAK, "\n")


def _as_label(tag: re.Match[str]) -> str:
    value = tag.group("value")
    lead = f" {tag.group('name')}:".ljust(tag.start("value") - tag.start())
    return f"{lead}{value};".ljust(len(tag.group()))
