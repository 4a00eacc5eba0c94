"""The pages in front of the desk: what stands in them is text, and their policy lets their one style in."""

from __future__ import annotations

import base64
import hashlib
import re

from review_ui.door import plain_pages


def test_the_policy_names_the_style_that_the_page_really_has() -> None:
    page = plain_pages.password_page()
    (style,) = re.findall(r"<style>(.*?)</style>", page.html)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in page.content_policy


def test_a_reason_or_an_address_from_outside_stays_text() -> None:
    page = plain_pages.not_possible_page('<b>&"', '/quality"><script>', was_form=True)
    assert "&lt;b&gt;&amp;" in page.html and "<script" not in page.html
    assert 'href="/quality&quot;&gt;&lt;script&gt;"' in page.html


def test_what_a_page_leaves_out_leaves_nothing_behind() -> None:
    assert "None" not in plain_pages.sign_in_page().html
    assert "None" not in plain_pages.signed_out_page("cookie", can_sign_in=False).html
    assert 'role="alert"' not in plain_pages.password_page().html
    assert '<p role="alert">Too often</p>' in plain_pages.password_page("Too often").html
