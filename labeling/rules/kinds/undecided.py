"""Sentences that sound like a denial and decide nothing."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.kinds.passages import FIELD_WORDS, LineKind, Passage, fields_named

_CANNOT: Final = (
    r"(?:(?:can|could|did|does|do|has|have|had|was|were|is|are|be|will|would|should|may)\s*(?:not|n't|nt)|"
    r"cannot|can't|"
    r"couldn't|doesn't|don't|didn't|hasn't|haven't|isn't|aren't|wasn't|weren't|won't|unable|not able|"
    r"inability|failed|fails?|"
    r"not|never|no|without|hardly|difficult(?:y)?|impossible|hard|insufficient|inadequate|suboptimal|"
    r"sub-optimal|poor|"
    r"limited|(?<!normal )limits?|preclude[sd]?|prevent(?:s|ed)?|hamper(?:s|ed)?|"
    r"too \w+|neither|nor|rather than|instead of|beyond)"
)
_DECIDE: Final = (
    r"(?:(?:be\s+)?(?:rul(?:e|ed|ing)\b[^.;,\n]{0,40}?\bout|exclu(?:de[sd]?|ding|sion)|comment\w*|assess\w*|"
    r"determin\w+|"
    r"evaluat\w+|diagnos\w+|confirm\w*|estimat\w+|quantif\w+|measur\w+|establish\w*|ascertain\w*|judg\w+|"
    r"grad(?:e(?! (?:i{1,3}v?|[1-4])\b)|ed|ing)|"
    r"appraise\w*|interpret\w*|clarif\w+|guarantee\w*|vouch|conclu\w+|den(?:y|ied)|dismiss\w*|discount\w*|"
    r"analys\w+|analyz\w+|verif\w+|decid\w+|detect\w* reliably|commented|mention\w*|describ\w+|"
    r"(?:be\s+)?sure|certain\w*|"
    r"say\b|tell\b|confiden\w+|"
    r"assur\w+|calculat\w+|delineat\w+|opin\w+|remark\w*|negat(?:e|ed)\b|eliminat\w+)"
    r")"
)
_STOP: Final = r"[^.;\n]"
# "Is not raised, estimated at 25 mmHg" denies, and the estimate is none that failed.
_DENIES: Final = (
    r"(?! (?:significantly )?(?:raised|elevated|increased|high|dilated|enlarged|reduced|impaired)\b)"
)
_PSEUDO: Final = re.compile(
    rf"\b{_CANNOT}\b{_DENIES}(?:(?!\bbut\b|\bno\b|\s[-|]\s){_STOP}){{0,60}}?\b{_DECIDE}\b", re.IGNORECASE
)
_UNASSESSED: Final = re.compile(
    r"^\s*(?:\([^)]*\)\s*)?[:=-]*\s*(?:is |was |are |were |be |has |have |been )*(?:un(?:assess|evalu|measur|"
    r"determin|interpret)\w*|"
    r"not (?:well |adequately |clearly |reliably |optimally |properly |formally |fully )*(?:assess|evaluat|"
    r"measur|estimat|"
    r"comment|determin|done|perform|record|calculat|obtain|available|applicable|mentioned|possible|quantif|"
    r"reported|"
    r"visuali[sz]ed|interpret|delineat|appreciable|studied|recordable)\w*|n/?a\b|indeterminate|inconclusive|"
    r"equivocal|no (?:comment|statement|opinion|remark|answer)\b|"
    r"difficult to|cannot|can't|could not|pending|awaited|to be (?:assessed|confirmed)|deferred|tbd|unknown|"
    r"nr\b|ns\b|"
    r"needs? (?:further|to be)|\?)"
)


# "Apical akinesia has resolved": what was there, and not what is.
_RESOLVED: Final = re.compile(
    r"\b(?<!not )(?<!not yet )(?<!never )(?:resolved|recovered|disappeared|regressed|reversed|"
    r"no longer (?:seen|present|noted|there|visible))\b|"
    r"\bto be (?:ruled out|excluded|confirmed|looked for)\b|\b(?:to|for) (?:rule out|r/o|exclude|"
    r"exclusion of)\b|"
    r"\bno (?:proof|argument|evidence|guarantee|safeguard) against\b|"
    r"\bneither (?:shown|proven|proved|confirmed|seen|established) nor (?:refuted|excluded|disproved|"
    r"denied|dismissed)\b|"
    r"\b(?:\w*kinesia|rwma|pah) (?:is |are |has |have )?(?:now )?(?:gone|vanished|cleared)\b|"
    r"\b(?:is|are|was|were)? ?not off the table\b|\bnot (?:the |an? )?absence of\b|\bcannot clear\b|"
    r"\b(?:nobody|no one|none) should (?:read|take|see)\b|\b(?:hence|thus|so|therefore)? ?(?:not|"
    r"neither) refuted\b|"
    r"\bundecided\b|\bneither (?:proven|proved|shown) nor dis\w+\b|"
    r"\bnothing can be said\b|\b(?:would be )?wrong to (?:conclude|infer|say)\b|\bno "
    r"(?:definite )?statement on\b|"
    r"\b(?:hence|so|thus|therefore)?,? ?no statement about\b|\bfor or against\b|\bnot disproved\b|"
    r"\b(?:silence|silent) (?:on|about)\b|\bproves nothing\b|\bno clearance\b|"
    r"\b(?:is|are) (?:therefore |hence )?not (?:given|offered|made)\b|\bmay (?:well )?have been missed\b|"
    r"\b(?:does|do|did) not mean (?:the |an? )?absence\b|\bunsafe to (?:state|say|conclude|infer)\b|"
    r"\bwould not swear\b|"
    r"\b(?:does|do|did) not mean (?:that )?[^.;,\n]{0,60}\b(?:is|are) absent\b|\bnot excludable\b|"
    r"\b(?:can't|cannot|can not) swear\b|\bunsafe to call\b|\bno statement (?:that|on)\b|"
    r"\bnot sure that there (?:isn't|is no)\b|\bnot thereby\b|\bshould not be read as\b|"
    r"\bwould not call\b|\b(?:does|do|did) not argue against\b|\b(?:nobody|no one|none of us) (?:can|"
    r"could) (?:say|tell|"
    r"claim)\b|"
    r"\b(?:is|are|was|remains?|appears?) (?:\w+ )?(?:questionable|doubtful|uncertain|equivocal|debatable)\b"
)
# "PA pressure normal, effusion no longer present": what is gone has a name of its own.
_OF_SOMETHING_ELSE: Final = re.compile(
    r"\b(?:effusion|thromb\w+|clots?|vegetations?|mass|leak|gradient|pain|dyspn\w+|symptoms|fever|oedema|"
    r"edema)"
    r"(?: (?:is|are|was|were|has|have))? $"
)
# "RWMA (+) / (-)" and "No RWMA / RWMA (strike out what does not apply)", with nothing struck out.
_BOTH: Final = re.compile(
    r"(?:\(\s*\+\s*(?:ve)?\s*\)|\+\s*(?:ve)?)\s*/\s*(?:\(\s*-\s*(?:ve)?\s*\)|-\s*(?:ve)?)|"
    r"/[^\n]*\b(?:strike|delete)\b|\b(?:nil|no|none)\s*/\s*\+\s*/\s*\+\+|"
    r"\b(?:delete|deleted|strike out|struck out|cross out)\s*:\s*(?:present|absent|yes|no|none|nil)\b|"
    # "Lung pressure   normal   raised   very high": a word to be ringed.
    r"\bpressures?[ :=|]*normal[ /|]+(?:(?:mild|slightly|a little) )?(?:raised|elevated|increased|high)"
    r"[ /|]*(?=$|[\n\v]|(?:very |markedly )?(?:high|raised|elevated|severe)|not\b)|"
    r"\bnormal\s*[/-]\s*(?:rwma\b|abnormal|(?:mild|hypokinesia|moderate)\b[^.;\n]{0,25}"
    r"[/-]\s*(?:severe|akinesia|moderate))"
)
# "RWMA : none ... present", "RWMA none?", "RWMA+ none": a second answer, or a sign, beside the first.
_ANSWER: Final = r"(?:none|nil|absent|no|present|yes|mild|moderate|severe|normal)"
_TWICE: Final = re.compile(
    rf"(?::|\.{{2,}})[ ]*(?P<one>{_ANSWER})\b[ ]*(?::|\.{{2,}})[ ]*(?!(?P=one)\b){_ANSWER}\b|"
    rf"\b(?:rwma|pah)\s*\+\s*\|?\s*(?:none|nil|absent|no(?!\s+[a-z]{{2}}))\b|\b(?:none|nil|absent|no)\s?\?"
)
_PRESSURE: Final = re.compile(r"\b(?:pa|pulmonary(?: artery)?|lung(?: artery)?) pressure")
# "PASP was 60 mmHg, today 35 mmHg": only what stands behind is of today.
_WAS: Final = re.compile(
    r"\b(?:was|were|had been)\b"
    # "Was 35 % and there is no clot" goes on with something else.
    r"(?P<then>(?:(?!\b(?:(?:and|but)\b(?! (?:is|are|now|today|currently)\b)|although|though|while|whereas|"
    r"with|there|the)\b)[^.;,:\n]){1,30})[,:]?\s*(?:and |but )?"
    r"(?=\b(?:now|today|currently|at present|is)\b[ :]*(?:only |about |is |at )*"
    r"(?:\d|none\b|nil\b|no\b|absent\b|mild|moderate|severe))"
)


# "Akinetic there in 2017, today all walls move well".
_THEN_NOW: Final = re.compile(
    r"\b(?:in|since|of) (?:19|20)\d\d\b[^.;\n\v]{0,20}?[,:]\s*(?=(?:but |and )?(?:today|now|currently)\b)"
)


def changed_passages(text: str) -> list[Passage]:
    """What was, before what is now; a person should look at what the rules make of the rest."""
    found = [
        Passage(*was.span("then"), LineKind.HISTORY, casts_doubt=True)
        for was in _WAS.finditer(text)
        if fields_named(text[text.rfind("\n", 0, was.start()) + 1 : was.end()])
    ]
    for then in _THEN_NOW.finditer(text):
        start = max(text.rfind(sign, 0, then.start()) for sign in (". ", ";", "\n", "\v")) + 1
        named = fields_named(text[start : then.end()])
        # "EF in 2019 was 35 %, now 50 %" keeps its name.
        if named and not {"ef_percent", "rvsp_mmhg"} & named:
            found.append(Passage(start, then.end(), LineKind.HISTORY, casts_doubt=True))
    return found


def undecided_passages(text: str) -> list[Passage]:
    """Hedged findings of wall motion and pulmonary pressure: neither there nor absent."""
    found = []
    for start, end in _clauses(text):
        clause = text[start:end]
        named = {"rwma", "pah"} & fields_named(clause) or _PRESSURE.search(clause)
        if named and _is_open(clause):
            found.append(Passage(start, end, LineKind.UNDECIDED))
    return found + _answered_twice(text)


def _is_open(clause: str) -> bool:
    """Whether a clause leaves open what it names."""
    said = _BOTH.search(clause) or next(
        (one for one in _RESOLVED.finditer(clause) if not _OF_SOMETHING_ELSE.search(clause, 0, one.start())),
        None,
    )
    return said is not None or _is_pseudo(clause) or _is_unassessed(clause)


def _answered_twice(text: str) -> list[Passage]:
    """From the label on: which of two answers, or of a sign and an answer, is meant can't be told."""
    found = []
    for twice in _TWICE.finditer(text):
        start = max(text.rfind(sign, 0, twice.start()) for sign in ("\n", "\v", ";", ",", ". ")) + 1
        if {"rwma", "pah"} & fields_named(text[start : twice.end()]):
            found.append(Passage(start, twice.end(), LineKind.UNDECIDED))
    return found


def _clauses(text: str) -> list[tuple[int, int]]:
    """The parts of a sentence, cut at "but", at semicolons, and at commas before another finding."""
    cut = re.compile(
        r"\n|;|\.(?=\s|$)|\bbut\b|\bhowever\b|\balthough\b|\bthough\b|,\s*(?=(?:no|nil|mild|moderate|severe|"
        r"normal|there|good|"
        r"lvef|ef|rvsp|pasp|lv|rv)\b)|,\s*(?=[a-z ]{0,40}\b(?:pah|rwma|pulmonary hypertension|"
        r"wall[- ]motion)\b)|"
        # "PAH is there, not graded": there it is.
        r"(?<=\bis there),\s*(?=not \w)|(?<=\bpresent),\s*(?=(?:not (?:graded|quantif)|grade|degree)\b)|"
        # "Akinesia of the apex, thrombus not excluded": another noun is in doubt.
        r",\s*(?=(?:\w+ )?(?:thromb\w+|clots?|embol\w+|vegetations?|endocarditis|effusion|shunt|asd|vsd|pda|"
        r"dissection|mass|infarct\w*|ischaemia|ischemia|myocarditis)\b[^.;,\n]{0,30}\b(?:not|cannot|"
        r"can't)\b)|"
        r":\s*(?=(?:no(?! (?:comment|statement|opinion|remark))|nil|mild|moderate|severe|all|every)\b)|"
        r"\band\s+(?=(?:no|there|mild|moderate|"
        r"severe)\b)|,\s*(?=the\b[^,;.\n]{1,40}\b(?:has|have|is|are|was|were)\b)"
    )
    bounds = [0]
    for match in cut.finditer(text):
        bounds.append(match.end())
    return list(zip(bounds, [*bounds[1:], len(text)], strict=True))


def _is_pseudo(clause: str) -> bool:
    """Whether the clause fails to decide: "does not exclude RWMA", "insufficient TR to comment on PAH"."""
    match = _PSEUDO.search(clause)
    if match is None:
        return False
    # "No RWMA on careful assessment", "no PAH detected": the finding stands between the two and is denied.
    between = match.group()
    is_denied = re.match(r"(?:no|without|nor|neither)\b", between) and {"rwma", "pah"} & fields_named(between)
    decides_out = re.search(r"exclu|rul(?:e|ed|ing)\b.*\bout", between)
    return bool(decides_out) or not is_denied


def _is_unassessed(clause: str) -> bool:
    for field in ("rwma", "pah"):
        for term in FIELD_WORDS[field].finditer(clause):
            if _UNASSESSED.match(clause[term.end() :]) and not re.search(
                r"\b(?:no|without)\b", clause[: term.start()]
            ):
                return True
    return False
