"""Sentences that explain a word or set a rule: what is called severe, whom a study takes."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import LineKind, Passage, fields_named

_SENTENCE: Final = re.compile(r"(?:[^.\n\v]|\.(?=\d))+")
_EXPLAINS: Final = re.compile(
    r"\bmeans (?:that |an? |the )*(?:pressure|value|fraction|ef\b|lvef|heart|reading|number|wall)|"
    r"\b(?:is|are) (?:defined|diagnosed|reported|called|said|graded|classed|classified|scored|recorded|"
    # but "PAH is graded as moderate."
    r"considered|labelled|labeled) (?:when|if|as|by|where|only)\b(?! (?:mild|moderate|severe)\W*(?:$|,))|"
    r"\b(?:reports?|calls?|defines?|diagnoses|grades?|uses?) [^.\n]{0,40}\b(?:when|if|as)\b|"
    r"^\s*[a-z][a-z -]{3,40}\s*=\s*(?:an? )?(?:fall|drop|decline|decrease|reduction|rise|increase)\b|"
    r"\b(?:may|can|could|might) (?:be (?:a )?(?:sign|cause|caused|due)|mean|lead|occur|develop)\b|"
    # but "I could not see any RWMA"
    r"(?<!\bi )(?<!\bwe )\b(?:may|can|could|might) (?:also )?"
    r"(?:miss|overlook|over-?estimate|under-?estimate|fail to|"
    r"not (?:show|detect|see|reveal))\b|\bi (?:have been told|understand) that\b|"
    r"\ban? (?:lv)?(?:ef|ejection fraction) (?:of |between )?\d[^.\n]{0,15} is (?:usual|typical|expected|"
    r"healthy)\b|"
    r"^\s*an? (?:\w+ )?(?:wall|segment|ventricle|heart|value) (?:that|which)\b[^.\n]*\b(?:is|are) "
    r"(?:\w+ )?\w+|"
    r"\bstands? for\b|\bflags? (?:every|any|all|each)\b|\bwhat (?:we|i|this scan) (?:look|check|search)\w*\b|"
    r"\b(?:package|plan|offer|bundle|scheme)\b[^.\n]{0,30}\b(?:covers?|includes?|contains)\b|"
    r"^\s*(?:columns?|fields?|rows?) (?:printed|shown|listed|recorded)\s*:|"
    r"^\s*(?:pah|ph|rwma) (?:un)?likely\s*:|^\s*rwma\s*:\s*(?:two|three|one|\d) or more\b|"
    r"^\s*(?:rwma|pah|ph|lvef|ef|pasp|rvsp)\s*(?:[:.=-]+|\bis\b|\bmeans\b)\s*(?:parts?|shares?|areas?|"
    r"regions?|high|"
    r"raised|the|an?|how|"
    r"amount|percentage|%|fraction|pump\w*|pressure|blood)\b[^.\n]*\b(?:of|in|that|which|than)\b|"
    r"\b(?:study|echo\w*|report|exam\w*|protocol|form|scan|test|sheet) (?:\w+ )?(?:evaluates|assesses|covers|"
    r"looks (?:at|for)|includes|comprises|examines|measures|reports on|checks|describes)\b(?=[^.\d]*$)|"
    r"\b(?:please )?(?:tick|mark) what (?:is|you)\b|"
    r"\b(?:\w*kinesia|rwma|pah|hypertension|abnormality|ballooning)\s+(?:means|describes|refers to|is when|"
    r"is where)\b|"
    r"\b(?:pah|ph|pulmonary hypertension)\s*[:=]\s*(?:rvsp|pasp|spap)\s*(?:above|over|more than|>)|"
    r"\b(?:people|persons|adults|someone|anyone|those|patients) (?:with|whose|having) (?:an? |the )?"
    r"(?:lv)?(?:ef\b|ejection|rvsp|pasp|pah|rwma)|\bwords? (?:that |which )?you (?:may|might|will|can)\b|"
    r"\bnot (?:cleared|validated|approved|intended|designed|trained) (?:for|to|on)\b|"
    r"\b(?:does|do|did) not (?:by itself |necessarily )?(?:mean|imply|prove|show|establish) (?:that )?"
    r"(?:there (?:is|are) )?no\b|"
    r"^\s*(?:mild|moderate|severe) (?:pah|pulmonary hypertension)\s*:\s*(?:pa|pulmonary artery|rvsp|pasp)\b"
    r"[^.;\d]*(?:above|over|below|under|more than|less than|at least|[<>])[^.;\d]*\d|"
    r"^\s*(?:hypo|a|dys)kinesia\s*[:=]\s*(?:reduced|absent|no|decreased|paradoxical|outward)\b[^.;]*"
    r"\b(?:of|in) an? (?:segment|wall)|"
    # "Degrees: first = severe PH, PASP over 60; second = moderate", "Class by EF:  A 50 and up   B 40-49".
    r"^\s*(?:degrees?|classes|stages|categories|grades)\b[^.\n:=]{0,30}:[^\n=]{1,25}=[^\n;]*;[^\n=]*=|"
    r"^\s*(?:class|grade|stage|category)\w* by (?:lv)?ef\b|"
    r"=\s*code\b|\bcode\s*\d\b|\b(?:codes?|scores?|grades?) used\b|"
    r"\bin case of\b|\b(?:to be|please|kindly) (?:informed|inform|notified|notify)\b|"
    r"\bcall (?:the )?(?:consultant|"
    r"doctor|dr|cardiolog\w+|physician)\b|\bto be considered (?:when|if|for)\b|"
    r"\b(?:is|are) (?:usually |often |always )?(?:treated|managed|cared for) (?:in|at|by|with)\b|"
    r"\b(?:inclusion|exclusion)(?: criteri\w+)?\b|\bstudy protocol\b|\b(?:patient|general) information\b"
)
# A sentence that speaks of the patient's own study is a finding, whatever it explains besides.
_OWN: Final = re.compile(
    r"\b(?:now|today|current(?:ly)?|this (?:study|patient|echo\w*)|at present|measured|calculated)\b|"
    r"\b(?:lv)?ef\s*(?:is|=|:|of)?\s*\d{2}\s*%?\s*,?\s*(?:which|and|this) (?:means|is)"
)


# "When is an ICD considered?" over lines set in that answer it for everybody.
_HANDOUT: Final = re.compile(
    r"(?:^|(?<=[\n\v]))(?:when|why|how|what|who|is|are|can|"
    r"should)\b[^\n?]{5,80}\?[ ]*(?P<told>(?:[\n\v][ ]+\S[^\n\v]*)+)"
)


# "PH nil <35 | mild 36-50 | moderate 51-70 | severe >70".
_KEY: Final = re.compile(
    r"(?m)^[ *-]*+(?:[a-z][a-z ]{0,30}?[ ]*+[:=-]?)?"
    r"(?:[ ]*+[|,;/]?[ ]*+(?:nil|none|no|normal|mild|moderate|severe)"
    r"[ ]*+[:=(]?[ ]*+(?:[<>]=?[ ]*+)?\d{1,3}(?:[ ]*+(?:-|to)[ ]*+\d{1,3})?[ ]*+(?:%|mm ?hg)?\)?){3,}[ .]*$"
)


# "PASP normal < 35 mmHg" by itself is nobody's pressure.
_NORMAL_BELOW: Final = re.compile(
    r"(?m)^[ *-]*(?:rvsp|pasp|spap) normal(?:ly)? (?:if |when )?(?:<|below|up to|less than)[ ]?\d{2}"
    r"[ ]*(?:mm ?hg)?[ .]*$"
)
# "LVEF class: [ ] < 30 %  [x] 30-39 %", where "LVEF: 32 %" is told as well.
_CLASS: Final = re.compile(
    r"(?m)^[ *-]*(?P<name>(?:lv)?ef|ejection fraction|rvsp|pasp|spap) "
    r"(?:class|category|group|band)\b[^\n\v]*$"
)


def grading_keys(text: str) -> list[Passage]:
    """Lines that give a number to each of three grades or more, and classes beside the number itself."""
    keys = [
        Passage(*found.span(), LineKind.GRADING)
        for key in (_KEY, _NORMAL_BELOW)
        for found in key.finditer(text)
    ]
    for found in _CLASS.finditer(text):
        own = re.compile(rf"(?m)^[ *-]*{re.escape(found.group('name'))}[ ]*[:=]?[ ]*\d{{2}}(?!\d|[ ]*-)")
        if own.search(text):
            keys.append(Passage(*found.span(), LineKind.GRADING, leaves_doubt=False))
    return keys


def definition_passages(text: str) -> list[Passage]:
    """What is said of everybody and nobody: no answer, and a person should see that it was passed over."""
    handed_out = [
        Passage(*found.span("told"), LineKind.LEGEND)
        for found in _HANDOUT.finditer(text)
        if fields_named(found.group("told")) and not _OWN.search(found.group())
    ]
    keys = [Passage(*found.span(), LineKind.GRADING) for found in _KEY.finditer(text)]
    return (
        keys
        + handed_out
        + [
            Passage(*found.span(), LineKind.LEGEND)
            for found in _SENTENCE.finditer(text)
            if fields_named(found.group())
            and _EXPLAINS.search(found.group())
            and not _OWN.search(found.group())
        ]
    )
