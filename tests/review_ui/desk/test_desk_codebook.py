"""The codebook page of a field is the documentation's own text, of the version that reviews are stored
under.
"""

from __future__ import annotations

import re

import pytest

from db.errors import EchoDeskError
from db.fields.names import CARDS
from db.labels import CODEBOOK_VERSION
from review_ui.desk.codebook import CODEBOOK_FILE, codebook_page, codebook_sections, codebook_version

CODEBOOK = CODEBOOK_FILE.read_text(encoding="utf-8")


def test_every_field_has_a_section_of_its_own_that_comes_first() -> None:
    sections = codebook_sections(CODEBOOK)
    for card in CARDS:
        own = [section for section in sections if card in section.cards]
        assert own[0].cards == (card,)
        assert len(own[0].markdown) > 200


def test_the_codebook_shown_is_the_one_that_reviews_are_stored_under() -> None:
    assert codebook_version(CODEBOOK) == CODEBOOK_VERSION
    assert f'data-version="{CODEBOOK_VERSION}"' in codebook_page()
    with pytest.raises(EchoDeskError, match="version 0"):
        codebook_page("# Codebook, version 0\n\n## EF: x\n\ntext\n")
    with pytest.raises(EchoDeskError, match="does not name its version"):
        codebook_page("# A book\n")


def test_the_page_says_what_the_codebook_says() -> None:
    page = codebook_page()
    assert page.count("<section ") == len(codebook_sections(CODEBOOK)) >= 5
    assert "<table>" in page
    assert "estimated says how it was found" in page
    assert "Where the cut-offs come from" not in page  # for whoever uses the table, not for the desk


def test_markup_in_the_codebook_stays_text() -> None:
    hostile = (
        f"# Codebook, version {CODEBOOK_VERSION}\n\n## EF: <img src=x "
        "onerror=alert(1)>\n\n<script>alert(1)</script> "
        "[link](javascript:alert(1)) ![picture](http://evil.example/x.png) <http://evil.example/>\n"
    )
    page = codebook_page(hostile)
    assert set(re.findall(r"<(\w+)", page)) <= {"article", "section", "h2", "p"}
