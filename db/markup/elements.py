"""HTML and SVG as nested calls: every text is escaped unless it was made here.

Calls instead of templates: nothing can forget to escape, and the type checker sees every argument.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from html import escape
from typing import Final

# These have no closing tag in HTML.
_VOID: Final = frozenset({"meta", "link", "br", "hr", "img", "input"})

_EMPTY_HEAD: Final = re.compile(r"<thead>\s*<tr>\s*(?:<th></th>\s*)+</tr>\s*</thead>\s*")
_LINK: Final = re.compile(r"(?<!!)\[([^\[\]]+)\]\([^()\s]+\)")
_EMPTY_HEADING: Final = re.compile(r"<th></th>")

Attribute = str | int | float | None


class Html(str):
    """Text that is markup already. Only this module makes it."""

    __slots__ = ()


Child = str | int | float | None | Iterable["Child"]


def element(tag: str, *children: Child, **attributes: Attribute) -> Html:
    """One element with what is in it.

    Args:
        children: text is escaped, `Html` is kept, None left out, lists are opened.
        attributes: `class_` is class, `stroke_width` stroke-width; None is left out.
    """
    written = "".join(
        f' {name.rstrip("_").replace("_", "-")}="{escape(_plain(value), quote=True)}"'
        for name, value in attributes.items()
        if value is not None
    )
    if tag in _VOID:
        return Html(f"<{tag}{written}>")
    return Html(f"<{tag}{written}>{join(children)}</{tag}>")


def document(head: Child, body: Html) -> str:
    """A whole page; `head` is what stands in its head, `body` the element of that name."""
    return "<!doctype html>" + element("html", element("head", head), body, lang="en")


def style_sheet(css: str) -> Html:
    """A style sheet of ours within a page: kept as it is, for nothing in it is escaped there.

    Raises:
        ValueError: it could end its own element.
    """
    if "</" in css:
        raise ValueError("a style sheet must not close an element")
    return Html(f"<style>{css}</style>")


def rendered_markdown(markdown: str) -> Html:
    """Markdown as HTML: its own markup stays text, and it leads nowhere.

    Of links the words stay; pictures and a head are left out.
    """
    from markdown_it import MarkdownIt

    if markdown.startswith("---\n"):
        markdown = markdown.partition("\n---\n")[2]
    renderer = MarkdownIt("commonmark", {"html": False}).enable("table")
    lines = [_LINK.sub(r"\1", line) for line in markdown.splitlines() if not line.startswith("![")]
    html = renderer.disable(["link", "image", "autolink"]).render("\n".join(lines))
    # The desk's pages take no style of their own, only classes.
    html = html.replace(' style="text-align:right"', ' class="right"')
    # Markdown has no table without headings; where they are empty they head nothing.
    return Html(_EMPTY_HEADING.sub("<td></td>", _EMPTY_HEAD.sub("", html)))


def join(children: Iterable[Child]) -> Html:
    """Several children one after another."""
    return Html("".join(_write(child) for child in children))


def table(
    headings: Iterable[Child],
    rows: Iterable[Iterable[Child]],
    *,
    caption: str,
    is_caption_shown: bool = False,
) -> Html:
    """A table whose first column names the row.

    Args:
        caption: for screen readers; shown only where no heading above says the same.
    """
    heads = list(headings)
    head = element("tr", [element("th", heading, scope="col") for heading in heads])
    # Each cell knows what it is called: on a phone a row's cells stand below each other, with their names.
    names = [
        heading if isinstance(heading, str) and not isinstance(heading, Html) else None for heading in heads
    ]
    body = []
    for row in rows:
        first, *others = row
        cells = [
            element("td", cell, data_name=name)
            for cell, name in zip(others, [*names[1:], *[None] * len(others)], strict=False)
        ]
        body.append(element("tr", element("th", first, scope="row"), cells))
    title = element("caption", caption, class_=None if is_caption_shown else "unseen")
    whole = element("table", title, element("thead", head), element("tbody", body))
    # Wide tables scroll in themselves; a keyboard must reach that.
    return element("div", whole, class_="scroll", tabindex="0", role="group", aria_label=caption)


def _write(child: Child) -> str:
    if child is None:
        return ""
    if isinstance(child, Html):
        return child
    if isinstance(child, str | int | float):
        return escape(_plain(child), quote=False)
    return join(child)


def _plain(value: str | int | float) -> str:
    """Coordinates with two decimals: more is noise and bytes."""
    return f"{value:.2f}".rstrip("0").rstrip(".") if isinstance(value, float) else str(value)
