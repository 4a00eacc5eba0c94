"""Hostile words in every field and on every surface, in a real browser: nothing runs, nothing leaves the
machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlsplit

import pytest
from attack_words import PAYLOADS
from desk_fixture import NOW, SeededDesk, clean_record, findings, issue
from desk_halls import SeededFolders
from live_desk import LiveDesk, Sitting, Windows, running_desk
from playwright.sync_api import Browser
from sqlmodel import select

from db.cases import register_case
from db.decisions import Decision, Purpose, Role
from db.drafts import store_draft
from db.errors import EchoDeskError
from db.label_view import current_label
from db.labels import Evidence
from db.quality.audit_samples import draw_sample
from db.queue.leases import take_lease
from db.reviews import ReadingContext, record_decision
from db.standings import open_flags
from db.store.images import StoredImage
from db.tables.cases import CaseImage, Image
from db.tables.drafts import Draft
from db.tables.findings import findings_columns
from db.tables.practice import SeededAnswer, SeededDraft
from db.users import add_user, ensure_local_user
from review_ui import text

pytestmark = pytest.mark.browser

LEAD = '"><img src=x onerror=window.hacked=1>'
PAGES = (
    "/queue",
    "/records",
    "/quality",
    "/quality/agreement",
    "/quality/audit",
    "/quality/vigilance",
    "/sign-out",
    "/nowhere",
)
WATCH = """
  window.__policy = [];
  document.addEventListener('securitypolicyviolation',
    (event) => window.__policy.push(event.violatedDirective));
"""
# Attributes that run code and elements that load it: none of ours, so any one came from words.
FOREIGN = """() => [...(document.getElementById('desk') ?? document).querySelectorAll('*')].filter((one) =>
  ['IFRAME', 'OBJECT', 'EMBED', 'MARQUEE', 'VIDEO', 'AUDIO', 'BASE', 'TEMPLATE', 'XSS', 'MATH']
    .includes(one.tagName)
  || [...one.attributes].some((attribute) => attribute.name.startsWith('on')
    || /^(href|src|action|formaction|data|xlink:href)$/.test(attribute.name)
      && /^\\s*(javascript|data:text)/i.test(attribute.value))).map((one) => one.outerHTML.slice(0, 120))"""


def hostile_draft(words: str, number: int, *, reader: str, **ours: Any) -> Draft:
    """The same words wherever a page, a reader or a check could put some."""
    found = findings(lv_function=words, rwma="present", rwma_walls=("inferior",), pah="none")
    other = findings(lv_function=words, rwma="absent", rwma_severity="none", pah="mild")
    differ = {"ours": words, "theirs": words, "reader": words, words[:40]: words}
    quoted = Evidence(quote=words).model_dump(mode="json")
    return Draft(
        reader=reader,
        reader_version=words,
        prompt_version=words,
        code_version="test",
        evidence=dict.fromkeys(("lv_function", "rwma", "pah"), quoted),
        light=dict.fromkeys(("ef_percent", "rwma", "pah"), "amber"),
        checks=[issue("words", "pah", words)],
        warnings=[words],
        unreadable_reason=words if number % 2 else "",
        reasons={
            "rwma": [{"code": "readers_differ", "values": differ}],
            "pah": [{"code": "digits_differ", "values": {"ours": words, "page": words}}],
        },
        opinions=[{"reader": words, "version": words, "findings": other.model_dump(mode="json")}],
        created_at=NOW,
        **findings_columns(found),
        **ours,
    )


def poison(seeded: SeededDesk, payloads: Sequence[str]) -> None:
    """Every payload as a record of its own, in everything that is shown of it; and as a person's name."""
    with seeded.database.write() as session:
        first = session.get_one(Image, session.exec(select(CaseImage.image_sha256)).first())
        for number, words in enumerate(payloads, start=1):
            sha256 = hashlib.sha256(words.encode()).hexdigest()
            seeded.store.path(sha256).parent.mkdir(exist_ok=True)
            shutil.copyfile(seeded.store.path(first.sha256), seeded.store.path(sha256))
            page = StoredImage(sha256, sha256, 1, first.width_px, first.height_px, 1, "image/png", sha256)
            case, _ = register_case(
                session, patient_key=sha256, site=words, layout=words, is_synthetic=True,
                report_images=[page],
                ecg_images=[], report_date=None, ecg_date=None, now=NOW,
            )  # fmt: skip
            ours = {"case_id": int(case.id or 0), "report_sha256": case.report_sha256}
            for reader in ("rules", words):  # the newest is shown
                store_draft(
                    session, draft=hostile_draft(words, number, reader=reader, **ours), actor=words, now=NOW
                )
            with contextlib.suppress(EchoDeskError):  # too long for a name, or not plain
                add_user(session, name=words, role=Role.ANNOTATOR, actor=words, now=NOW)
            seeded.case_ids.append(ours["case_id"])


def decide_some(seeded: SeededDesk, payloads: Sequence[str]) -> None:
    """Reviews, notes, audits and practice drafts full of hostile words, for the pages that count them."""
    with seeded.database.write() as session:
        people = [int(ensure_local_user(session, name=name, now=NOW).id or 0) for name in (LEAD, "Bina")]
        for case_id, words in zip(seeded.case_ids[1:], payloads, strict=True):
            draft = session.exec(select(Draft).where(Draft.case_id == case_id)).first()
            assert draft is not None
            label = findings(lv_function=words, rwma="absent", rwma_severity="none", pah="mild")
            for annotator_id, purpose in zip(people, (Purpose.FIRST, Purpose.SECOND), strict=True):
                context = ReadingContext(purpose=purpose)
                options: dict[str, Any] = {"case_id": case_id, "annotator_id": annotator_id, "now": NOW}
                assert take_lease(session, **options, lease_s=60, purpose=purpose)
                record_decision(
                    session, **options, draft_id=draft.id, decision=Decision.CORRECT, findings=label,
                    note=words,
                    active_s=3, request_id=f"attack-{case_id}-{annotator_id}", context=context,
                )  # fmt: skip
            shown = findings_columns(label)
            seed = SeededDraft(
                case_id=case_id, annotator_id=people[0], draft_id=int(draft.id or 0), field="pah",
                kind="flipped",
                shown=shown, created_at=NOW,
            )  # fmt: skip
            session.add(seed)
            session.flush()
            session.add(
                SeededAnswer(seeded_id=int(seed.id or 0), answered=shown, is_caught=True, created_at=NOW)
            )
        for number, words in enumerate(payloads):
            if len(words) <= 80:
                draw_sample(session, name=words, size=5, seed=number, drawn_by=words, now=NOW)


def flag_the_rest(seeded: SeededDesk, payloads: Sequence[str]) -> None:
    """Flag with hostile notes whatever no browser has flagged before; the one plain record is decided."""
    with seeded.database.write() as session:
        person = int(ensure_local_user(session, name=LEAD, now=NOW).id or 0)
        flagged = open_flags(session)
        for case_id, words in zip(seeded.case_ids, ["", *payloads], strict=True):
            if case_id in flagged or current_label(session, case_id=case_id):
                continue
            draft = session.exec(select(Draft).where(Draft.case_id == case_id)).first()
            assert draft is not None
            options: dict[str, Any] = {"case_id": case_id, "annotator_id": person, "now": NOW}
            assert take_lease(session, **options, lease_s=60)
            record_decision(
                session, **options, draft_id=draft.id, decision=Decision.FLAG if words else Decision.ACCEPT,
                findings=draft.to_findings(), note=words, active_s=3, request_id=f"attack-flag-{case_id}",
            )  # fmt: skip


@dataclass
class Watched:
    """A person at a desk full of hostile words, and what was noticed."""

    live: LiveDesk
    desk: Sitting
    payloads: Sequence[str]
    dialogs: list[str] = field(default_factory=list)
    looked_at: int = 0

    def look(self) -> None:
        """Nothing ran, nothing tried to, and no words became a foreign element."""
        page = self.desk.page
        assert page.evaluate("window.hacked") is None
        assert page.evaluate("window.__policy") == []
        assert page.evaluate(FOREIGN) == []
        assert self.dialogs == []
        self.looked_at += 1


def watching(live: LiveDesk, desk: Sitting, payloads: Sequence[str]) -> Watched:
    """A person whose page is watched from its first moment on."""
    watched = Watched(live, desk, payloads)
    desk.context.add_init_script(WATCH)
    desk.page.on("dialog", lambda dialog: (watched.dialogs.append(dialog.message), dialog.dismiss()))
    desk.page.reload()
    return watched


@pytest.fixture(scope="module", params=[5, pytest.param(1, marks=pytest.mark.slow)], ids=["some", "all"])
def watched(
    request: pytest.FixtureRequest,
    windows: Windows,
    seeded_folders: SeededFolders,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Watched]:
    """A served workspace of which every word is hostile; the lead's own name, too."""
    payloads = PAYLOADS[:: request.param]
    seeded = seeded_folders.copy(tmp_path_factory.mktemp("hostile") / "workspace", (clean_record(1),))
    poison(seeded, payloads)
    with running_desk(seeded, windows, leads=(LEAD, "Chitra"), annotators=()) as live:
        yield watching(live, live.sit_down(is_new_browser=True), payloads)
    seeded.database.close()


def test_there_are_more_than_sixty_payloads_and_they_differ() -> None:
    assert len(set(PAYLOADS)) == len(PAYLOADS) >= 80


def test_every_payload_would_be_noticed_if_it_ran(chromium: Browser) -> None:
    """The test of the test: on a page that takes words for markup, the watching notices."""
    page = chromium.new_page()
    page.add_init_script(WATCH)
    page.goto("about:blank")
    page.set_content(f"<p>{PAYLOADS[12]}</p><iframe></iframe><a href=javascript:1>x</a>")
    page.wait_for_function("window.hacked >= 1")
    assert len(page.evaluate(FOREIGN)) == 3
    page.close()


def wait_for_other(desk: Sitting, case_id: int) -> None:
    desk.page.wait_for_selector(f"#desk[aria-busy='false']:not([data-case='{case_id}'])")


@pytest.mark.slow
def test_hostile_words_are_only_ever_words_on_the_desk(watched: Watched) -> None:
    desk, page = watched.desk, watched.desk.page
    desk.page.wait_for_selector("#desk[data-state='record'][aria-busy='false']")
    if desk.case_id == watched.live.seeded.case_ids[0]:
        desk.press("Enter")  # the one plain record
        wait_for_other(desk, watched.live.seeded.case_ids[0])
    seen: dict[str, int] = {}
    for note in watched.payloads:
        case_id = desk.case_id
        words = watched.payloads[watched.live.seeded.case_ids.index(case_id) - 1]
        whole = page.evaluate("document.getElementById('desk').textContent")
        seen[words] = whole.count(words)
        assert page.inner_text("#who") == LEAD
        desk.press("o")
        watched.look()
        desk.press("o", "f")
        page.fill("#note", note)
        watched.look()
        desk.press("Enter")
        if note != watched.payloads[-1]:
            wait_for_other(desk, case_id)
    page.wait_for_selector("#desk[data-state='empty']")
    assert set(seen) == set(watched.payloads)
    assert min(seen.values()) >= 6  # site, quotes, reasons, other readers, ...
    for _ in range(3):
        before = desk.case_id
        desk.press("Backspace")  # one's own note comes back as words, too
        wait_for_other(desk, before)
        watched.look()
    assert_stayed_here(desk)


@pytest.mark.slow
def test_hostile_words_are_only_ever_words_to_whoever_settles_a_flag(watched: Watched) -> None:
    flag_the_rest(watched.live.seeded, watched.payloads)
    settling = watching(watched.live, watched.live.sit_down(1, is_new_browser=True), watched.payloads)
    desk, page = settling.desk, settling.desk.page
    page.wait_for_selector("#desk[data-state='record'][aria-busy='false']")
    told = set()
    while page.get_attribute("#desk", "data-state") == "record":
        case_id = desk.case_id
        desk.notice()  # a moment after the record on a busy machine
        told.add((page.text_content("#notice span") or "").removeprefix(text.FLAGGED.format(note="")))
        settling.look()
        desk.press("5", "0", "Enter", "a", "Tab", "0", "Enter")
        page.wait_for_selector(
            f"#desk[aria-busy='false']:not([data-case='{case_id}']), #desk[data-state='empty']"
        )
    assert {"".join(words.split()) for words in told} <= {
        "".join(words.split()) for words in watched.payloads
    }
    assert len(told) >= len(watched.payloads) - 3  # the lead still looks back at some
    assert_stayed_here(desk)


@pytest.mark.slow
def test_hostile_words_are_only_ever_words_on_every_other_page(watched: Watched) -> None:
    decide_some(watched.live.seeded, watched.payloads)
    page, base = watched.desk.page, watched.live.links[0].split("/link/")[0]
    shown: set[str] = set()
    for path in (*PAGES, "/records?record=1"):
        page.goto(base + path)
        watched.look()
        whole = page.evaluate("document.body.textContent")
        shown |= {words for words in watched.payloads if words in whole}
        assert LEAD in whole or path == "/nowhere", path
    assert shown == set(watched.payloads)
    for words in watched.payloads:  # and what an address says
        page.goto(f"{base}/queue?site={quote(words)}&person={quote(words)}&purpose={quote(words)}")
        watched.look()
        for path in ("/queue", "/records"):
            page.goto(f"{base}{path}?site={quote(words)}")
            watched.look()
    assert_stayed_here(watched.desk)


def assert_stayed_here(desk: Sitting) -> None:
    hosts = {urlsplit(url).hostname for url in desk.requested if not url.startswith(("blob:", "data:"))}
    assert hosts == {"127.0.0.1"}


@pytest.mark.slow
def test_no_page_beside_the_desk_asks_for_a_picture_or_leaves_anything_in_the_browser(
    watched: Watched,
) -> None:
    page, base = watched.desk.page, watched.live.links[0].split("/link/")[0]
    # Whichever test came before: what the desk itself was still fetching is none of these pages' requests.
    page.goto(f"{base}{PAGES[0]}", wait_until="networkidle")
    watched.desk.requested.clear()
    for path in PAGES:
        page.goto(base + path)
        kept = page.evaluate(
            """async () => ({local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie,
              databases: (await indexedDB.databases()).length, caches: await caches.keys(),
              workers: (await navigator.serviceWorker.getRegistrations()).length})"""
        )
        assert kept == {
            "local": {},
            "session": {},
            "cookies": "",
            "databases": 0,
            "caches": [],
            "workers": 0,
        }, path
    asked = {urlsplit(url).path for url in watched.desk.requested}
    assert not [path for path in asked if path.startswith("/case/") or "gradio" in path]
    scripts = {f"/desk/{name}.js" for name in ("times", "zone", "activity", "leaving")}
    assets = {"/desk/pages.css", "/desk/desk.css", *scripts}
    assert asked <= {*PAGES, *assets, "/favicon.ico", "/manifest.json"}
    assert_stayed_here(watched.desk)
