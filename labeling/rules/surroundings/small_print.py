"""Values that stand below the signature, in the notes or in the small print of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from db.fields.names import FIELDS
from labeling.rules.surroundings.clauses import Span

_SIGNED: Final = re.compile(
    r"\n[ *_-]*(?:dr\b|reported (?:by|on)|read(?:er| by)\b|signed|signature|electronically|e-signed|"
    r"disclaimer|note\b|key\b|legend|abbrev\w*|billing|printed|verified|typed|dictated|consultant|"
    r"cardiologist|md\b|"
    r"end of report|--+ ?end)"
)


def below_the_signature(text: str, spans: Mapping[str, Span]) -> set[str]:
    """The fields whose words stand below the first signature or note behind a page's first finding."""
    places = {field: spans[field][0] for field in FIELDS if field in spans}
    signed = _SIGNED.search(text, min(places.values())) if places else None
    return {field for field, at in places.items() if signed and signed.start() < at}
