"""Adding reports in the browser: chosen, looked at, stored or dropped; nothing lies about afterwards."""

from __future__ import annotations

import io
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from desk_fixture import clean_record
from desk_halls import SeededFolders, hall_over
from desk_people import DeskHall
from work_fakes import WorkRoom, work_room

from db.apart.limits import ApartLimits
from db.decisions import Role
from review_ui.door.bodies import MAX_FILE_BYTES
from review_ui.text import adding as said
from review_ui.work import unpacking
from review_ui.work.hooks import TypedFile
from review_ui.work.uploads import Uploads
from review_ui.work.whose import file_tag


@pytest.fixture(scope="module")
def shared_room(
    seeded_folders: SeededFolders, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[WorkRoom]:
    """One desk for all: building it takes longer than any test."""
    folder = tmp_path_factory.mktemp("adding") / "workspace"
    room = work_room(hall_over(seeded_folders.copy(folder, (clean_record(1),))))
    yield room
    room.shell.close()
    room.hall.seeded.database.close()


@pytest.fixture
def room(shared_room: WorkRoom) -> Iterator[WorkRoom]:
    yield shared_room
    shared_room.tidy_up()


def zipped(**files: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def lying(hall: DeskHall) -> list[str]:
    """Every file that is in the private folder, held files of desks left out."""
    root = hall.seeded.workspace.uploads
    return sorted(path.name for path in root.rglob("*") if path.is_file() and path.name != ".held")


def test_files_are_sent_looked_at_and_stored_with_what_was_said_of_them(room: WorkRoom) -> None:
    upload = room.begin()
    for name in ("scans/A17.jpg", "scans/bad.jpg"):
        assert room.send(upload, name).json() == {"refused": []}
    shown = room.lead.get(f"/add?upload={upload}").text
    assert "1 record of 1 patient. Nothing has been stored yet." in shown
    assert "it is &lt;bad&gt;" in shown
    assert "Add this record" in shown
    form = {"upload": upload, "site": " Site 7 ", "synthetic": "1"}
    reply = room.lead.submit("/add/store", form)
    assert (reply.status, reply.headers["location"]) == (303, f"/add?upload={upload}")
    (chosen,) = room.work.added
    assert (chosen.site, chosen.is_synthetic, chosen.list_file) == ("Site 7", True, None)
    assert room.work.seen == ["A17.jpg", "bad.jpg"]
    stored = room.lead.get(f"/add?upload={upload}").text
    assert "2 records are added. 1 record was there before." in stored
    assert "Read them now" in stored
    assert lying(room.hall) == []
    assert room.lead.submit("/add/store", form).status == 303  # a second click
    assert len(room.work.added) == 1


def test_not_now_removes_the_files_and_stores_nothing(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "A17.jpg")
    assert lying(room.hall) == ["A17.jpg"]
    assert room.lead.submit("/add/drop", {"upload": upload}).headers["location"] == "/add"
    assert lying(room.hall) == []
    assert room.work.added == []
    assert "not here any more" in room.lead.get(f"/add?upload={upload}").text


def test_photos_with_a_cameras_name_are_stored_only_when_each_is_a_patient_of_its_own(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "IMG_0001.jpg")
    shown = room.lead.get(f"/add?upload={upload}").text
    assert "IMG_0001.jpg: a camera or scanner calls a file so." in shown
    assert room.lead.submit("/add/store", {"upload": upload}).status == 400
    assert room.work.added == []
    assert room.lead.submit("/add/store", {"upload": upload, "each": "1"}).status == 303
    assert len(room.work.added) == 1


def test_photos_called_after_people_are_asked_about_like_those_of_a_camera(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "grandma.png")
    shown = room.lead.get(f"/add?upload={upload}").text
    assert f'name="id_{file_tag(upload, "grandma.png")}"' in shown
    assert said.SPEAKING.format(names="grandma.png").partition(".")[0] in shown
    assert said.BY_A_DEVICE.format(names="grandma.png") not in shown
    assert room.lead.submit("/add/store", {"upload": upload}).status == 400
    assert room.lead.submit("/add/store", {"upload": upload, "each": "1"}).status == 303


def test_whose_a_photo_is_can_be_typed_and_is_looked_at_before_it_is_stored(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "IMG_0001.jpg", b"\xff\xd8\xff\xe0 a photo")
    address = f"/add?upload={upload}"
    tag = file_tag(upload, "IMG_0001.jpg")
    shown = room.lead.get(address).text
    assert f'name="id_{tag}"' in shown
    picture = room.lead.get(f"/add/picture/{tag}?upload={upload}")
    assert (picture.headers["content-type"], picture.body[-7:]) == ("image/jpeg", b"a photo")
    typed = {f"id_{tag}": " A17 ", f"date_{tag}": "2026-03-05", f"kind_{tag}": "ecg"}
    reply = room.lead.submit("/add/whose", {"upload": upload, **typed})
    assert (reply.status, reply.headers["location"]) == (303, address)
    shown = room.lead.get(address).text
    assert 'scope="row">A17</th>' in shown and 'value="2026-03-05"' in shown
    assert "a camera or scanner calls a file so" not in shown
    assert room.lead.submit("/add/store", {"upload": upload}).status == 303
    (chosen,) = room.work.added
    assert chosen.typed == (TypedFile("IMG_0001.jpg", "A17", "2026-03-05", "ecg"),)


def test_a_file_that_no_browser_shows_is_drawn_and_one_that_cannot_be_is_not(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "IMG_0001.heic", b"\0\0\0\x18ftypheic a photo")
    room.send(upload, "IMG_0002.heic", b"\0\0\0\x18ftypheic broken")
    room.send(upload, "IMG_0003.jpg", b"no picture at all")
    shown = room.lead.get(f"/add?upload={upload}").text
    one, two, three = (file_tag(upload, f"IMG_000{n}") for n in ("1.heic", "2.heic", "3.jpg"))
    assert f"/add/picture/{one}" in shown and f"/add/picture/{three}" not in shown
    picture = room.lead.get(f"/add/picture/{one}?upload={upload}")
    assert (picture.headers["content-type"], picture.body) == ("image/jpeg", b"drawn IMG_0001.heic")
    assert picture.headers["cache-control"] == "no-store"
    for tag in (two, three):
        assert room.lead.get(f"/add/picture/{tag}?upload={upload}").status == 404


def test_an_id_that_is_taken_back_and_a_file_that_is_not_there_are_typed_no_more(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "IMG_0001.jpg")
    here, gone = file_tag(upload, "IMG_0001.jpg"), file_tag(upload, "IMG_0002.jpg")
    for typed in ("A17", ""):
        room.lead.submit("/add/whose", {"upload": upload, f"id_{here}": typed, f"id_{gone}": "B2"})
        room.lead.get(f"/add?upload={upload}")
        assert [one.patient_id for one in room.work.planned[-1].typed] == [typed][: len(typed)]


@pytest.mark.parametrize("content", [b"%PDF-1.7 broken", b"<svg onload=alert(1)>", b"RIFF", b""])
def test_only_what_a_browser_shows_as_a_picture_comes_back(room: WorkRoom, content: bytes) -> None:
    upload = room.begin()
    room.send(upload, "IMG_0001.jpg", content or b"x")
    tag = file_tag(upload, "IMG_0001.jpg" if content else "another.jpg")
    assert room.lead.get(f"/add/picture/{tag}?upload={upload}").status == 404


def test_a_picture_is_shown_to_whose_upload_it_is_alone(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "IMG_0001.jpg", b"\xff\xd8\xff\xe0")
    address = f"/add/picture/{file_tag(upload, 'IMG_0001.jpg')}?upload={upload}"
    assert room.lead.get(address).status == 200
    assert room.browser(Role.ADMIN).get(address).status == 404
    assert room.browser(Role.ANNOTATOR).get(address).status == 403


def test_one_list_is_used_and_of_several_one_is_chosen(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "A17.jpg")
    room.send(upload, "June.XLSX")
    room.lead.get(f"/add?upload={upload}")
    assert [chosen.list_file and chosen.list_file.name for chosen in room.work.planned] == ["June.XLSX"]
    room.send(upload, "may.csv")
    assert "Which list says whose the files are?" in room.lead.get(f"/add?upload={upload}").text
    assert room.lead.submit("/add/store", {"upload": upload}).status == 400
    assert room.lead.submit("/add/list", {"upload": upload, "list": "../may.csv"}).status == 400
    room.lead.submit("/add/list", {"upload": upload, "list": "may.csv"})
    room.lead.get(f"/add?upload={upload}")
    assert room.work.planned[-1].list_file is not None
    assert room.work.planned[-1].list_file.name == "may.csv"
    room.lead.submit("/add/list", {"upload": upload, "list": ""})
    room.lead.get(f"/add?upload={upload}")
    assert room.work.planned[-1].list_file is None


def test_a_list_that_cannot_be_used_is_said_and_more_files_can_come(room: WorkRoom) -> None:
    room.work.trouble = "the manifest list.csv is empty"
    upload = room.begin()
    room.send(upload, "list.csv")
    shown = room.lead.get(f"/add?upload={upload}").text
    assert "The manifest list.csv is empty. Mend the list." in shown
    assert f'data-upload="{upload}"' in shown
    assert room.lead.submit("/add/store", {"upload": upload}).status == 400
    assert room.work.added == []


def test_adding_that_ends_early_says_why(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "A17.jpg")
    room.work.trouble = "a picture can't be stored"
    room.lead.submit("/add/store", {"upload": upload, "each": "1"})
    assert "Adding ended early: A picture can't be stored." in room.lead.get(f"/add?upload={upload}").text
    assert lying(room.hall) == []


def test_an_upload_is_its_owners_alone(room: WorkRoom) -> None:
    upload = room.begin()
    room.send(upload, "A17.jpg")
    other = room.browser(Role.ADMIN)
    assert other.get(f"/add?upload={upload}").status == 400
    assert other.submit("/add/store", {"upload": upload}).status == 400
    assert other.send_raw("/add/file", b"x", x_upload=upload, x_name="B.jpg").status == 400
    assert other.submit("/add/drop", {"upload": upload}).status == 400
    assert lying(room.hall) == ["A17.jpg"]


@pytest.mark.parametrize(
    "name",
    ["../A.jpg", "/etc/A.jpg", "a/../../A.jpg", "..\\A.jpg", "", "a\0b", "x/" * 30 + "A.jpg", "é" * 200],
)
def test_a_name_that_leads_elsewhere_or_is_none_is_refused(room: WorkRoom, name: str) -> None:
    upload = room.begin()
    reply = room.send(upload, name)
    assert reply.status == 400
    assert reply.json()["reason"] == "the file has a name that cannot be kept"
    assert lying(room.hall) == []


def test_the_same_file_twice_is_one_and_another_of_its_name_is_refused(room: WorkRoom) -> None:
    upload = room.begin()
    assert room.send(upload, "A.jpg", b"one").status == 200
    assert room.send(upload, "A.jpg", b"one").status == 200
    assert room.send(upload, "A.jpg", b"two").json()["reason"] == "another file of this name is here already"
    assert room.send(upload, "A.jpg/B.jpg", b"two").status == 400
    assert room.send(upload, "B.jpg", b"").json()["reason"] == "the file is empty"
    assert lying(room.hall) == ["A.jpg"]


def test_a_mended_list_takes_the_place_of_the_one_before(room: WorkRoom) -> None:
    """Also where the first came in a folder and the mended one by itself."""
    upload = room.begin()
    assert room.send(upload, "March/A.jpg", b"one").status == 200
    assert room.send(upload, "March/list.csv", b"old").status == 200
    assert room.send(upload, "list.csv", b"the newer one").json() == {"refused": []}
    assert lying(room.hall) == ["A.jpg", "list.csv"]
    (listing,) = (room.hall.seeded.workspace.root).rglob("list.csv")
    assert (listing.parent.name, listing.read_bytes()) == ("March", b"the newer one")
    # Where two are called so already, nobody can say which of them is meant.
    assert room.send(upload, "April/list.csv", b"x").status == 200


def test_a_file_larger_than_may_be_or_shorter_than_announced_leaves_nothing(room: WorkRoom) -> None:
    upload = room.begin()
    assert room.send(upload, "A.jpg", content_length=str(MAX_FILE_BYTES + 1)).status == 413
    assert room.send(upload, "A.jpg", b"abc", content_length="5").status == 400
    assert room.send(upload, "A.jpg", b"abcdef", content_length="5").status == 413
    assert lying(room.hall) == []


def test_a_zip_is_unpacked_within_bounds(room: WorkRoom) -> None:
    upload = room.begin()
    reply = room.send(upload, "box/all.zip", zipped(in__A17_report=b"a", B=b"b"))
    assert reply.json() == {"refused": []}
    assert lying(room.hall) == ["A17_report", "B"]
    assert (
        room.send(upload, "broken.zip", b"PK\x03\x04 nonsense").json()["reason"] == "the zip cannot be opened"
    )
    reply = room.send(upload, "evil.zip", zipped(**{"..__..__out.jpg": b"x", "good.jpg": b"x"}))
    assert [one["name"] for one in reply.json()["refused"]] == ["../../out.jpg"]
    assert lying(room.hall) == ["A17_report", "B", "good.jpg"]


def test_a_zip_is_opened_by_another_process(room: WorkRoom, monkeypatch: pytest.MonkeyPatch) -> None:
    upload, packed = room.begin(), zipped(A=b"a" * 3_000_000, B=b"")

    def here(*_given: object) -> Any:
        raise AssertionError("opened here")

    monkeypatch.setattr(zipfile, "ZipFile", here)
    assert room.send(upload, "all.zip", packed).json() == {"refused": []}
    assert lying(room.hall) == ["A", "B"]
    assert room.send(upload, "again.zip", packed).json() == {"refused": []}


def test_a_zip_that_unpacks_for_ever_or_without_end_leaves_nothing(
    room: WorkRoom, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = room.begin()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("good.jpg", b"x")
        archive.writestr("bomb.jpg", bytes(40_000_000))
    with monkeypatch.context() as small:
        small.setattr("review_ui.work.adding.MAX_FILE_BYTES", 10_000_000)
        assert room.send(upload, "bomb.zip", packed.getvalue()).json()["reason"] == said.FILE_TOO_LARGE
    with monkeypatch.context() as hasty:
        hasty.setattr(unpacking, "_LIMITS", ApartLimits(step_s=0.001))
        assert room.send(upload, "slow.zip", packed.getvalue()).json()["reason"] == said.ZIP_SLOW
    assert lying(room.hall) in (["good.jpg"], [])


def test_what_is_chosen_is_private_and_goes_when_the_desk_does(room: WorkRoom, tmp_path: Path) -> None:
    upload = room.begin()
    room.send(upload, "A.jpg")
    root = room.hall.seeded.workspace.uploads
    for path in [root, *root.rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) & 0o077 == 0, path
    uploads = Uploads(tmp_path / "uploads")
    (uploads.begin(1).folder / "B.jpg").write_bytes(b"x")
    uploads.close()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_the_next_start_removes_what_a_killed_desk_left_and_nothing_of_a_living_one(tmp_path: Path) -> None:
    left = tmp_path / "uploads" / "killed" / "x" / "files"
    left.mkdir(parents=True)
    (left / "A.jpg").write_bytes(b"x")
    living = Uploads(tmp_path / "uploads")
    mine = living.begin(1)
    (mine.folder / "B.jpg").write_bytes(b"x")
    Uploads(tmp_path / "uploads").sweep()
    assert [path.name for path in (tmp_path / "uploads").rglob("*.jpg")] == ["B.jpg"]
    living.close()


def test_beginnings_that_nobody_finished_do_not_pile_up(tmp_path: Path) -> None:
    uploads = Uploads(tmp_path / "uploads")
    begun = [uploads.begin(1) for _ in range(9)]
    assert [one.folder.exists() for one in begun] == [False] * 5 + [True] * 4
    uploads.close()
