"""How far a "no" reaches over a list: "no clot, effusion or significant PAH", "no AS, RWMA at the apex"."""

from __future__ import annotations

import re

from labeling.rules.lexicon import TERRITORIES
from labeling.rules.wall_patterns import WALL

_JOINT = re.compile(r",|/|&|\b(?:or|nor|and)\b")
# "... or significant", "... nor any evidence of raised": what may stand before the last of the names.
_BEFORE_NAME = re.compile(
    r"\s*(?:(?:any|a|an|the|other|new|significant|relevant|definite|obvious|overt|gross|frank|resting|"
    r"evident|raised|elevated|increased|high|mild|moderate|severe|regional|segmental|residual|lv|"
    rf"left ventricular|evidence|sign|signs|feature|features|echo|doppler|of|for|{WALL.pattern})\s+)*$"
)
_PLACE = (
    rf"(?:in|at|of|over|involving|affecting)\s+(?:the\s+)?(?:(?:mid|distal|proximal|basal|entire|whole)\s+)*"
    rf"(?:{WALL.pattern}|(?:{'|'.join(TERRITORIES)})\b|\w+ (?:wall|territory|segment))"
)
# "... RWMA in the apex", "... RWMA (+)", "... PAH present", "... RWMA as described": said to be there.
_IS_THERE = re.compile(
    r"\s*(?:(?:is|are|was|were)\s+)?(?:(?:seen|noted|present|found|detected)\s*)?"
    rf"(?:\(\s*\+|\+(?!\w)|\(?\s*{_PLACE}|\(\s*(?:mild|moderate|severe|{WALL.pattern})|"
    rf"(?:{'|'.join(TERRITORIES)})\s+(?:territory|region)|as (?:described|above|below|noted|mentioned)\b)|"
    r"\s*(?:is|are|was|were|remains?)\s+(?:still )?(?:present|there)\b|"
    r"\s*(?:(?:still|now|again)\s+(?:present|there|seen)|known)\b|"
    # "No effusion, PAH present": a reader takes it so, and is asked.
    r"\s*[:=]?\s*(?:present|yes|positive)\b|\s*\(?\s*(?:with\s+)?(?:rvsp|pasp|spap)\b[^\d\n]{0,6}\d|"
    # "... RWMA only in the apex", "... RWMA unchanged", "... RWMA: inferior", "... RWMA mild".
    r"\s*(?:(?:is|are|was|were|now)\s+)*(?:only|still|also in|again|persist\w*|remain\w*|unchanged)\b|"
    rf"\s*[:=-]?\s*(?:{WALL.pattern}(?!\s+(?:mitral|leaflet|pericard))|"
    r"(?:mild|moderate|severe)\s*(?:$|[.;,(]))"
)
# "No AS, mild RWMA".
_GRADED = re.compile(r",\s*(?:mild|moderate|severe)\s+(?:degree of\s+)?$")
_MAY_BE_THERE = re.compile(r"\s*(?:present|positive|seen|noted|found|detected)\b")
# Two names and one "no".
_PAIR = re.compile(r"\b(?:no|nil|without)\s+[^.;:,\n]{1,40}(?:,|\band)\s*$")
# "No clot seen, ...": what was denied has its verb, and the next item is of its own.
_CLOSED = re.compile(r"\b(?:seen|noted|found|detected|present|identified|dilated|enlarged|thickened)\s*,")


def ends_in_or(between: str) -> bool:
    """Whether the words between a "no" and a name end in "or" or "nor": the list ends with that name."""
    joints = list(_JOINT.finditer(between))
    if not joints or joints[-1].group() not in ("or", "nor"):
        return False
    return _BEFORE_NAME.match(between[joints[-1].end() :]) is not None


def is_stated_anyway(between: str, after: str) -> bool:
    """Whether a name behind a comma is said to be there, whatever a "no" before the comma denies."""
    joints = list(_JOINT.finditer(between))
    if not joints or joints[-1].group() != ",":
        return False
    return bool(_CLOSED.search(between) or _GRADED.search(between) or _IS_THERE.match(after))


def may_be_stated(before: str, after: str) -> bool:
    """Whether "no MR, PAH present" is meant to deny one name or both: for a person to see."""
    return _PAIR.search(before) is not None and _MAY_BE_THERE.match(after) is not None
