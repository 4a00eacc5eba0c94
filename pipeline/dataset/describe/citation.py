"""CITATION.cff: how to cite a snapshot."""

from __future__ import annotations

import json

from pipeline.dataset.describe.card import summary, title
from pipeline.dataset.frozen import Frozen


def citation_cff(frozen: Frozen) -> bytes:
    """CITATION.cff, version 1.2.0; whoever publishes the data adds names, a licence and a DOI."""
    lines = [
        "cff-version: 1.2.0",
        "type: dataset",
        f"title: {_text(title(frozen))}",
        f"abstract: {_text(summary(frozen))}",
        "message: If you use this dataset, please cite it with its version.",
        f"version: {_text(frozen.content_sha256[:12])}",
        f"date-released: {frozen.as_of:%Y-%m-%d}",
        *([f"license: {frozen.licence}"] if _is_listed(frozen.licence) else []),
        "authors:",
        "  - name: The annotators and custodians of this dataset",
        "identifiers:",
        "  - type: other",
        f"    value: {_text('sha256:' + frozen.content_sha256)}",
        "    description: hash of everything in data/ and images/",
        "keywords:",
        *(f"  - {word}" for word in ("echocardiography", "electrocardiogram", "ejection fraction")),
    ]
    return ("\n".join(lines) + "\n").encode()


def bibtex(frozen: Frozen) -> str:
    """The same for LaTeX."""
    key = "".join(letter if letter.isalnum() else "-" for letter in frozen.name)
    return (
        f"@misc{{{key}, title={{{{{title(frozen)}}}}}, year={{{frozen.as_of:%Y}}}, "
        f"note={{sha256:{frozen.content_sha256[:12]}}}}}"
    )


def _is_listed(licence: str) -> bool:
    """Whether the format knows it: it takes SPDX's own list alone."""
    return bool(licence) and not licence.startswith("LicenseRef-")


def _text(said: str) -> str:
    """A string that is the same in YAML and JSON."""
    return json.dumps(said, ensure_ascii=False)
