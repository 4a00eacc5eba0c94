"""An explanation as a page of its own (one HTML file, nothing loaded from elsewhere) or as one picture."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from db.markup.elements import Html, document, element, table
from pipeline.evaluation.pictures.explain import Explanation, Shown
from pipeline.evaluation.report.text import explain as text
from pipeline.imaging.capture import encode_jpeg

Pixels = NDArray[np.uint8]

_QUALITY: Final = 85
_STYLE: Final = """
:root { color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }
body { max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
figure { margin: 1.5rem 0; } img { max-width: 100%; height: auto; } .small img { width: 16rem; }
.small { display: flex; flex-wrap: wrap; gap: 1rem; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .25rem .75rem; text-align: left; }
td { text-align: right; font-variant-numeric: tabular-nums; }
tr { border-bottom: 1px solid #8886; } .unseen { position: absolute; left: -99rem; }
.big { font-size: 1.3rem; } .note { opacity: .8; }
"""


def sentences(found: Explanation) -> Iterator[str]:
    """The answer in lines of text."""
    raw = found.answer.ef_percent
    held = min(100.0, max(0.0, raw))
    ef = (text.EF if held == raw else text.EF_HELD).format(ef=held, raw=raw)
    if found.interval is None:
        yield f"{ef}; {text.NO_INTERVAL}"
    else:
        one = found.interval
        said = text.INTERVAL.format(target=one.target, low=one.low, high=one.high)
        share = "" if one.held is None else text.INTERVAL_HELD.format(held=one.held)
        yield f"{ef}, {said}{share}"
    yield text.RWMA.format(rwma=found.answer.rwma_probability)
    yield text.SPREAD.format(folds=len(found.folds), ef=found.ef_spread_points, rwma=found.rwma_spread)


def what_if_rows(found: Explanation) -> list[list[str]]:
    """What was changed, EF, RWMA."""
    return [
        [
            text.WHAT_IFS[one.name].format(pictures=one.pictures),
            f"{one.answer.ef_percent:.1f}",
            f"{one.answer.rwma_probability:.2f}",
        ]
        for one in found.what_ifs
    ]


def explanation_page(found: Explanation, shown: Shown) -> str:
    """The whole HTML file."""
    folds = [
        [str(fold), f"{one.ef_percent:.1f}", f"{one.rwma_probability:.2f}"]
        for fold, one in found.folds.items()
    ]
    complaints = [element("h2", text.COMPLAINTS), *(element("p", one) for one in found.complaints)]
    first, *others = sentences(found)
    body = element(
        "body",
        element("h1", text.TITLE),
        element("p", text.NOT_A_DEVICE),
        element("p", first, class_="big"),
        [element("p", one) for one in others],
        complaints if found.complaints else None,
        table(text.WHAT_IF_HEADINGS, what_if_rows(found), caption=text.WHAT_IF_NOTE),
        element("p", text.WHAT_IF_NOTE, class_="note"),
        [_figure(shown.overlays[head], caption) for head, caption in text.HEADS.items()],
        element("p", text.HEAT_NOTE, class_="note"),
        _figure(shown.photo, text.PHOTO),
        element("h2", text.SHOWN),
        element(
            "div",
            [
                _figure(np.repeat(square[:, :, None], 3, axis=2), text.WHAT_IFS[name].partition(" (")[0])
                for name, square in shown.changed.items()
            ],
            class_="small",
        ),
        table(text.HEADINGS, folds, caption=text.HEADINGS[0]),
        element("p", f"run {found.run}", class_="note"),
    )
    head = [
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width"),
        element("title", text.TITLE),
        Html(f"<style>{_STYLE}</style>"),
    ]
    return document(head, body)


def _figure(image: Pixels, caption: str) -> Html:
    data = base64.b64encode(encode_jpeg(image, _QUALITY)).decode("ascii")
    picture = f'<img src="data:image/jpeg;base64,{data}" alt="{caption}">'
    return element("figure", Html(picture), element("figcaption", caption))


def explanation_picture(shown: Shown) -> bytes:
    """PNG: the photograph, then its overlays, side by side."""
    import cv2

    row = np.hstack([shown.photo, *shown.overlays.values()])
    _, data = cv2.imencode(".png", cv2.cvtColor(row, cv2.COLOR_RGB2BGR))
    return bytes(data.tobytes())
