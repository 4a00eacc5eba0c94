"""The researcher's walk, counted: from the sign-in page to a frozen dataset opened in Python.

    python tests/experiments/walks/researcher.py WORKSPACE

The workspace has a snapshot; it is copied, and a researcher is added to the copy. Clicks, typed keys and
seconds are of somebody who never thinks: what the pages themselves ask for and take.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright
from walked import Walk, open_browser

from pipeline.dataset import open_snapshot

NAME, PASSWORD = "Rita", "a long word for one walk"
SECRET = "q7Zp2Lx9Vt4Kb8Nw3Rf6Hm1Jc5Gd0Ysu"
ECHODESK = [str(Path(sys.executable).with_name("echodesk"))]


def walk(page: Page, address: str, folder: Path) -> None:
    """Sign in, look at the numbers, read a card, take the dataset home, open it."""
    page.goto(address)
    page.wait_for_selector("#name:focus")
    done = Walk.begin(page)
    done.type(NAME)
    done.press("Tab")
    done.type(PASSWORD)
    done.press("Enter")
    page.wait_for_url("**/quality")
    page.wait_for_selector("text=Progress")
    done.say("signed in, at the dashboard")
    done.click("nav >> text=Agreement")
    done.click("nav >> text=Take out")
    done.click("th[scope=row] a")
    done.say("the card of a frozen dataset")
    with page.expect_download() as coming:
        done.click("a[download]")
    home = folder / "dataset.zip"
    coming.value.save_as(home)
    done.say("its zip, on the researcher's disk")
    with zipfile.ZipFile(home) as packed:
        packed.extractall(folder / "dataset")
    found = next(path.parent for path in (folder / "dataset").rglob("manifest.json"))
    rows = open_snapshot(found).labels()
    done.say(f"{len(rows)} labels opened in Python")


@contextmanager
def desk(workspace: Path, folder: Path) -> Iterator[str]:
    """A desk that others can reach, with a certificate of its own."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    cert, key = folder / "cert.pem", folder / "key.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-days", "2", "-subj", "/CN=localhost", "-keyout", str(key), "-out", str(cert)],
        check=True, capture_output=True,
    )  # fmt: skip
    of_workspace = [*ECHODESK, "-w", str(workspace)]
    added = [*of_workspace, "users", "add", NAME, "--role", "researcher", "--password-stdin"]
    subprocess.run(added, input=f"{PASSWORD}\n", text=True, check=True, capture_output=True)
    name = f"localhost:{port}"
    served = [*of_workspace, "review", "--port", str(port), "--tls-cert", str(cert), "--tls-key", str(key)]
    environment = {**os.environ, "ECHODESK_SECRET": SECRET}
    running = subprocess.Popen(
        [*served, "--public-name", name], env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert running.stdout is not None
        next(line for line in running.stdout if "https://" in line)
        yield f"https://{name}"
    finally:
        running.terminate()
        running.wait(timeout=30)


def main() -> None:
    """Copy the workspace, walk, say what it took."""
    with tempfile.TemporaryDirectory() as made, sync_playwright() as playwright:
        folder = Path(made)
        shutil.copytree(sys.argv[1], folder / "workspace")
        browser = open_browser(playwright)
        with desk(folder / "workspace", folder) as address:
            walk(browser.new_context(ignore_https_errors=True).new_page(), address, folder)
        browser.close()


if __name__ == "__main__":
    main()
