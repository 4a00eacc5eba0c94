"""Hand-written doings behind the work pages, and a desk that has them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

from desk_people import DeskHall
from raw_requests import HOST, RawBrowser, Reply

from db.decisions import Role
from db.errors import EchoDeskError
from review_ui.door.shell import Shell
from review_ui.server import build_shell
from review_ui.work.hooks import Added, Chosen, PlannedRecord, Preview, RefusedFile, Starting, WorkHooks


@dataclass
class FakeWork:
    """One record a picture; what lies in a file called bad is refused. Remembers what it was asked."""

    planned: list[Chosen] = field(default_factory=list)
    added: list[Chosen] = field(default_factory=list)
    started: list[bool] = field(default_factory=list)
    seen: list[str] = field(default_factory=list)
    trouble: str = ""
    exit_code: int | None = None

    def preview(self, chosen: Chosen) -> Preview:
        """Names alone decide."""
        self.planned.append(chosen)
        if self.trouble:
            raise EchoDeskError(self.trouble, "Mend the list.")
        names = sorted(
            path.relative_to(chosen.folder).as_posix()
            for path in chosen.folder.rglob("*")
            if path.is_file() and path != chosen.list_file
        )
        typed = {one.name: one for one in chosen.typed}
        good = [name for name in names if "bad" not in name]
        return Preview(
            [
                PlannedRecord(
                    typed[name].patient_id if name in typed else name.split(".")[0],
                    (name,),
                    why="file name",
                    is_named_by_a_device="IMG" in name and name not in typed,
                    is_speaking="grandma" in name and name not in typed,
                )
                for name in good
            ],
            len(good),
            [RefusedFile(name, "it is <bad>", "Mend it.") for name in names if "bad" in name],
            nameless=[n for n in names if ("IMG" in n or "grandma" in n) and n not in typed],
        )

    def add(self, chosen: Chosen, on_progress: Callable[[int, int], None]) -> Added:
        """Looks at the files while they are there."""
        self.added.append(chosen)
        self.seen += sorted(path.name for path in chosen.folder.rglob("*") if path.is_file())
        on_progress(1, 2)
        if self.trouble:
            raise EchoDeskError(self.trouble, "Mend the list.")
        return Added(2, 1, [RefusedFile("bad.jpg", "it is bad", "Mend it.")])

    def picture(self, path: Path) -> bytes | None:
        """What is broken cannot be drawn."""
        return None if b"broken" in path.read_bytes() else f"drawn {path.name}".encode()

    def start(self, again: bool) -> Starting:
        """A process that never is."""
        self.started.append(again)
        return Starting(lambda: self.exit_code)


@dataclass
class WorkRoom:
    """A desk with work pages, and a lead's browser at it."""

    hall: DeskHall
    work: FakeWork
    shell: Shell
    lead: RawBrowser
    begun: list[str] = field(default_factory=list)

    def browser(self, role: Role, name: str = "") -> RawBrowser:
        """Somebody else's."""
        person = self.hall.sit_down(name or f"a person who is {role}", role)
        return RawBrowser(self.shell, person.session_id)

    def begin(self) -> str:
        """A new upload's name."""
        self.begun.append(str(self.lead.submit("/add/begin", {"new": "1"}).json()["upload"]))
        return self.begun[-1]

    def tidy_up(self) -> None:
        """As it was in the beginning, for the next test."""
        for upload in self.begun:
            self.lead.submit("/add/drop", {"upload": upload})
        self.begun.clear()
        self.work.__init__(exit_code=0)  # type: ignore[misc]

    def send(self, upload: str, name: str, body: bytes = b"x", **headers: str) -> Reply:
        """One file."""
        named = {"x_upload": upload, "x_name": quote(name), **headers}
        return self.lead.send_raw("/add/file", body, **named)


def work_room(hall: DeskHall, work: FakeWork | None = None) -> WorkRoom:
    """Build one over a hall."""
    work = work or FakeWork()
    hooks: Any = WorkHooks(hall.seeded.workspace, work.preview, work.add, work.start, work.picture)
    desk = replace(hall.desk, work=hooks)
    shell = build_shell(desk, hall.seeded.store, hosts=frozenset({HOST}))
    lead = hall.sit_down("Lena", Role.LEAD)
    return WorkRoom(hall, work, shell, RawBrowser(shell, lead.session_id))
