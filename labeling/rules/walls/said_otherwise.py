"""Wall motion said in a roundabout way ("no longer hypokinetic"), written out plainly.

What is written here is what the words mean and nothing else; the rules for negations, exceptions and walls
then read it as they read any other sentence.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Final

from labeling.rules.normalise import NormalText
from labeling.rules.wall_patterns import WALL
from labeling.rules.wrapping import SOFT_BREAK

_KINESIA: Final = r"(?:hypo|a|dys)kinesia"
_NOUN: Final = (
    r"(?:rwma'?s?|swma|wma|(?:(?:regional|segmental|lv|left ventricular) )*wall[- ]*motion "
    r"(?:abnormality|defects?|disturbances?))"
)
_TERM: Final = rf"(?:{_NOUN}|{_KINESIA})"
_HOW: Final = r"(?:(?:mild|moderate|severe|regional|segmental|focal|frank|any|an|a)\s+)*"
_SEEN: Final = r"(?:seen|present|noted|visible|there|found|detected|detectable|identified|apparent|evident)"
_ENDS: Final = r"(?=\s*(?:$|[.,;\n\v)]|(?:and|but|with)\b))"
_A_WALL: Final = rf"(?:(?:the|in|at|of|for|an?|only|lv|mid|distal|mild|moderate|severe|{_KINESIA})\s+)*"
_OF_A_WALL: Final = rf"(?:\s+(?:of|in|at)\s+(?:the\s+)?(?:{WALL.pattern}[\s-]*)+(?:walls?|segment)?)?"

# What is written for each pattern: words, or what its groups make of them.
_Words = str | Callable[[re.Match[str]], str]

# "The inferior wall is no longer hypokinetic", "no longer any RWMA".
_NO_LONGER: Final = re.compile(rf"\bno longer (?={_HOW}{_TERM}\b)(?:any\b ?|an?\b ?)?")
# "Wall motion is no longer abnormal".
_NOT_ABNORMAL: Final = re.compile(
    rf"\bwall[- ]*motion\s+(?:is\s+|are\s+)?(?:no longer|not)\s+abnormal{_ENDS}"
)
# "RWMA no longer seen", "inferior hypokinesia has resolved".
_IS_GONE: Final = re.compile(
    rf"(?P<term>\b{_TERM}{_OF_A_WALL})\s*(?:[:=-]\s*)?(?:(?:is|are|was|were|has|have|now|since|also|"
    rf"completely|fully|"
    rf"totally|entirely)\s+)*(?:no longer(?:\s+{_SEEN})?|(?:resolved|recovered|disappeared|vanished|gone)"
    rf"(?:\s+(?:completely|fully|totally|entirely|now))?){_ENDS}"
)
# "Wall motion abnormalities were looked for and not found", "looked for RWMA, none seen".
_SOUGHT: Final = (
    r"(?:(?:actively|carefully|specifically|specially)\s+)?(?:looked for|searched for|sought)"
    r"(?:\s+(?:actively|carefully|specifically))?"
)
_NONE_FOUND: Final = (
    r"\s*[,;.:-]?\s*(?:(?:and|but|yet|were|was|there were|there was|i|we|have|been)\s+)*"
    r"(?:(?:not|never)\s+(?:found|seen|detected|identified|noted|present|there)|"
    r"none\b(?:\s+(?:(?:was|were|could be|is|are)\s+)?(?:found|seen|detected|identified|noted|present))?|"
    r"found none|saw none|not any (?:found|seen))"
)
_LOOKED_FOR: Final = re.compile(
    rf"(?P<term>\b{_TERM}{_OF_A_WALL})\s*,?\s*(?:(?:was|were|are|is|has been|have "
    rf"been)\s+)?{_SOUGHT}{_NONE_FOUND}|"
    rf"\b(?:(?:i|we)\s+(?:have\s+)?)?{_SOUGHT}\s+{_HOW}(?P<sought>{_TERM}{_OF_A_WALL}){_NONE_FOUND}"
)
# "No RWMA save septal dyskinesia", "normal, the inferior wall excepted".
_SAVE: Final = re.compile(
    r"\b(?:save(?: for)?|bar(?:ring)?|beyond|outside(?: of)?|excluding|with the exception of)\s+"
    rf"(?={_A_WALL}{WALL.pattern})"
)
_EXCEPTED: Final = re.compile(
    rf"\s*[;,(]\s*(?:with\s+)?(?P<walls>(?:the\s+)?(?:{WALL.pattern}[\s-]*)+(?:walls?|"
    rf"segment)?)\s*(?:being\s+)?"
    r"(?:excepted|excluded)\)?"
)
# "No regional wall motion abnormality. Except: inferior wall."
_EXCEPT_BEHIND: Final = re.compile(
    r"\s*[.;]\s*(?:with (?:the )?)?(?:except(?:ions?|ing)?|apart from|other than)"
    rf"(?:\s*:|\s+(?:is|are|of|for|in|at)\b)*\s*(?={_A_WALL}{WALL.pattern})"
)
_SOUND: Final = re.compile(r"\b(?:no|nil|none|without|normal(?:ly)?|well|all|every|absent|nowhere)\b")
_LEAD: Final = 120
# "Neither ventricle shows RWMA", "nor is there RWMA".
_NEITHER: Final = re.compile(
    r"\bneither (?:ventricular|of the ventricles?|(?:the )?(?:lv|left ventricular) nor (?:the )?(?:rv|right "
    r"ventricular)|(?:the )?(?:rv|right ventricular) nor (?:the )?(?:lv|left ventricular))\s+"
    rf"(?:shows?|showed|has|had|have|displays?)\s+(?={_HOW}{_TERM}\b)|"
    rf"\bneither (?:shows?|has)\s+(?={_HOW}{_TERM}\b)|"
    rf"\bnor (?:is|are|was|were) there (?={_HOW}{_TERM}\b)"
)
# "Hypokinesia: global", "hypokinesia, not regional but global", "wall motion: globally reduced".
_GLOBAL: Final = re.compile(
    r"\bhypokinesia(?:\s*[:=,-]\s*|\s+is\s+)(?:not (?:regional|segmental),? but (?:rather )?)?global"
    r"(?![,]? (?:and|but|not|with|more|worse))\b|"
    r"\bglobal,? (?:and |but )?(?:not|rather than) (?:regional|segmental|focal),? hypokinesia\b|"
    r"\bglobal hypokinesia(?:,? (?:and |but )?(?:not|rather than|no)) (?:regional|segmental|rwma|focal)\b"
    rf"(?: (?:hypokinesia|wall motion abnormality|component|part))?{_ENDS}|"
    r"\bwall[- ]*motion\s*[:=-]?\s*(?:is\s+)?(?:(?:mild|moderate|severe)\s+)?global\s+(?:reduced|impaired|"
    r"depressed|diminished|poor|weak|decreased)\b"
)
# "No global or regional hypokinesia".
_NO_KIND: Final = re.compile(
    r"\b(?P<no>no|without)\s+(?:any\s+)?(?:global\s*(?:or|nor|and|/|,)\s*(?:regional|segmental)|"
    rf"(?:regional|segmental)\s*(?:or|nor|and|/|,)\s*global)\s+(?={_KINESIA})"
)
# "RWMA(N)", "RWMA \u00d8", "\u00d8 RWMA".
_CODED: Final = re.compile(
    rf"(?P<term>\b{_NOUN})\s*(?:\(\s*n\s*\)|[:=-]?\s*\u00f8(?!\w))|(?<!\w)\u00f8\s*(?P<behind>{_NOUN})\b"
)


# "RWMA: nil (N = normal, H = hypokinetic)": a key behind an answer, which no row of letters uses.
_KEY_BEHIND: Final = re.compile(
    rf"(?P<answered>\b{_NOUN}\s*(?:[:=-]\s*)?(?:nil|none|no|absent|"
    rf"normal))\s*\([^()\n]*\bn\s*[=:-]\s*norm[^()\n]*\)"
)
# "RWMA in neither LAD nor RCA territory".
_IN_NEITHER: Final = re.compile(rf"(?P<term>\b{_TERM})\s+(?:in|of|at)\s+(?:neither|none of)\b")
# "The apex is not aneurysmal but akinetic", "apex, without clot, akinetic": what is denied is no motion.
_NOT_THAT: Final = re.compile(
    rf"(?P<wall>\b(?:{WALL.pattern}[\s-]*)+(?:wall|segment)?)\s*,?\s*(?:(?:is|are|which is|"
    rf"though)\s+)*(?:not|without|no)\s+"
    r"(?:(?:a|an|any|yet|frankly)\s+)*(?:thin(?:ned|ning)?|dilated|aneurysm|scar(?:red)?|clots?|"
    r"thromb\w+|bulging|thick\w*)(?: there)?"
    rf"\s*,?\s*(?:(?:but|yet|only|still|is|are|and)\s+)*(?=(?:mild |moderate |severe )?{_KINESIA})"
)
# "The inferior wall was normal but is hypokinetic now".
_WAS_SOUND: Final = re.compile(
    rf"(?P<wall>\b(?:{WALL.pattern}[\s-]*)+(?:wall|segment)?)\s*,?\s*(?:which\s+)?was\s+normal\s*(?:,|"
    rf"but)\s*(?:but\s+)?(?:is\s+)?"
    rf"(?:now\s+)?(?=(?:mild |moderate |severe )?{_KINESIA})"
)


# "RWMA in the form of apical akinesia", "MR due to inferior hypokinesia", "old IWMI, inferior akinesia".
_FORM: Final = re.compile(
    rf"(?P<term>\b{_NOUN})\s+(?:(?:is |are )?(?:seen |present |noted )?)in (?:the )?form of\b"
)
_GRADED_WALLS: Final = rf"(?:(?:the|an?|mild|moderate|severe|wall|and|{WALL.pattern})\s+)*"
_DUE_TO: Final = re.compile(
    rf"\b(?:due to|owing to|because of|secondary to|on account of)\s+(?={_GRADED_WALLS}{_KINESIA})"
)
_INFARCT: Final = r"(?:[aipl]{1,2}w?mi\b|(?:st|nst)emi\b|mi\b|infarct\w*|myocardial infarct\w*)"
_OLD: Final = re.compile(
    rf"\bold\s+(?={_GRADED_WALLS}{_INFARCT}[^.;\n-]{{0,20}}(?:,|:|\bwith\b)[^.;\n-]{{0,40}}{_KINESIA})"
)
# "New anterior hypokinesia" is there; "no new" is told otherwise.
_NEW: Final = re.compile(
    rf"(?<!no )(?<!any )(?<!for )(?<!without )(?<!or )\bnew\s+(?={_GRADED_WALLS}(?:{_KINESIA}|{_NOUN})\b)"
)
# "Septum not akinetic, only hypokinetic", "no akinesia of the apex but hypokinesia".
_ONLY_HYPO: Final = re.compile(
    rf"\b(?:is |are |was |were )?(?:not|no)\s+(?:frankly\s+)?(?:a|dys)kinesia(?P<walls>{_OF_A_WALL})\s*,?\s*"
    r"(?:(?:but|only|just|merely|still)\s+)+(?=(?:mild |moderate |severe )?hypokinesia\b)"
)
_WALL_AHEAD: Final = re.compile(rf"{WALL.pattern}(?: walls?| segment)?\s*\Z")
# "Hypokinetic/akinetic apex", "no hypokinesia / akinesia", "hypokinesia/akinesia: none".
_KINDS: Final = re.compile(rf"(?<=kinesia)\s*/\s*(?={_KINESIA}\b)")
_ALL_KINDS: Final = rf"{_KINESIA}(?:\s*/\s*{_KINESIA}){{0,3}}\s*"
_OF_ALL_KINDS: Final = re.compile(rf"{_ALL_KINDS}(?:[:=-]\s*)?(?:nil|no|none|absent)\b")
_OF_ONE_WALL: Final = re.compile(
    rf"{_KINESIA}(?:\s+(?:of |in )?(?:the )?(?:{WALL.pattern})(?![^.;\n]{{0,30}} [-/] )|{_ENDS})"
)
# "Normal / hypokinetic / akinetic": options.
_OPTION: Final = re.compile(
    rf"\b(?:normal|normokinetic|nil|none|no)\s*[/|]\s*(?:{_KINESIA}\s*/\s*){{0,3}}{_KINESIA}\Z"
)
_IS_LABEL: Final = re.compile(rf"{_ALL_KINDS}[:=]\s*(?!(?:nil|no|none|absent)\b)")
_DENIED: Final = re.compile(r"\b(?:no|nil|without|nor)\b[^.;,:\n]*\Z")


def _kinds(found: re.Match[str]) -> str:
    """One kind or the other where both are denied, or named for what stands behind; else one to the other."""
    text, at = found.string, found.start()
    if _IS_LABEL.match(text, found.end()) or _OPTION.search(text, max(0, at - _LEAD), at):
        return found.group()
    if _DENIED.search(text, max(0, at - _LEAD), at) or _OF_ALL_KINDS.match(text, found.end()):
        return " or "
    # With blanks around it, the stroke may part the options of a form.
    return " to " if found.group() == "/" and _OF_ONE_WALL.match(text, found.end()) else found.group()


# "Regional WM: normal", "WM normal".
_WM: Final = re.compile(
    r"\bwm\b(?= ?[:=-] ?\w| (?:is )?(?:normal|abnormal|intact|preserved|ok|wnl)\b)(?! ?[:=-]? ?n\b)"
)


def _only_hypo(found: re.Match[str]) -> str:
    """The walls that are named, where some are; else all stays."""
    if found.group("walls"):
        return f"{found.group('walls').removeprefix(' of')} "
    lead = found.string[max(0, found.start() - _LEAD) : found.start()]
    return " " if _WALL_AHEAD.search(lead) else found.group()


def _wall(found: re.Match[str]) -> str:
    return f"{found.group('wall').strip(' ,')} "


def _absent(found: re.Match[str]) -> str:
    # What has gone was there, and may be told of another day: a word that asks a person to look.
    return f"{found.group('term')} absent{'' if 'longer' in found.group() else ' at last'}"


def _no(found: re.Match[str]) -> str:
    name = found.group("term") or found.groupdict().get("sought") or found.groupdict().get("behind")
    return f"no {name}"


_WRITTEN: Final[tuple[tuple[str, re.Pattern[str], _Words], ...]] = (
    ("no longer", _NOT_ABNORMAL, "wall motion is normal"),
    ("no longer", _NO_LONGER, "not "),
    ("", _IS_GONE, _absent),
    ("ed for", _LOOKED_FOR, _no),
    ("sought", _LOOKED_FOR, _no),
    ("neither", _NEITHER, "no lv "),
    ("nor ", _NEITHER, "no "),
    ("global", _GLOBAL, "global hypokinesia"),
    ("global", _NO_KIND, lambda found: f"{found.group('no')} regional "),
    ("", _CODED, _no),
    ("norm", _KEY_BEHIND, lambda found: found.group("answered")),
    ("neither", _IN_NEITHER, lambda found: f"no {found.group('term')} in "),
    ("none of", _IN_NEITHER, lambda found: f"no {found.group('term')} in "),
    ("not ", _NOT_THAT, _wall),
    ("without", _NOT_THAT, _wall),
    ("no clot", _NOT_THAT, _wall),
    ("was normal", _WAS_SOUND, _wall),
    ("esp", re.compile(rf"\besp\b\.?(?=\s+(?:in |at )?(?:the )?{WALL.pattern})"), "especially"),
    ("wm", _WM, "wall motion"),
    ("form of", _FORM, lambda found: f"{found.group('term')}:"),
    (" to ", _DUE_TO, "with "),
    (" of ", _DUE_TO, "with "),
    ("old ", _OLD, ""),
    ("new ", _NEW, ""),
    ("hypokinesia", _ONLY_HYPO, _only_hypo),
    ("/", _KINDS, _kinds),
    ("aneurysm formation", re.compile(r"\baneurysm formation\b"), "aneurysm"),
)
_MAY_EXCEPT: Final = re.compile(
    r"\b(?:save|bar|barring|beyond|outside|excluding|excluded|exception|except\w*|apart from|other than)\b"
)
_IN_WALLS: Final = ("wall", "rwma", "swma", "wma", "kinesia", "wm")
_MAY_BE_GONE: Final = re.compile(
    r"\blonger\b|\bresolved\b|\brecovered\b|\bdisappeared\b|\bvanished\b|\bgone\b"
)


def roundabout_written_out(normal: NormalText) -> NormalText:
    """The text with what is said of wall motion in a roundabout way in plain words."""
    if not any(word in normal.text for word in _IN_WALLS):
        return normal
    for word, pattern, words in _WRITTEN:
        if word in normal.text and _may_hold(pattern, normal.text):
            normal = _all_written(normal, pattern.finditer(normal.text.replace(SOFT_BREAK, " ")), words)
    if not _MAY_EXCEPT.search(normal.text):
        return normal
    for pattern in (_SAVE, _EXCEPT_BEHIND):
        normal = _all_written(normal, _of_the_sound(pattern, normal.text), " except ")
    return _all_written(
        normal, _of_the_sound(_EXCEPTED, normal.text), lambda found: f" except {found.group('walls')}"
    )


def _may_hold(pattern: re.Pattern[str], text: str) -> bool:
    """Whether a text may hold a pattern that begins with a frequent word."""
    if pattern is _IS_GONE:
        return _MAY_BE_GONE.search(text) is not None
    return pattern is not _CODED or "\u00f8" in text or "(n)" in text.replace(" ", "")


def _of_the_sound(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Exceptions from what is denied or normal; what is excepted from the ill is told elsewhere."""
    for found in pattern.finditer(text):
        lead = text[max(0, found.start() - _LEAD) : found.start()]
        own = re.split(r"[.;\n]", lead)[-1]
        if _SOUND.search(own) and not re.search(rf"^(?:(?!\bno\b|\bwithout\b|\bnil\b).)*\b{_KINESIA}", own):
            yield found


def _all_written(normal: NormalText, found: Iterator[re.Match[str]], words: _Words) -> NormalText:
    """The text with other words for all that was found, put together once however many there are."""
    pieces: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    at = 0
    for one in found:
        said = words if isinstance(words, str) else words(one)
        pieces += [normal.text[at : one.start()], said]
        starts += [*normal.starts[at : one.start()], *[normal.starts[one.start()]] * len(said)]
        ends += [*normal.ends[at : one.start()], *[normal.ends[one.end() - 1]] * len(said)]
        at = one.end()
    if not pieces:
        return normal
    return replace(
        normal,
        text="".join(pieces) + normal.text[at:],
        starts=(*starts, *normal.starts[at:]),
        ends=(*ends, *normal.ends[at:]),
    )
