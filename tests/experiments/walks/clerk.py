"""The clerk's walk, counted: twenty photos and an Excel list in, the list out with the findings beside it.

    python tests/experiments/walks/clerk.py

The patients are invented and what their reports say is known, so the clerk is one who reads every page right
and never thinks: what differs from the page is corrected, what needs a person is confirmed. Clicks, typed
keys and seconds are what the pages themselves ask for and take; in the end every row is held against the
truth.
"""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import openpyxl
from playwright.sync_api import Page, sync_playwright
from walked import Walk, open_browser

from db.fields.words import in_words
from db.labels import Findings
from pipeline.demo.cohort import build_cohort

PHOTOS = 20
SEED = 16
ECHODESK = [str(Path(sys.executable).with_name("echodesk"))]
TITLES = ("Sr No", "UHID", "Name", "Echo date", "File name")
CARDS = ("ef", "rwma", "pah")
GRADES = {"none": "0", "mild": "1", "moderate": "2", "severe": "3"}
# What a decision needs before it is taken: the desk wants a record looked at for a second.
LOOK_MS = 1_050

_CHOSEN = "group => document.querySelector(`#chips-${group} [aria-checked=true]`)?.dataset.value ?? null"
_FOCUS = "() => document.querySelector('.card.focused')?.dataset.field ?? 'ef'"


def lay_out(folder: Path) -> tuple[Path, list[Findings]]:
    """Photos as a phone calls them, and the list that a clerk keeps; gives the list and what is printed."""
    cohort = build_cohort(folder / "invented", patients=PHOTOS, seed=SEED)
    with cohort.manifest.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    photos = folder / "photos"
    photos.mkdir()
    book = openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(["Echo register"])
    sheet.append(TITLES)
    for number, row in enumerate(rows, start=1):
        page = cohort.folder / row["report"].split(";")[0]
        name = f"IMG_{number:04d}{page.suffix}"
        shutil.copy(page, photos / name)
        sheet.append([number, row["patient_id"], f"Patient {number}", row["report_date"], name])
    book.save(folder / "list.xlsx")
    truth = [json.loads(line)["findings"] for line in cohort.truth.read_text(encoding="utf-8").splitlines()]
    return folder / "list.xlsx", [Findings.model_validate(one) for one in truth]


def walk(page: Page, folder: Path, listing: Path, truth: list[Findings]) -> Path:
    """Add, have read, decide, take out; gives the list that came back."""
    page.wait_for_url("**/add")
    done = Walk.begin(page)
    with page.expect_file_chooser() as asked:
        done.click("label:has-text('Choose files')")
    asked.value.set_files([listing, *sorted((folder / "photos").iterdir())])
    page.wait_for_selector("button:has-text('Add these')", timeout=120_000)
    done.say("who gets what, on screen")
    done.click("button:has-text('Add these')")
    page.wait_for_selector("text=Read them now", timeout=120_000)
    done.say("added")
    done.click("button:has-text('Read them now')")
    page.wait_for_selector("a:has-text('Go to the desk')", timeout=600_000)
    done.say("read by machine")
    done.click("a:has-text('Go to the desk')")
    corrected = decide_all(done, truth)
    done.say(f"all decided, {corrected} answers corrected or given")
    done.click("#menu summary")
    done.click("#pages a:has-text('Take out')")
    with page.expect_file_chooser() as asked:
        done.click("input[name=list]")
    asked.value.set_files(listing)
    with page.expect_download() as coming:
        done.clicks += 1
        page.click("button:has-text('Give it back')")
    target = folder / "back.xlsx"
    coming.value.save_as(target)
    done.say("the list, given back")
    return target


def decide_all(done: Walk, truth: list[Findings]) -> int:
    """Every record until none waits; how many answers were typed."""
    page, typed = done.page, 0
    while True:
        page.wait_for_selector("#desk:is([data-state=record], [data-state=empty])[aria-busy=false]")
        case = page.get_attribute("#desk", "data-case")
        if not case:
            return typed
        page.wait_for_timeout(LOOK_MS)
        typed += answer(done, truth[int(case) - 1])
        for _ in range(8):
            done.press("Enter")
            page.wait_for_selector("#desk[aria-busy=false]")
            if page.get_attribute("#desk", "data-case") != case:
                break
            page.wait_for_timeout(LOOK_MS)
        else:
            raise RuntimeError(f"record {case} does not go: {page.inner_text('#desk')}")


def answer(done: Walk, true: Findings) -> int:
    """Type what stands otherwise on the page; how many answers that were."""
    ways = [(field, keys) for field in CARDS if (keys := _keys(done.page, field, true))]
    for field, keys in ways:
        while done.page.evaluate(_FOCUS) != field:
            done.press("ArrowDown")
        for key in keys:
            done.press(key)
    return len(ways)


def _keys(page: Page, field: str, true: Findings) -> list[str]:
    """The keys that bring a card from what it says to what is true; none where it says so already."""
    if field == "ef":
        return _ef_keys(page, true)
    if field == "rwma":
        said = page.evaluate(_CHOSEN, "rwma")
        if said == true.rwma and (
            said != "present" or page.evaluate(_CHOSEN, "rwma_severity") == true.rwma_severity
        ):
            return []
        if true.rwma == "present":
            return [GRADES.get(true.rwma_severity, "g")]
        return [{"absent": "a", "not_stated": "n"}.get(true.rwma, "u")]
    keys = []
    if page.evaluate(_CHOSEN, "pah") != true.pah:
        keys = [GRADES.get(true.pah, {"present_unspecified": "p", "not_stated": "n"}.get(true.pah, "u"))]
    pressure = "" if true.rvsp_mmhg is None else f"{true.rvsp_mmhg:g}"
    if page.inner_text("#number-rvsp").removeprefix("RVSP").removesuffix("mmHg").strip(" –") != pressure:
        keys += ["r", *(["Control+a", "Backspace"] if not pressure else pressure), "Enter"]
    return keys


def _ef_keys(page: Page, true: Findings) -> list[str]:
    if true.ef_state != "stated":
        return (
            []
            if page.evaluate(_CHOSEN, "ef") == true.ef_state
            else ["n" if true.ef_state == "not_stated" else "u"]
        )
    sign = "" if true.ef_operator in (None, "=") else str(true.ef_operator)
    is_range = true.ef_low is not None
    written = f"{true.ef_low:g}-{true.ef_high:g}" if is_range else f"{sign}{true.ef_percent:g}"
    shown = page.inner_text("#number-ef").replace(" ", "")
    return [] if shown == f"{sign}{true.ef_percent:g}" else [*written, "Enter"]


def held_against(target: Path, truth: list[Findings]) -> str:
    """How many rows of the list hold what is true."""
    table = [list(row) for row in openpyxl.load_workbook(target).worksheets[0].values]
    header = next(row for row in table if "Status" in row)
    rows: list[dict[str, Any]] = [
        dict(zip(header, row, strict=True)) for row in table[table.index(header) + 1 :]
    ]
    right = {"decided": sum(row["Status"] == "decided" for row in rows)}
    for column, field in (("EF range or sign", "ef_percent"), ("RWMA", "rwma"), ("PAH", "pah")):
        right[column] = sum(
            row[column] == in_words(one, field).replace("_", " ")
            for row, one in zip(rows, truth, strict=True)
        )
    right["RVSP mmHg"] = sum(row["RVSP mmHg"] == one.rvsp_mmhg for row, one in zip(rows, truth, strict=True))
    return ", ".join(f"{name} {number}/{len(rows)}" for name, number in right.items())


def main() -> None:
    """An empty folder, a walk, what it took, and what came of it."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        listing, truth = lay_out(folder)
        browser = open_browser(playwright)
        running = subprocess.Popen(
            [*ECHODESK, "-w", str(folder / "workspace")],
            env={**os.environ, "BROWSER": "true"}, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        try:
            assert running.stdout is not None
            line = next(line for line in running.stdout if "http://" in line)
            page = browser.new_page(viewport={"width": 1366, "height": 768})
            page.set_default_timeout(60_000)
            page.goto(line[line.index("http://") :].split()[0])
            target = walk(page, folder, listing, truth)
            sys.stdout.write(f"rows of the list as printed: {held_against(target, truth)}\n")
        finally:
            running.terminate()
            running.wait(timeout=60)
            browser.close()


if __name__ == "__main__":
    main()
