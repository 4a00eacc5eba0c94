"""Option lists and tick lines: the marked option is the answer, an unmarked list is none."""

from __future__ import annotations

import re
from itertools import zip_longest
from typing import Final

from labeling.rules.kinds.cells import lines_of
from labeling.rules.kinds.marks import MARK, marks_of, ticked_of
from labeling.rules.kinds.passages import FIELD_WORDS, LineKind, Passage, blank, fields_named
from labeling.rules.wall_patterns import WALL

_NONE: Final = r"no|nil|none|absent|not (?:seen|present|detected|noted)|negative|n|-ve"
_SOME: Final = r"yes|y|present|positive|seen|\+ve|detected"
_GRADES: Final = r"mild|moderate|severe|trivial|trace|borderline|gross|significant|minimal"
_GOOD: Final = r"normal|good|preserved|adequate|wnl|intact"
_BAD: Final = (
    r"abnormal|abn|fair|poor|reduced|impaired|depressed|hypokinesia|akinesia|dyskinesia|hypo|aneurysm|global|"
    r"regional(?!\s+wall)|"
    r"diminished|raised|elevated"
)
_CLASSES: Final = {"none": _NONE, "some": _SOME, "grade": _GRADES, "good": _GOOD, "bad": _BAD}
_NOUN: Final = (
    r"rwma|swma|pah|ph|hypertension|wall motion(?: abnormality)?|reduced|impaired|abnormality|"
    r"(?:hypo|a|dys)kinesia|pulmonary hypertension|grade"
)
_PLAIN: Final = (
    rf"(?:{'|'.join(_CLASSES.values())})(?:[^\S\n]+(?:{_NOUN}))?"
    r"(?:\s+(?:of|in)\s+[_.…]{2,}(?:\s*(?:wall|segment)s?)?|\s+(?:of|in)\s+(?:the\s+)?wall)?(?![\w])"
)
_ANSWER: Final = re.compile(rf"(?<!\w){_PLAIN}")
ITEM: Final = re.compile(rf"(?<!\w)(?:(?:{_NOUN})[^\S\n]+)?{_PLAIN}")
_SP: Final = r"[^\S\n]"
_SLASH: Final = rf"{_SP}*(?:/|\||\bor\b|\\){_SP}*"
_SOFT: Final = rf"(?:{_SP}*(?:/|\||,|\bor\b|\\|[)\]]{_SP}*[(\[]){_SP}*|{_SP}+)"
_RUN: Final = re.compile(rf"{ITEM.pattern}(?:{_SOFT}(?:{ITEM.pattern}))+")
# What OCR makes of a drawn box: signs, or one or two letters that are no word.
_JUNK: Final = (
    r"(?:(?!->)[^\sa-z0-9:;.=]{1,3}|[\[({|]?(?!(?:mr|tr|ar|as|ms|lv|rv|la|ra|no|of|in|to|or|is|at|if|by|"
    r"ef|pe|n|"
    r"y)\b)(?<![a-z0-9])[a-z0-9]{1,2}(?![a-z0-9])[\])}|]?)"
)
_BOXED: Final = re.compile(
    rf"{_ANSWER.pattern}'?(?:[ ]*(?:{_JUNK}[ ]*){{1,2}}{_ANSWER.pattern}'?)+"
    rf"(?=[ ]*(?:{_JUNK}[ ]*){{0,2}}(?:$|[\n\v]|[ ]{{2}}))"
)
_ONLY_OPTIONS: Final = re.compile(rf"(?:[\s:=,'\u2019-]|{_JUNK}(?=\s|$)|{_PLAIN})*")
# A list of options ends its line, its brackets or its sentence, or tells what to do with it.
_RUN_END: Final = re.compile(
    rf"\s*(?:$|[)\]\n\v.;:_=\u2192]|-+>(?=[ ]*{_PLAIN})|[(\[*]|if\b|specify|strike|tick|please|delete|"
    rf"circle|encircle|select|"
    r"choose|ring|"
    r"whichever|mark\b|-\s|(?:grade|degree)\s*$|[a-z][a-z ]{1,25}:)"
)
# "PAH (nil/mild/moderate/severe): mild": the answer behind the list.
_ANSWERED: Final = re.compile(
    r"[ ]*(?:[)\]][ ]*(?::|=+>?|-+>?|\u2192)?|"
    rf"(?:-+>?|=+>?|:|\u2192)(?=[ ]*{_PLAIN}[ ]*(?:$|[\n\v;,.(])))[ ]*(?P<answer>{_PLAIN})"
)
_SELECT: Final = re.compile(
    r"\b(?:strike|tick|delete|circle|encircle|select|choose|ring)\b[^.\n\v]{0,30}"
    r"\b(?:out|one|whichever|applicable|appropriate|not|option)?"
)


# "PAH: yes; grade: mild;": the grade is the answer.
_GRADED_BELOW: Final = re.compile(
    r"(?<=:)[ ]*(?:yes|present|y)[ ]*;(?=[^\S\n]*(?:if \w+[, ]*)?(?:grade|severity|degree)\s*:)"
)

# A list of options and boxes is never longer; a line without an end may be.
_LABEL_REACH: Final = 2000


# "IVC normal, severe pulmonary hypertension", "mild PAH, no": two findings behind each other.
_TWO_FINDINGS: Final = re.compile(
    rf"(?:{_PLAIN}\s*,\s*(?:no|mild|moderate|severe|global)[ ](?:{_NOUN})|"
    rf"(?:mild|moderate|severe)[ ](?:{_NOUN})\s*,\s*no)"
)


def settle_options(text: str) -> tuple[str, list[Passage]]:
    """The text with ticked answers written as "label: answer;", and the passages of all other options.

    A list where no option is marked, or more than one, or the mark may belong to either neighbour, answers
    nothing and leaves doubt. All offsets stay.
    """
    letters = list(text)
    passages = _ticked(text, letters)
    settled = _GRADED_BELOW.sub(lambda found: " " * len(found.group()), "".join(letters))
    # What a tick has settled is no open list any more.
    taken = [(p.start, p.end) for p in passages]
    for run in _RUN.finditer(settled):
        is_free = not any(start < run.end() and run.start() < end for start, end in taken)
        if not (is_free and _is_open_list(settled, run)):
            continue
        label = _label_before(settled, run.start()) or _label_within(settled, run)
        answer = _ANSWERED.match(settled, run.end())
        if answer and label is not None:
            between = ":".ljust(answer.start("answer") - label[1])
            settled = settled[: label[1]] + between + settled[answer.start("answer") :]
        else:
            start = label[0] if label else run.start()
            passages.append(Passage(start, _list_end(settled, run), LineKind.OPTIONS))
    return settled, passages + _boxed_lists(blank(settled, passages))


def _ticked(text: str, letters: list[str]) -> list[Passage]:
    """What is no answer in the lists that have marks; the answers are written into the letters."""
    passages: list[Passage] = []
    for start, end in _tick_blocks(text):
        if MARK.search(text, start, end):
            _settle_block(text, start, end, letters, passages)
    return passages


def _label_before(text: str, at: int) -> tuple[int, int] | None:
    """The field's name that an option list directly follows."""
    line = max(text.rfind("\n", 0, at), text.rfind("\v", 0, at)) + 1
    for words in FIELD_WORDS.values():
        for label in words.finditer(text, line, at):
            between = re.sub(r"\b(?:grades?|options?|choices)\b", "", text[label.end() : at])
            if not between.strip(" :=-([,{"):
                return label.start(), label.end()
    return None


def _label_within(text: str, run: re.Match[str]) -> tuple[int, int] | None:
    """The field's name that a list begins with: "Wall motion abnormality   yes / no"."""
    head = re.compile(rf"(?:{_NOUN})(?=[ ]{{2,}})").match(text, run.start(), run.end())
    if head is None or not fields_named(head.group()):
        return None
    whole = _label_before(text, head.end())
    return whole if whole and whole[0] <= head.start() else head.span()


def _boxed_lists(text: str) -> list[Passage]:
    """Opposed answers with what OCR made of boxes between them: which one is marked can't be told."""
    found = []
    for run in _BOXED.finditer(text):
        kinds = {kind for item in _ANSWER.finditer(run.group()) for kind in _classes(item.group())}
        is_score = re.search(r"1\W{0,3}$", text[: run.start()]) and run.group().startswith("normal")
        if any(pair <= kinds for pair in _OPPOSED) and not (is_score or _are_listed(text, run)):
            found.append(Passage(_start_with_label(text, run.start()), run.end(), LineKind.OPTIONS))
    return found


def _are_listed(text: str, run: re.Match[str]) -> bool:
    """ "No RWMA, mild PAH": nothing but commas between, and a noun to each; "TR trivial, no PAH", too."""
    items = [match.group() for match in _ANSWER.finditer(run.group())]
    signs = _ANSWER.sub("", run.group()).strip(" ,;&")
    lead = text[max(text.rfind("\n", 0, run.start()), text.rfind("\v", 0, run.start())) + 1 : run.start()]
    if signs:
        is_named = len(fields_named(lead[-24:] + run.group())) > 1 and all(map(fields_named, items[1:]))
        return not signs.strip("/|-()+ ,") and (is_named or _are_findings(run.group(), set(items)))
    has_noun = re.search(r"[a-z]{2,} $", lead) is not None and not fields_named(lead[-24:])
    if _TWO_FINDINGS.fullmatch(run.group().strip()):
        return True
    return _are_findings(run.group(), set(items)) or (has_noun and all(map(fields_named, items[1:])))


def _start_with_label(text: str, at: int) -> int:
    """Where a list begins, with its label if nothing but other options and boxes stands between."""
    line = max(text.rfind("\n", 0, at), text.rfind("\v", 0, at), at - _LABEL_REACH) + 1
    labels = [label for words in FIELD_WORDS.values() for label in words.finditer(text, line, at)]
    # The nearest first: a line may name its fields a thousand times.
    for label in sorted(labels, key=lambda one: one.start(), reverse=True):
        if _ONLY_OPTIONS.fullmatch(text[label.end() : at]):
            return label.start()
    return at


def _is_open_list(text: str, run: re.Match[str]) -> bool:
    """Whether a run of options contradicts itself, so that none of them is meant yet."""
    if not _RUN_END.match(text, run.end()) or "\n" in run.group():
        return False
    items = {m.group() for m in ITEM.finditer(run.group())}
    if _are_findings(run.group(), items):
        return False
    kinds = {kind for item in items for kind in _classes(item)}
    is_slashed = re.search(_SLASH, run.group()) is not None
    if any(pair <= kinds for pair in _OPPOSED):
        return is_slashed or _is_bare(run.group(), kinds)
    alike = [sum(_classes(item) == {kind} for item in items) for kind in ("grade", "bad")]
    return is_slashed and max(alike) >= 3


# "No wall motion abnormality, regional or global".
_EVERYWHERE: Final = re.compile(
    r"(?:no )?(?:(?:wall motion )?abnormality,?\s*)?(?:regional|segmental|global)\s*(?:or|and|nor|"
    r"/)\s*(?:regional|segmental|global)"
    r"(?: (?:wall motion )?abnormality)?"
)
# "RWMA: none seen": one answer in two words.
_NONE_SEEN: Final = re.compile(
    rf"(?:(?:{_NOUN})\s+)?(?:none|nil|nothing) (?:seen|noted|detected|found|identified|present|observed)"
)
# "No hypokinesia/akinesia", "Hypokinesia - nil", "(mildly reduced), no RWMA".
_ONE_DENIAL: Final = re.compile(
    r"(?:no|nil)\s+\w*kinesia|\w*kinesia\s+-\s+(?:nil|no|none)$|[^(]+\), no |regional\|none"
)
_OPPOSED: Final = ({"none", "some"}, {"none", "grade"}, {"none", "bad"}, {"good", "bad"}, {"good", "grade"})


def _are_findings(run: str, items: set[str]) -> bool:
    """ "No RWMA/mild PAH" are two findings, "no hypokinesia/akinesia" is one denial."""
    nouns = {field for item in items for field in fields_named(item)}
    if _EVERYWHERE.fullmatch(run) or _NONE_SEEN.fullmatch(run):
        return True
    return len(nouns) > 1 or _ONE_DENIAL.match(run) is not None


def _is_bare(run: str, kinds: set[str]) -> bool:
    """Whether the options are answers alone, listed or set apart, no findings with a noun of their own."""
    has_noun = re.search(rf"\b(?:{_NOUN})\b", re.sub(rf"^(?:{_NOUN})\s+", "", run))
    return not has_noun and (kinds == {"none", "some"} or "," in run or "  " in run)


def _classes(item: str) -> set[str]:
    return {kind for kind, words in _CLASSES.items() if re.match(rf"(?:(?:{_NOUN})\s+)?(?:{words})\b", item)}


def _list_end(text: str, run: re.Match[str]) -> int:
    return (re.compile(rf"[\s(\[,.-]*(?:{_SELECT.pattern})").match(text, run.end()) or run).end()


def unticked_passages(text: str) -> list[Passage]:
    """Options with a number that are not ticked, where another one is: "( ) Normal EF >50 %  (X) Reduced"."""
    found = []
    for start, end in lines_of(text):
        marks = marks_of(text, start, end)
        ticked = ticked_of(marks)
        for mark, following in zip_longest(marks, marks[1:]) if ticked else ():
            stop = following.start() if following else end
            # Behind a wide gap the next answer of the line begins.
            gap = re.compile(r"(?<=\S)[ ]{3,}").search(text, mark.end() + 1, stop)
            stop = gap.start() if gap else stop
            named = fields_named(text[mark.end() : stop])
            if mark.group("empty") and {"ef_percent", "rvsp_mmhg"} & named:
                found.append(Passage(mark.start(), stop, LineKind.OPTIONS))
    return found


def _tick_blocks(text: str) -> list[tuple[int, int]]:
    """The lines with marks; a bare label and the boxes in the lines below it are one block."""
    blocks: list[tuple[int, int]] = []
    start = 0
    previous: tuple[int, int] | None = None
    for match in re.finditer(r"[\n\v]|\Z", text):
        line = text[start : match.start()]
        begins_with_mark = MARK.match(line.lstrip()) is not None
        is_below = previous is not None and begins_with_mark and blocks and blocks[-1] == previous
        if is_below and _is_open_block(text[slice(*blocks[-1])]) and not fields_named(line):
            blocks[-1] = (blocks[-1][0], match.start())
        elif line.strip():
            blocks.append((start, match.start()))
        previous = blocks[-1] if line.strip() else previous
        start = match.end()
    return blocks


def _is_open_block(block: str) -> bool:
    head = re.split(r"[\n\v]", block)[0]
    return not MARK.search(head) and len(head.split()) <= 7 and not ITEM.search(head)


def _settle_block(text: str, start: int, end: int, letters: list[str], passages: list[Passage]) -> None:
    bounds = [start, *_later_labels(text, start, end), end]
    for low, high in zip(bounds, bounds[1:], strict=False):
        marks = marks_of(text, low, high)
        if marks and (ITEM.search(text, low, high) or fields_named(text[low:high])):
            _settle_group(text, low, high, marks, letters, passages)


_VALUE_BEHIND: Final = re.compile(r"\s*[:=]?\s*[<>~]?\s*(?:\d{2,3}(?!\d)|0[.,]\d)")


def _later_labels(text: str, start: int, end: int) -> list[int]:
    """Where a new label starts behind marks that answered the one before."""
    found: list[int] = []
    fields = "|".join(words.pattern for words in FIELD_WORDS.values())
    name = r"[a-z][\w./-]*(?:\s[a-z][\w./-]*){0,3}\s*:(?!\d)"
    pattern = re.compile(rf"(?:(?<=\s)|(?<=[;,|]))(?:{name}|{fields}|-+>[ ]*[a-z]+(?=[ ]+[\[(]))")
    for label in pattern.finditer(text, start + 1, end):
        lead = text[start : label.start()].rstrip(" ")
        is_valued = _VALUE_BEHIND.match(text, label.end(), end) is not None
        has_marks = MARK.search(text, start, label.start()) and (
            is_valued or MARK.search(text, label.end(), end)
        )
        is_option = re.search(
            r"[\])}\u2610-\u2612\u2713\u2714\u221a\u25a1\u25cb]$|\b(?:no|nil|mild|moderate|severe|normal)$",
            lead,
        )
        is_apart = text[: label.start()].endswith("  ") and not re.search(r"[\])}]$", lead)
        is_own = is_apart or _trails(text, start, label.start())
        if has_marks and (is_own or not is_option) and not ITEM.match(label.group().rstrip(" :")):
            found.append(label.start())
    return found


def _trails(text: str, start: int, end: int) -> bool:
    """Whether the marks before a label stand behind their options."""
    first = MARK.search(text, start, end)
    return first is not None and _trailing_item(text[start : first.start()]) is not None


def _settle_group(
    text: str, low: int, high: int, marks: list[re.Match[str]], letters: list[str], passages: list[Passage]
) -> None:
    """Write the ticked option behind its label, or note that the group answers nothing."""
    options = _options(text, low, high, marks) or []
    ticked = ticked_of(marks)
    # "()" where a name was taken out of a sentence is no box.
    if not ticked and any(len(text[slice(*span)].split()) > 6 for span in options or [(low, high)]):
        return
    chosen = [span for mark, span in zip(marks, options, strict=False) if mark in ticked]
    first = _first_of_list(text, low, min([marks[0].start(), *(span[0] for span in options)]))
    if len(chosen) == 1 and text[slice(*chosen[0])].strip():
        _write_answer(text, (low, first, high), chosen[0], letters)
        return
    passages.append(Passage(max(low, _start_with_label(text, first)), high, LineKind.OPTIONS))


def _first_of_list(text: str, low: int, first: int) -> int:
    """Where the options begin: before a mark that stands among slashed ones, with the first of these."""
    answers = _ANSWER.search(text, low, first)
    return answers.start() if answers and re.search(r"/|\|", text[answers.end() : first]) else first


def _write_answer(
    text: str, group: tuple[int, int, int], chosen: tuple[int, int], letters: list[str]
) -> None:
    """ "label: answer;" in place of a group (its start, its first option, its end); offsets stay."""
    low, first, high = group
    for at in range(low, high):
        if letters[at] in "\n\v" or (at >= first and not chosen[0] <= at < chosen[1]):
            letters[at] = " "
    label = text[low:first].rstrip()
    if label.endswith("?"):
        letters[low + len(label) - 1] = " "
    if label.strip(" :\n\v-") and label[-1] not in ":=-" and first < high:
        letters[first if letters[first] == " " else first - 1] = ":"
    if chosen[1] < high:
        letters[chosen[1]] = ";"


def _options(text: str, low: int, high: int, marks: list[re.Match[str]]) -> list[tuple[int, int]] | None:
    """The option of each mark, before or behind it; None where that can't be told."""
    starts = [low, *(mark.end() for mark in marks)]
    ends = [*(mark.start() for mark in marks), high]
    pieces = [_trimmed(text, a, b) for a, b in zip(starts, ends, strict=True)]
    lead = text[slice(*pieces[0])]
    trailing = _trailing_item(lead)
    if len(marks) == 1 and re.search(r"/|\|", text[low:high]):
        return _slashed(text, low, high, marks[0])
    is_behind = not lead or trailing is None
    rest = text[slice(*pieces[-1])].strip(" ./|,;()")
    if is_behind:
        return pieces[1:] if rest and len(pieces) == len(marks) + 1 else None
    if rest and not re.match(r"[a-z]+(?: [a-z]+){0,2} ?:", rest):  # the next label
        return None
    first = (pieces[0][0] + (trailing or 0), pieces[0][1])
    return [first, *pieces[1:-1]]


def _trailing_item(lead: str) -> int | None:
    """Where the option begins that ends a text before its mark; None where a label alone stands there."""
    if lead.rstrip().endswith((":", "=", "-")):
        return None
    item = None
    for match in (*_ANSWER.finditer(lead), *WALL.finditer(lead)):
        item = match if not lead[match.end() :].strip() else item
    return item.start() if item else None


def _slashed(text: str, low: int, high: int, mark: re.Match[str]) -> list[tuple[int, int]] | None:
    """The piece between bars that a single mark stands in."""
    before = text[low : mark.start()]
    left = low + max(before.rfind("/"), before.rfind("|"), before.rfind(":"), -1) + 1
    bar = re.compile(r"[/|]").search(text, mark.end(), high)
    right = bar.start() if bar else high
    first, second = _trimmed(text, left, mark.start()), _trimmed(text, mark.end(), right)
    if (first[0] < first[1]) == (second[0] < second[1]):
        return None
    return [first if first[0] < first[1] else second]


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and text[start] in " \n\v/|,;":
        start += 1
    while end > start and text[end - 1] in " \n\v/|,;":
        end -= 1
    return start, end
