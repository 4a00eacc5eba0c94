"""What is told of other people, by other people and of other days: no finding of today's study."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from labeling.rules.ef_patterns import LABEL
from labeling.rules.kinds.cells import DATE, lines_of
from labeling.rules.kinds.passages import LineKind, Passage, fields_named
from labeling.rules.pressures.rvsp_patterns import RVSP_LABEL
from labeling.rules.walls.normal_motion import NORMAL
from labeling.rules.wrapping import SOFT_BREAK

_SENTENCE: Final = re.compile(r"(?:[^.;\n]|\.(?=\d)|\.(?=\w\.))+")
_OF_OTHERS: Final = re.compile(
    r"\b(?:family history|brothers?|sisters?|mother|father|sons?|daughters?|uncle|aunt|cousins?|grand\w+|"
    r"siblings?|dad'?s?|mum'?s?|mom'?s?|husband'?s?|wife'?s?|neighbou?r'?s?|room-?mate'?s?|"
    r"(?:another|different|wrong|other|next|previous) (?:patient|resident|occupant)(?:'s)?|misfiled|"
    r"team-?mate'?s?|not (?:of )?this (?:patient|athlete|person|client|child|worker)|"
    r"belongs? to (?:the )?(?:fo?etus|donor|other|another|next|previous))\b"
)
_TOLD: Final = re.compile(
    r"\b(?:was|were|been|being) told\b|\bpatient (?:says|reports|states|recalls|believes|claims)\b|"
    r"\b(?:letter|note|slip|label|card)\b[^.;\n]{0,45}\b(?:says|said|states|stated|reads)\b|"
    r"\bstock phrase\b|\bdeleted by\b|\bcrossed out\b|"
    r"\bissued in error\b|\b(?:typing|printing|transcription|clerical) error\b|\bdo not use\b|"
    r"\bversion \d+ (?:read|said|stated|showed)\b|"
    r"\((?:elsewhere|outside)\)|\b(?:discharge|referral|outside) (?:letter|summary|note)s?[^.;:\n]{0,14}:|"
    r"\((?:an? )?(?:outside|other|another|external) (?:lab\w*|hospital|clinic|study|report|echo)\)|"
    r"\b(?:earlier|first|original|old|previous) version\b|\b(?:retracted|withdrawn|superseded|"
    r"disregard(?:ed)?)\b"
)
# "Told EF 25 % at another hospital. LVEF here 45 %."
_AT_ANOTHER: Final = re.compile(
    r"\b(?:at|from|in|by) (?:another|other|an outside|a different) (?:hospital|clinic|lab\w*|cent(?:re|er))\b"
)
# "Absent (mild in report 7710, withdrawn)": the bracket alone is told.
_TOLD_ASIDE: Final = re.compile(r"\([^()\n]*\b(?:withdrawn|retracted|superseded|issued in error)\b[^()\n]*\)")
# Told of an earlier study and not found again, whatever the sentence says of this one.
_REFUTED: Final = re.compile(
    r"\b(?:previous|prior|earlier|outside|old|last|other)\b.*\b(?:is|was|were|are|could) not (?:be )?"
    r"(?:borne out|confirmed|reproduced|supported)\b"
)
_HIS_OWN: Final = re.compile(
    r"\b(?:(?:his|her|their) own|today|now|currently|this (?:study|echo\w*|patient)|echo\w* (?:shows?|"
    r"showed|today)|"
    r"present study|with (?:his|her|the) (?:son|daughter|mother|father|brother|sister))\b"
)
# "Compared with June 2021 (EF 42 %, mild PAH) there is full recovery".
_COMPARED: Final = re.compile(
    r"\b(?:compared (?:to|with)|comparison (?:to|with)|since|vs\.?|versus|from|than(?: in| on)?)\s+"
    r"(?:(?:the|his|her|my|an?|last|previous|prior|earlier|old|outside|baseline) )*"
    rf"(?:(?:study|echo\w*|report|scan|tte|exam\w*|year|month|week|visit|admission|baseline)\s*)?"
    rf"(?:(?:of|from|in|on|dated)\s+)?(?:{DATE.pattern})?\s*\((?P<told>[^()\n]*)\)"
)
_THIS: Final = re.compile(
    r"\b(?:today(?:'s)?|now|(?:this|current|present) (?:study|visit|admission|exam\w*|echo\w*|scan|report))\b"
)
_THEN: Final = re.compile(
    rf"\b(?:baseline|admission|initial|previous(?:ly)?|prior|earlier|old|last|before|first|"
    rf"pre-?(?:op\w*|treatment|chemo\w*|procedure|pci|ptca|cabg|anthra\w+|tavi|tavr|crt|ablation|device|"
    rf"implant\w*|surgery|transplant\w*|dialysis)|"
    rf"(?:after|post|cycle|visit|day|week|month|year|version) ?#?\d+|after (?:cycle|course|dose|chemo\w*|"
    rf"treatment)|"
    rf"\d+ (?:day|week|month|year)s?|at presentation|on arrival|comparison)\b|{DATE.pattern}"
)

# "Previous study dated 3.3.2023:", its values in the lines below.
_EARLIER_HEAD: Final = re.compile(
    r"[ ]*(?:previous|prior|earlier|last|old|past) (?:2d )?(?:study|echo\w*|report|tte|scan|exam\w*|findings|"
    r"results)\b[^:%]{0,40}:[ ]*"
)
_CORRECTED: Final = re.compile(
    r"\b(?:correction|erratum|typo|typing error)\b|"
    r"\bpre-? ?(?:ptca|pci|cabg|op\w*|procedure)\b.*\bpost-? ?(?:ptca|pci|cabg|op\w*|procedure)\b"
)


# With a fetus on the page the mother is the patient.
_FETUS: Final = re.compile(r"\b(?:fo?etus|fo?etal|gestation\w*|antenatal)\b")
_THE_MOTHER: Final = re.compile(r"\s*mother(?:'s)?(?: \w+)?\s*:")
_MANY_LINES: Final = 3


def elsewhere_passages(text: str) -> list[Passage]:
    """Relatives, other versions, what the patient was told, and studies cited only to be compared with."""
    found = [
        Passage(*cited.span(), LineKind.HISTORY)
        for cited in _COMPARED.finditer(text)
        if fields_named(cited.group("told"))
    ]
    is_pregnant = _FETUS.search(text) is not None
    for said in _sentences(text):
        if is_pregnant and _THE_MOTHER.match(said.group()):
            continue
        if not fields_named(said.group()):
            continue
        is_other = _OF_OTHERS.search(said.group()) or _TOLD.search(said.group())
        is_own = _HIS_OWN.search(said.group()) and not _REFUTED.search(said.group())
        aside = _TOLD_ASIDE.search(text, *said.span())
        if aside and fields_named(text[said.start() : aside.start()]):
            found.append(Passage(*aside.span(), LineKind.HISTORY, casts_doubt=True))
            continue
        if (is_other or _REFUTED.search(said.group())) and not is_own:
            found.append(Passage(*said.span(), LineKind.HISTORY))
    found += [*_of_another_hospital(text), *_coded_diagnoses(text)]
    return [*found, *_other_days(text), *_doubted_lines(text)]


def _of_another_hospital(text: str) -> list[Passage]:
    """Sentences that tell another hospital's values, where today's stand elsewhere."""
    return [
        Passage(*said.span(), LineKind.HISTORY, casts_doubt=True)
        for said in (_sentences(text) if _AT_ANOTHER.search(text) else ())
        if _AT_ANOTHER.search(said.group())
        and fields_named(said.group())
        and is_answered_elsewhere(text, *said.span())
    ]


# "I25.2 old anterior infarct with akinesia", "I27.0 primary pulmonary hypertension": what a bill says.
_CODED: Final = re.compile(r"(?:^|(?<=[\n\v]))[ *-]*[a-z]\d\d\.\d{1,2}[ :]+[a-z][^\n\v]*")


# Where a measurement begins behind the diagnosis: "..., LVEF 35 %", "... with RVSP 60 mmHg".
_MEASURED_BEHIND: Final = re.compile(
    rf"(?:[,;:.(-]|\.\d{{1,2}}[ :]|\b(?:with|and|echo)\b)[ ]*(?P<name>{LABEL.pattern}|{RVSP_LABEL.pattern})"
    r"[^\n\v\d]{0,30}\d"
)
_CODES_ABOVE: Final = re.compile(r"\b(?:cod(?:es?|ed|ing)|icd|diagnos\w+|indications?|bill\w*)\b[^\n]*$")


def _coded_diagnoses(text: str) -> list[Passage]:
    """Lines that open with a code of the ICD, up to a value that is measured, which wants a person; a
    pulmonary hypertension that is named nowhere else stays, in doubt.
    """
    found: list[Passage] = []
    for line in _CODED.finditer(text):
        named = fields_named(line.group())
        measured = _MEASURED_BEHIND.search(text, *line.span())
        if named and measured:
            found.append(Passage(line.start(), measured.start("name"), LineKind.HISTORY))
            found.append(Passage(line.end(), line.end(), LineKind.HISTORY, casts_doubt=True))
        elif (
            named == {"pah"}
            and not _is_below_codes(text, line.start())
            and not is_answered_elsewhere(text, *line.span())
        ):
            found.append(Passage(line.end(), line.end(), LineKind.HISTORY, casts_doubt=True))
        elif named:
            found.append(Passage(*line.span(), LineKind.HISTORY))
    return found


def _is_below_codes(text: str, start: int) -> bool:
    """Whether the lines above, to the next empty one, say that these are codes or diagnoses."""
    above = text[:start].rsplit("\n\n", 1)[-1]
    return _CODES_ABOVE.search(above.rstrip("\n\v ")) is not None or bool(
        _CODES_ABOVE.search(above.split("\n")[0])
    )


def _sentences(text: str) -> Iterator[re.Match[str]]:
    """The sentences; one over many printed lines is taken line by line: a list without full stops."""
    for said in _SENTENCE.finditer(text):
        if said.group().count(SOFT_BREAK) < _MANY_LINES:
            yield said
        else:
            yield from re.compile(r"[^\v]+").finditer(text, *said.span())


def _other_days(text: str) -> list[Passage]:
    """Where one sentence or line says of its values that they are of now: those that say another day."""
    valued = [
        said
        for said in re.finditer(r"(?:[^.\n\v]|\.(?=\d))+", text)
        if re.search(r"\d", said.group()) and {"ef_percent", "rvsp_mmhg"} & fields_named(said.group())
    ]
    own = [said for said in valued if _THIS.search(said.group())]
    if len(own) != 1 or len(valued) < 2:
        return []
    ours = fields_named(own[0].group())
    found = []
    for said in valued:
        if said is not own[0] and ours & fields_named(said.group()) and _THEN.search(said.group()):
            found.append(Passage(*said.span(), LineKind.HISTORY))
    return found


# The left ventricle's function in words stands for its EF there.
_FUNCTION: Final = re.compile(
    r"\b(?:good|normal|preserved|fair|adequate|reduced|impaired|poor)\b[^.\n\v\d]{0,20}\b(?:lv|left "
    r"ventric\w+) "
    r"(?:systolic )?function|\b(?:lv|left ventric\w+) (?:systolic )?function\b[ :]*(?:is )?"
    r"(?:good|normal|preserved|fair|adequate|reduced|impaired|poor)\b"
)


def has_function_words(text: str) -> bool:
    """Whether the left ventricle's function stands in words, which a history's EF does not outweigh."""
    return _FUNCTION.search(text) is not None


def is_answered_elsewhere(text: str, start: int, end: int) -> bool:
    """Whether every field that a passage names is spoken of outside it, too."""
    rest = f"{text[:start]}\n{text[end:]}"
    named = fields_named(rest) | ({"rwma"} if NORMAL.search(rest) else set())
    return fields_named(text[start:end]) <= named


def _doubted_lines(text: str) -> list[Passage]:
    """Lines of values below the head of an earlier study, that correct themselves, or of before and after."""
    found, is_below = [], False
    for start, end in lines_of(text):
        line = text[start:end]
        if not line.strip() or _THIS.search(line):
            is_below = False
        if fields_named(line) and (is_below or _CORRECTED.search(line)):
            found.append(Passage(end, end, LineKind.HISTORY, casts_doubt=True))
        is_below = is_below or _EARLIER_HEAD.fullmatch(line) is not None
    return found
