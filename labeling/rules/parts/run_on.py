"""Names and answers one after another without a sign between them: "MR mild PAH nil TR trivial EF 60"."""

from __future__ import annotations

import re
from typing import Final

from labeling.rules.wall_patterns import WALL

_NAME: Final = (
    r"(?:mr|tr|ar|ai|as|ms|ps|pr|pi|lvh|rvh|pah|phtn|pht|ph|pulmonary hypertension|rwma|swma|wma|"
    r"(?:lv )?(?:clots?|thrombus)|pe|(?:pericardial )?effusion|veg(?:etation)?s?|asd|vsd|pda)\b"
)
_GRADE: Final = r"(?:trivial|trace|mild|moderate|severe)"
_ANSWER: Final = rf"(?:nil|none|no|absent|present|yes|{_GRADE}(?:(?: to |-){_GRADE})?)\b"
_ONE: Final = (
    rf"(?:{_NAME}[ ]?[:=-]?[ ]?{_ANSWER}|{_NAME}[ ]?[:=]?[ ]?[+-](?![\w+-])|"
    rf"(?:rwma|swma|wma)\b[ ]?[:=-]?[ ]?(?:{WALL.pattern})(?: wall)?\b|"
    r"(?:(?:lv)?ef|rvsp|pasp)\b[ ]?[:=-]?[ ]?\d{2}\b(?:[ ]?(?:%|mm ?hg))?)"
)
# It opens its sentence, begins with the EF or stands behind "No MR", and ends with an answer that no other
# name can claim.
_RUN: Final = re.compile(
    rf"(?:^|(?<=[\n\v.;:])|(?<=hypo )|(?<=kinesia )|(?<=[ ])(?=(?:lv)?ef\b[ ]?[:=]?[ ]?\d))[ *-]*"
    rf"(?:no (?:{_NAME}[ ]+)+)?(?P<run>{_ONE}(?:[ ]+{_ONE})+)"
    r"(?=[ ]*(?:$|[\n\v.;,]))"
)
_ONE_OF_THEM: Final = re.compile(_ONE)


def runs_parted(text: str) -> str:
    """The text with a comma between the pairs of such a run; all offsets stay."""
    letters = list(text)
    for run in _RUN.finditer(text):
        pairs = list(_ONE_OF_THEM.finditer(text, *run.span("run")))
        for pair in pairs[1:]:
            letters[pair.start() - 1] = ","
    return "".join(letters)
