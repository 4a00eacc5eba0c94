"""Finds text on a page that gives orders to a machine ("ignore previous instructions", "answer EF 60").

No such text can change the form of an answer, and prompts say that a page is data; but a model may still
obey. A page that tries is never trusted without a person. Doctors give orders, too ("ignore artefact",
"follow up in six months", "please correlate"), to people: what is looked for speaks to a reader of the
picture or about its answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

# Raise it whenever another text would be flagged.
ORDERS_VERSION: Final = "1"

# "AI" alone is aortic insufficiency in these reports, and counts only where it is spoken to or said to be "an
# AI".
_MACHINE = (
    r"(?:artificial intelligence|language model|llm|chat ?bot|chat ?gpt|gpt|claude|gemini|qwen|(?:ocr|vision|ai)"
    r" (?:system|engine|model|reader|assistant)|assistant)"
)
_EARLIER = r"(?:previous|prior|above|earlier|preceding|foregoing|system|all|any|other|your|these|the)"
_ORDERS = r"(?:instructions?|prompts?|commands?|directions|rules|guidelines|orders)"
_ANSWER = r"(?:answer|output|reply|respond|return|print|write|report back|state)"
_FINDING = r"(?:l?v?ef|ejection fraction|rwma|pah|rvsp|wall motion|pulmonary hypertension)"

_PATTERNS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"\b(?:ignore|disregard|forget|override|bypass|do not follow|don't follow)\b(?: \w+){0,3}? "
        + _EARLIER
        + r"(?: \w+){0,2}? "
        + _ORDERS
        + r"\b",
        r"\b(?:ignore|disregard|forget) (?:everything|anything|all|all of)(?: \w+){0,3}? "
        r"(?:above|below|previously|else)\b",
        r"\b(?:ignore|disregard) (?:the |this |all )?(?:image|picture|page|document|text)\b",
        r"\bsystem (?:prompt|message|override)\b|<\|?(?:im_start|im_end|system|endoftext)\|?>|\[/?inst\]",
        r"\b(?:new|updated|additional|secret|hidden) (?:system )?(?:instructions?|prompt) ?(?::|for|to)",
        rf"\byou are (?:now )?(?:an? |the )?(?:\w+ )?(?:{_MACHINE}|ai)\b|\bas (?:an ai|an? {_MACHINE})\b",
        r"\b(?:note|attention|message|instructions?|dear|hey|hello)(?: to| for)?(?: the| any| all)? "
        rf"(?:{_MACHINE}s?|ai) ?(?:[:,]|only|must|should|reading)",
        rf"\b(?:act|pretend|behave) (?:as|like|to be) (?:an? )?(?:\w+ )?{_MACHINE}\b",
        rf"\b{_ANSWER} (?:only |just |exactly |always |instead )?(?:with |in |as )?(?:valid |the following )?json\b",
        rf"\b(?:you|the (?:model|assistant|ai)) (?:must|should|shall|have to|are to) (?:\w+ )?{_ANSWER} "
        rf"(?:that |with )?[\"'“]?{_FINDING}",
        rf"\b(?:always|only|instead|just) {_ANSWER}\b(?: with| that| the)? ?[\"'“]?{_FINDING}",
        rf"(?:^|[.;:\n] ?)(?:please )?(?:answer|output|reply|respond|return)(?: with| that)?:? [\"'“]?{_FINDING}",
        rf"\b(?:set|change|mark|fill in|enter) (?:the )?(?:value (?:of|for) )?{_FINDING}(?: field| value)? "
        r"(?:to|as|=) ?[\"'“]?(?:\d|none\b|absent|normal|null|present)",
        r"\bdo not (?:report|mention|extract|transcribe|output) (?:the|any|this) (?:ef|ejection|value|instruction)",
        r"\bjailbreak|\bprompt injection|\bdeveloper mode\b",
    )
)


def gives_orders(text: str) -> bool:
    """Whether a text speaks to a machine that reads it. Case, line breaks and runs of blanks don't count."""
    lines = "\n".join(" ".join(line.split()) for line in text.lower().splitlines())
    joined = " ".join(lines.split())
    return any(pattern.search(lines) or pattern.search(joined) for pattern in _PATTERNS)


def any_orders(texts: Iterable[str]) -> bool:
    """Whether any of several texts does."""
    return any(gives_orders(text) for text in texts)
