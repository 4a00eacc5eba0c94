"""Whether the words before a finding cite an earlier study."""

from __future__ import annotations

import re

from labeling.rules.wall_patterns import PREVIOUS

_THERE_IS = re.compile(r"\bthere (?:is|are)\b|\bnow\b")
# "Similar to previous study, EF 55 %, no RWMA".
_ALIKE = re.compile(
    r"\b(?:similar|compared|unchanged|identical|same|no (?:significant )?change)\b[^.;:,\n]{0,12}\b(?:to|"
    r"with|from|as|since|in)\b"
    r"[^.;:,\n]{0,12}\b(?:previous|prior|last|earlier)\s+(?:study|echo\w*|scan|exam\w*|report)(?:\s+no "
    r"change)?\s*[,:]"
)


def is_cited(before: str) -> bool:
    """Whether the words before cite an earlier study, and don't only compare with it."""
    return PREVIOUS.search(_ALIKE.sub(" ", _THERE_IS.split(before)[-1])) is not None
