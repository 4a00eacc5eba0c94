"""Tables with named columns: which column is the patient's of today, and which is a range or an old study."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from labeling.rules.kinds.cells import (
    DATE,
    VALUE,
    Cell,
    cells_of,
    lines_of,
    newest,
    sign_between,
    split_cells,
)
from labeling.rules.kinds.passages import LineKind, Passage, fields_named
from labeling.rules.wall_patterns import WALL

# What a column may be of: a day on which somebody was seen, and something that was done between two of them.
_SITTING: Final = (
    r"(?:study|visit|echo\w*|scan|exam\w*|report|board|panel|medical|clinic|camp|assessment|check(?:-?up)?|"
    r"review|session)"
)
_STEP: Final = (
    r"(?:transplant\w*|hd|dialysis|pci|ptca|tavi|tavr|avr|mvr|cabg|surgery|treatment|procedure|chemo\w*|"
    r"valvotomy|bmv|device|crt|ablation)"
)
_COLUMNS: Final = (
    (
        "range",
        r"(?:normal|reference|ref\.?|expected|biological|adult|n\.?v\.?)\s*"
        r"(?:ref(?:erence)?\.?\s*)?(?:range|values?|limits?|interval)?s?(?:\s*\((?:men|women|male|female|"
        r"adults?)\))?|"
        r"norms?(?:\s+[mf])?|acceptable|permissible|allowed|accepted|required|desirable|range|"
        r"limits?|interval|"
        r"(?:ref\.? |normal )?(?:low(?:er)?(?:\s+limit)?|high(?:er)?|upp?er(?:\s+limit)?)|"
        r"(?:lowest|highest)(?: (?:healthy|normal|allowed))?|"
        r"min(?:imum)?\.?|max(?:imum)?\.?|lln|uln|target|cut-?off|predicted|men|women|nl",
    ),
    (
        "today",
        r"patients?(?:'s)?(?:\s+(?:value|result|reading)s?)?|pts?\.?(?:\s+(?:value|result)s?)?|"
        r"observed(?:\s+values?)?|"
        r"obs\.?|results?|vals?(?=\s*$)|values?|measured(?:\s+values?)?|measurements?(?=\s*$)|today|"
        r"current(?: (?:value|"
        r"study|echo|result|report|exam))?|"
        r"(?:cycle|week|month|day|visit|year|course) ?#?\d+ ?"
        r"\((?:(?:this|current|present) (?:study|visit|echo\w*|scan)|current|present|today|now)\)|"
        r"present(?:\s+study)?|now|actual|found|confirmed|reading|your\s+(?:values?|results?)|you(?=\s*$)|"
        rf"this\s+{_SITTING}|rest(?:ing)?|"
        r"(?:\d(?:st|nd|rd|th)|first|second|third) \((?:today|now|current|this \w+)\)|"
        rf"(?:after|post)[- ]?{_STEP}|after|final \(adjudicated\)|"
        r"latest|post[- ]?op\w*|follow[- ]?up|final|verified|corrected|amended|consultant|attending|edited|"
        r"signed|approved|adjudicated|over-?read",
    ),
    (
        "other",
        rf"(?:previous|prev\.?|prior|last)(?: (?:values?|results?|{_SITTING}))?|old|earlier|past|"
        rf"pre[- ]?op\w*|(?:before|pre)[- ]?{_STEP}|before|\d{{1,2}} (?:day|week|month|year)s? ago|"
        r"\d(?:st|nd|rd|th)|(?:reader|observer) [a-d1-9]|"
        r"baseline|(?:cycle|week|month|day|visit|course) ?#?\d+|"
        r"ai|auto(?:mated|matic)?|draft|prelim(?:inary)?|provisional|software|computer|resident|trainee|"
        r"original|uncorrected|notes?|remarks?|"
        r"stress|(?:at\s+)?peak(?: (?:stress|exercise|dose))?|exercise|post[- ]?(?:stress|exercise)",
    ),
)
_DECORATED: Final = r"[(\[]?\s*(?:{words})\s*[)\]]?"
_COLUMN: Final = re.compile(
    rf"(?P<date>{DATE.pattern})|"
    + "|".join(rf"(?P<{kind}>(?<!\w){_DECORATED.format(words=words)}(?!\w))" for kind, words in _COLUMNS)
)
# What may stand at the head of a table beside its columns: the name of the label column.
_LABEL_COLUMN: Final = re.compile(
    r"\b(?:parameters?|params?|m-?mode|2d|measure\w*|tests?|items?|variables?|dimensions?|names?|units?|"
    r"investigations?|quantit(?:y|ies)|flags?|remarks|"
    r"echo\w*|lv|study|date|doppler|indices|index|s\.?\s?no\.?|description|findings?|field|method|and|the|of|"
    r"report|"
    r"date of|value|on)\b|[\W_]"
)


# "Wall code 1: normal, 2: hypokinetic" below a table is no row of it.
_NUMBER_KEY: Final = re.compile(r"\d\s*[:=]\s*[a-z]{3}")
_BRACKETED_DATE: Final = re.compile(rf"\((?:{DATE.pattern})[^()]*\)")
# "Last echo, March 2020:" has its lines below it, and no columns.
_DATED_HEADING: Final = re.compile(
    r"[ *-]*[^\W\d][\w ]{2,24}(?:,| of| from| dated| on) ?[\w./-]+(?: [\w./-]+){0,2}[ ]*:[ ]*"
)
# One word of whatever kind over the labels: "Trimester   1st   2nd (today)".
_LABEL_NAME: Final = re.compile(r"^[ ]*[a-z]{3,14}(?=[ ]{3,}\S+(?: \S+)*[ ]{2,}\S)")
_OF_TODAY: Final = re.compile(r"\b(?:current|today|now|present|this (?:study|visit|echo|scan))\b")
# "Requested 06/01/26   Done 20/01/26": the days of one study.
_OF_THE_VISIT: Final = re.compile(
    r"\b(?:request\w*|order\w*|book\w*|referr\w+|done|performed|scanned|acquired|received|reported|read|"
    r"typed|signed|verified|printed|dispatched|collected|issued|admi\w+|discharg\w+|dob|born|birth|lmp|edd|"
    r"doa|dod)\b"
)
_ROW_NAME: Final = re.compile(
    rf"(?:(?:{WALL.pattern}|wall|segment|motion|regional|lv|rwma|pah|pulmonary|hypertension|pa|pressure)\s+)+"
)


@dataclass(frozen=True)
class _Column:
    kind: str
    text: str


def kind_of_column(name: str) -> str:
    """What a column of this name is of: "today", "other" (day, reader), "range", "date"; else empty."""
    found = _COLUMN.fullmatch(name)
    return (found.lastgroup or "") if found else ""


def other_columns(text: str) -> list[Passage]:
    """The cells below a head of named columns that aren't the patient's of today."""
    found: list[Passage] = []
    columns: list[_Column] = []
    for start, end in lines_of(text):
        line = text[start:end]
        head = _columns(line)
        if head:
            columns = head
            found.append(Passage(start, end, LineKind.HEADER_ROW, leaves_doubt=False))
        elif columns and fields_named(line) and not _NUMBER_KEY.search(line):
            found.extend(_others_in(text, start, end, columns))
        elif (
            not line.strip() and "\n" in text[end : end + 1] and not text[:start].rstrip(" \n").endswith(")")
        ):
            columns = columns if _table_goes_on(text, end) else []
    return found


def _table_goes_on(text: str, end: int) -> bool:
    following = text[end:].lstrip("\n\v ").split("\n")[0]
    return len(VALUE.findall(following)) >= 2


def _columns(line: str) -> list[_Column]:
    """The named columns of a head, at least two of them; none where the line says more than that."""
    if len(line) > 120 or ":" in line.rstrip(" :") or _DATED_HEADING.fullmatch(line):
        return []
    return _method_columns(line) or _named_columns(line)


def _named_columns(line: str) -> list[_Column]:
    """The columns of a head by their names and dates."""
    found = list(_COLUMN.finditer(line))
    name = _LABEL_NAME.match(line)
    is_label = name is not None and _COLUMN.fullmatch(name.group().strip()) is None
    named = _COLUMN.sub(" ", line[name.end() :] if name and is_label else line)
    if re.search(r"[a-z0-9]", _LABEL_COLUMN.sub(" ", named)):
        return _dated_columns(line)
    if _BRACKETED_DATE.search(line) and (dated := _dated_columns(line)):
        return dated
    columns = _joined(line, found)
    if len(columns) < 2:
        return []
    kinds = {column.kind for column in columns}
    return columns if len(kinds) > 1 or kinds == {"date"} else []


# Ways to measure one EF: the biplane one is worth having (docs/codebook.md).
_GAP: Final = r"(?:[ ]{2,}|[ ]*[|,][ ]*|[ ]+/[ ]+)"
_METHODS: Final = re.compile(
    rf"(?:[a-z]{{0,12}}{_GAP})?(?P<heads>(?:(?:a?[24] ?ch?(?:amber)?|ap[24]|teich\w*|m-?mode|"
    r"bi-?plane|bip|bp|mod bp|"
    rf"area-length|visual|3d|simpsons?(?:'s)?(?: \(?(?:bi-?plane|bp)\)?)?)(?:{_GAP}|[ ]*$)){{2,}})"
)
_BEST_METHOD: Final = re.compile(r"\b(?:bi-?plane|bip|bp|simpson)")


def _method_columns(line: str) -> list[_Column]:
    """The columns of "Volumes   A4C   A2C   BP", the biplane one as the one that counts."""
    head = _METHODS.fullmatch(line)
    names = re.split(_GAP, head.group("heads").strip(" |")) if head else []
    best = [name for name in names if _BEST_METHOD.search(name)]
    return [_Column("today" if name in best else "method", name) for name in names] if len(best) == 1 else []


def _dated_columns(line: str) -> list[_Column]:
    """The columns of "Parameter   Before dialysis (2022)   After transplant (2025, current)"."""
    cells = re.split(r"\s{2,}|\s*\|\s*", line.strip(" |"))
    dated = [cell for cell in cells if DATE.search(cell) and not VALUE.fullmatch(cell)]
    if any(_OF_THE_VISIT.search(cell) for cell in dated):
        return []
    staged = _staged_columns(cells)
    if staged and not fields_named(line):
        return staged
    if len(dated) < 2 or len(dated) < len(cells) - 1 or cells[-1] not in dated or fields_named(line):
        return []
    return [_Column("today" if _OF_TODAY.search(cell) else "date", _date_in(cell)) for cell in dated]


# "V1 acute", "V2 6 weeks", "V3 6 months (this visit)".
_STAGE: Final = re.compile(
    r"\b(?:v\d|visit|week|month|day|year|cycle|baseline|pre|post|acute|before|after)\w*\b|\d"
)


def _staged_columns(cells: list[str]) -> list[_Column]:
    """The columns of a table over visits of which one says that it is this one; the first cell is a name."""
    stages = cells[1:]
    own = [cell for cell in stages if _OF_TODAY.search(cell)]
    is_staged = len(stages) >= 2 and all(_STAGE.search(cell) and len(cell) <= 30 for cell in stages)
    if not is_staged or len(own) != 1 or any(VALUE.fullmatch(cell) for cell in stages):
        return []
    return [_Column("today" if cell in own else "date", cell) for cell in stages]


def _date_in(cell: str) -> str:
    found = DATE.search(cell)
    return found.group() if found else cell


def _joined(line: str, found: list[re.Match[str]]) -> list[_Column]:
    """The columns, of "02 Nov 2025 (current)" and "Last (Mar 25)" one each: what a date is called counts."""
    columns: list[_Column] = []
    end = -9
    for match in found:
        column = _Column(match.lastgroup or "", match.group())
        start = match.end() - len(match.group().lstrip())
        is_close = columns and line[end:start].strip(" ([") == "" and start - end <= 2
        if is_close and "date" in (columns[-1].kind, column.kind) and columns[-1].kind != column.kind:
            named = column if columns[-1].kind == "date" else columns[-1]
            columns[-1] = named
        else:
            columns.append(column)
        end = match.end()
    return columns


def _others_in(text: str, start: int, end: int, columns: list[_Column]) -> list[Passage]:
    """The cells of a row in other columns than today's; all, in doubt, where today's can't be told."""
    values = _values(text, start, end, len(columns))
    keep = _todays(columns)
    barred = cells_of(text, start, end) if "|" in text[start:end] else []
    if keep == 0 and len(barred) == len(columns) and fields_named(barred[0].text):
        # The first cell holds the name and today's value.
        values = barred
    if len(values) != len(columns):
        values = _beside_name(text, start, end, len(columns))
    if len(values) != len(columns):
        values = _values(text, start, end, len(columns))
        return _ranges_of(values, columns) if len(values) > 1 else []
    if keep is None:
        return [Passage(cell.start, cell.end, LineKind.HISTORY) for cell in values]
    kinds = {"range": LineKind.REFERENCE}
    return [
        Passage(cell.start, cell.end, kinds.get(column.kind, LineKind.HISTORY), leaves_doubt=False)
        for n, (cell, column) in enumerate(zip(values, columns, strict=True))
        if n != keep
    ]


def _values(text: str, start: int, end: int, wanted: int) -> list[Cell]:
    """The cells of a row behind its label: as many as there are columns, or the numbers printed in it."""
    cells = split_cells(text, start, end)
    line = text[start:end]
    is_spaced = bool(re.search(r"\S\s{2,}\S|\|", line.strip(" |"))) or sign_between(line) is not None
    unnamed = [cell for cell in cells if not fields_named(cell.text)]
    if is_spaced and len(cells) == wanted + 1:
        return cells[1:] if fields_named(cells[0].text) or len(unnamed) != wanted else unnamed
    if is_spaced and len(cells) == wanted + 2 and re.fullmatch(r"\d{1,2}[.)]?", cells[0].text):
        return cells[2:]
    label = re.compile(r"[^\d<>(\[]*(?:\([^)\d]*\)[^\d<>(\[]*)?").match(text, start, end)
    at = label.end() if label else start
    return [Cell(m.start("value"), m.end("value"), m.group("value")) for m in VALUE.finditer(text, at, end)]


def _beside_name(text: str, start: int, end: int, wanted: int) -> list[Cell]:
    """The cells of "Anterior wall akinetic   hypokinetic   normal": the first stands beside the
    row's name.
    """
    cells = cells_of(text, start, end)
    if len(cells) != wanted or any(VALUE.fullmatch(cell.text) for cell in cells):
        return []
    name = _ROW_NAME.match(cells[0].text)
    if name is None or name.end() == len(cells[0].text):
        return []
    at = cells[0].start + name.end()
    return [Cell(at, cells[0].end, text[at : cells[0].end]), *cells[1:]]


def _ranges_of(values: list[Cell], columns: list[_Column]) -> list[Passage]:
    """Where a row lacks a cell: its ranges, if the table has a column for them and a single number stays."""
    is_range = [
        bool((m := VALUE.fullmatch(cell.text)) and (m.group("range") or m.group("limit"))) for cell in values
    ]
    if all(is_range) or not any(is_range) or all(column.kind != "range" for column in columns):
        return []
    return [
        Passage(cell.start, cell.end, LineKind.REFERENCE, leaves_doubt=False)
        for cell, ranged in zip(values, is_range, strict=True)
        if ranged
    ]


def _todays(columns: list[_Column]) -> int | None:
    """Which column is the patient's of today: the one so named, else the newest date, else the only other."""
    today = [n for n, column in enumerate(columns) if column.kind == "today"]
    dates = [n for n, column in enumerate(columns) if column.kind == "date"]
    if len(today) == 1:
        return today[0]
    if dates and not today:
        best = newest([columns[n].text for n in dates]) if len(dates) > 1 else 0
        return dates[best] if best is not None else None
    return None
