"""Nothing of a patient stays in a browser or stands in an address: a demo's names and ids are looked for.

A lead adds the demo's reports from files named after patients, finds them by their own ids and has them read;
somebody reviews them and writes a name into a note.
"""

from __future__ import annotations

import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote_plus

import pytest
from desk_fixture import clean_record
from desk_people import SeedCopy
from live_desk import LiveDesk, Windows, running_desk
from playwright.sync_api import BrowserContext, Page
from sqlmodel import select

from db.access.patient_key import load_or_create_secret
from db.tables.drafts import Draft
from pipeline.commands.desk.work import work_hooks
from pipeline.demo.cohort import build_cohort
from pipeline.demo.plan import plan_cohort

pytestmark = pytest.mark.browser

PATIENTS, SEED = 2, 20260401
# All that a site can leave: what a page may write, and what the browser writes for it.
KEPT = """async () => {
  const databases = await indexedDB.databases(), held = [];
  for (const {name} of databases) {
    const opened = await new Promise((done, failed) => {
      const asked = indexedDB.open(name);
      [asked.onsuccess, asked.onerror] = [() => done(asked.result), failed];
    });
    for (const store of opened.objectStoreNames) held.push(name, store, await new Promise((done) => {
      const asked = opened.transaction(store).objectStore(store).getAll();
      asked.onsuccess = () => done(JSON.stringify(asked.result));
    }));
  }
  const cached = [];
  for (const name of await caches.keys()) for (const request of await (await caches.open(name)).keys())
    cached.push(name, request.url, await (await caches.match(request)).text());
  const files = [];
  for await (const name of (await navigator.storage.getDirectory()).keys()) files.push(name);
  return {local: {...localStorage}, session: {...sessionStorage}, cookies: document.cookie, databases: held,
    caches: cached, files, window: window.name, state: history.state, address: location.href,
    workers: (await navigator.serviceWorker.getRegistrations()).length};
}"""


@dataclass
class Watch:
    """Every address that a browser asked for, and what it kept after each page."""

    secrets: list[str]
    asked: list[str] = field(default_factory=list)
    kept: list[dict[str, Any]] = field(default_factory=list)
    shown: str = ""

    def over(self, context: BrowserContext) -> None:
        """Watch a window from now on."""

        def note(request: Any) -> None:
            # An address, and the one that a request says it comes from.
            self.asked += [request.url, request.headers.get("referer", "")]

        context.on("request", note)
        context.on("response", lambda reply: self.asked.append(reply.headers.get("location", "")))

    def look(self, page: Page) -> None:
        """Note what the browser keeps now."""
        self.shown += page.inner_text("body")
        self.kept.append({**page.evaluate(KEPT), "jar": page.context.cookies()})

    def found_in(self, text: str) -> list[str]:
        """Which names and ids stand in a text, however it is spelt."""
        plain = unquote_plus(text).lower()
        spaced = plain.replace("_", " ").replace("-", " ")
        return [word for word in self.secrets if word in plain or word in spaced]


def named_files(folder: Path) -> tuple[Path, list[str]]:
    """The demo's reports in a folder, named after their patients as wards name them; all names and ids."""
    people = [plan.person for plan in plan_cohort(PATIENTS, SEED)]
    cohort = build_cohort(folder / "cohort", patients=PATIENTS, seed=SEED)
    chosen = folder / "chosen"
    chosen.mkdir()
    reports = [json.loads(line)["reports"][0] for line in cohort.truth.read_text("utf-8").splitlines()]
    rows = ["patient_id,report"]
    for person, report in zip(people, reports, strict=True):
        name = f"{person.name.replace(' ', '_')}_{person.patient_id}{Path(report).suffix}"
        shutil.copyfile(cohort.folder / report, chosen / name)
        rows.append(f"{person.patient_id},{name}")
    (chosen / "list.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return chosen, [word.lower() for person in people for word in (person.name, person.patient_id)]


def lead_adds(live: LiveDesk, watch: Watch, chosen: Path) -> None:
    """From the files to records that are read, every page of the lead looked at."""
    page = live.sit_down().page
    watch.over(page.context)
    base = page.url.rstrip("/")
    page.goto(f"{base}/add")
    page.set_input_files("input[multiple]", sorted(chosen.iterdir()))
    page.wait_for_url("**/add?upload=*")
    watch.look(page)
    page.check("input[name=keep]")
    page.click(f"text=Add these {PATIENTS} records")
    page.wait_for_selector(f"text={PATIENTS} records are added.")
    watch.look(page)
    page.click("text=Read them now")
    watch.look(page)
    wait_until_read(live)
    page.goto(f"{base}/reading")
    watch.look(page)
    page.goto(f"{base}/records")
    page.fill("input[name=own_id]", watch.secrets[1])
    page.press("input[name=own_id]", "Enter")
    page.wait_for_load_state()
    watch.look(page)
    for path in ("/records", "/records?record=2", "/queue", "/take-out", "/quality", "/set-up"):
        page.goto(base + path)
        watch.look(page)


def wait_until_read(live: LiveDesk) -> None:
    """Until every record has a draft; on a busy machine that takes its time."""
    until = time.monotonic() + 240
    while time.monotonic() < until:
        with live.seeded.database.read() as session:
            if len(set(session.exec(select(Draft.case_id)))) == PATIENTS + 1:
                return
        time.sleep(0.3)
    raise AssertionError("the records were not read")


def annotator_reads(live: LiveDesk, watch: Watch) -> None:
    """A flag whose note names a patient, looked back at and undone; then the others."""
    sitting = live.sit_down(1)
    page = sitting.page
    watch.over(page.context)
    for place in range(PATIENTS):
        before = sitting.case_id
        sitting.press("o", "o", "f")
        page.fill("#note", watch.secrets[2 * place])
        watch.look(page)
        sitting.press("Enter")
        page.wait_for_selector(f"#desk[aria-busy='false']:not([data-case='{before}'])")
        watch.look(page)
    page.keyboard.press("Backspace")
    page.wait_for_timeout(200)
    page.reload()
    page.wait_for_selector("#desk[aria-busy='false'][data-state='record']")
    watch.look(page)


@pytest.mark.slow
@pytest.mark.tesseract
def test_names_and_ids_are_in_no_address_and_stay_in_no_browser(
    seed_copy: SeedCopy, windows: Windows, tmp_path: Path
) -> None:
    chosen, secrets = named_files(tmp_path)
    watch, seeded = Watch(secrets), seed_copy(clean_record(1))
    load_or_create_secret(seeded.workspace.patient_key_file)
    hooks = work_hooks(seeded.workspace, seeded.database)
    with running_desk(seeded, windows, leads=("Lena",), annotators=("Asha",), work=hooks) as live:
        lead_adds(live, watch, chosen)
        annotator_reads(live, watch)
    assert set(watch.found_in(watch.shown)) == set(secrets), "they were on screen"
    assert len(watch.asked) > 100 and len(watch.kept) > 10
    assert [url for url in watch.asked if watch.found_in(url)] == []
    assert [kept for kept in watch.kept if watch.found_in(json.dumps(kept, ensure_ascii=False))] == []
    nothing = {
        "local": {},
        "session": {},
        "databases": [],
        "caches": [],
        "files": [],
        "window": "",
        "workers": 0,
    }
    assert [kept for kept in watch.kept if nothing != {name: kept[name] for name in nothing}] == []
