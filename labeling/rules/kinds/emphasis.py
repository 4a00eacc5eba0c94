"""Option lists where one option stands out in print: bracketed, starred, or all others struck out."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_WORDS: Final = (
    r"(?:(?:regional|segmental) abnormality|global hypokinesia|no|nil|none|absent|negative|yes|present|"
    r"positive|mild|moderate|severe|trivial|normal|abnormal|"
    r"good|fair|poor|"
    r"reduced|impaired|raised|elevated|gross|hypokinesia|akinesia|dyskinesia|aneurysm|y|n|large|small|"
    r"dilated|"
    r"increased|lad|rca|lcx|la|lv|not seen|not assessed|minimal|trace)"
)
_OPTION: Final = rf"{_WORDS}(?![a-z])(?:[ ](?:rwma|pah|dysfunction|reduced|impaired))?"
_POINTED: Final = (
    rf"(?:<<+\s?{_OPTION}\s?>>+|>>+\s?{_OPTION}\s?<<+|\*\*+\s?{_OPTION}\s?\*\*+|"
    rf"(?:-+>|=>|\u2192)\s?{_OPTION}(?!\w))"
)
_CHOSEN: Final = (
    rf"(?:{_POINTED}|"
    rf"\[\s?{_OPTION}\s?\]|\(\s?{_OPTION}\s?\)|\{{\s?{_OPTION}\s?\}}|\*+\s?{_OPTION}\s?\*+|"
    rf">+\s?{_OPTION}\s?<+|"
    rf"<+\s?{_OPTION}\s?>+|_+{_OPTION}_+|\*{_OPTION}(?!\w)(?!\s?\*))"
)
_STRUCK: Final = rf"~+\s?{_OPTION}(?:\s*/\s*{_OPTION})*\s?~+"
_ONE: Final = rf"(?:{_STRUCK}|{_CHOSEN}|{_OPTION}(?!\w))"
# Set apart by gaps alone a list needs a plain sign.
_RUN: Final = re.compile(
    rf"(?<![\w\[(*]){_ONE}(?:[^\S\n]*(?:/|\||\\)[^\S\n]*{_ONE})+|"
    rf"(?<![\w\[(*~]){_STRUCK}[^\S\n]*{_OPTION}(?!\w)|"
    rf"(?<![\w\[(*]){_OPTION}(?:[ ]{{2,}}{_OPTION})*[ ]{{2,}}{_POINTED}(?:[ ]{{2,}}{_OPTION}(?!\w))*|"
    rf"(?<![\w\[(*]){_POINTED}(?:[ ]{{2,}}{_OPTION}(?!\w))+"
)
# "present / absent   [absent]", "Y / N   circled: Y".
_BEHIND: Final = re.compile(
    rf"[^\S\n]*(?:(?:circled|ringed|ticked|chosen|selected|marked|answer|ans\.?|"
    rf"result)\s*[:=-]\s*(?P<said>{_OPTION})(?!\w)|"
    rf"\[\s?(?P<enclosed>{_OPTION})\s?\])"
)
_IN_BRACKETS: Final = re.compile(r"[\[({]")


def settle_emphasis(text: str) -> tuple[str, list[Passage]]:
    """The text with the option that stands out written as "label: answer;"; offsets stay.

    One list alone with a bracketed option may mean something else by its brackets, and gaps alone may not
    part options: those cast doubt.
    """
    letters = list(text)
    passages: list[Passage] = []
    settled = [(run, span) for run in _RUN.finditer(text) if (span := _chosen(text, run)) is not None]
    bracketed = [span for _, span in settled if _IN_BRACKETS.match(text[span[0] - 1])]
    for run, span in settled:
        line = max(text.rfind("\n", 0, run.start()), text.rfind("\v", 0, run.start())) + 1
        label = text[line : run.start()].rstrip()
        stop = _write_answer(text, label, run, span, letters)
        is_starred = text[span[0] - 1] == "*" and not text[span[1] :].lstrip(" ").startswith("*")
        is_doubtful = bracketed == [span] or is_starred or not re.search(r"[/|\\]", run.group())
        if is_doubtful and fields_named(label):
            passages.append(Passage(stop, stop, LineKind.OPTIONS, casts_doubt=True))
    return "".join(letters), passages


def _write_answer(
    text: str, label: str, run: re.Match[str], chosen: tuple[int, int], letters: list[str]
) -> int:
    """ "label: answer;" in place of a list, offsets kept; where it ends."""
    start, end = chosen
    stop = _end(text, run, end)
    for at in range(run.start(), stop):
        letters[at] = letters[at] if start <= at < end else " "
    if label and label[-1] not in ":=-":
        sign_at = run.start() if run.start() < start else run.start() - 1
        letters[sign_at] = ":" if letters[sign_at] == " " else letters[sign_at]
    if stop > end:
        letters[end] = ";"
    return stop


def _chosen(text: str, run: re.Match[str]) -> tuple[int, int] | None:
    """Where the chosen option stands: the one that stands out, the one not struck out, or the one behind."""
    behind = _BEHIND.match(text, run.end())
    if behind:
        return behind.span("said" if behind.group("said") else "enclosed")
    out = list(re.finditer(_CHOSEN, text[run.start() : run.end()]))
    if len(out) == 1 and not re.search(_STRUCK, run.group()):
        option = re.compile(_OPTION).search(text, run.start() + out[0].start())
        return option.span() if option else None
    if re.search(_STRUCK, run.group()):
        rest = re.sub(_STRUCK, lambda struck: " " * len(struck.group()), run.group())
        left = list(re.finditer(rf"(?<!\w){_OPTION}(?!\w)", rest))
        return (run.start() + left[0].start(), run.start() + left[0].end()) if len(left) == 1 else None
    return None


def _end(text: str, run: re.Match[str], end: int) -> int:
    """Where a settled list ends: with its last option, or with the answer behind it and its bracket."""
    if end <= run.end():
        return run.end()
    return end + 1 if text[end : end + 1] == "]" else end
