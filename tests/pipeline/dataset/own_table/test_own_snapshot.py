"""A researcher's table becomes a snapshot like any other, and nothing is said of reviews that never were."""

from __future__ import annotations

import io
import json
import random
import shutil
from pathlib import Path

import pytest
from own_tables import KEY, SECRET, cells, draw_ecg, draw_ecgs, frozen, planned, written
from PIL import Image

from db.access.patient_key import patient_key
from db.files.keys import make_key_file
from db.snapshots import find_snapshot
from db.store.engine import open_database
from db.tabular import read_jsonl
from db.workspace import Workspace
from pipeline.commands.models.elsewhere import people_counter
from pipeline.curation.lineage import of_a_table
from pipeline.curation.links import matched
from pipeline.dataset.choosing import RefusedError
from pipeline.dataset.diffing import compare, open_labels
from pipeline.dataset.opened import open_snapshot
from pipeline.dataset.own_table.building import Made, RowsRefusedError
from pipeline.dataset.own_table.row_list import listed_rows
from pipeline.dataset.rekeying import SnapshotKey
from pipeline.dataset.verifying import verify_folder
from pipeline.evaluation.overlap import overlap_of

ROWS = [
    cells(
        number,
        age_years=40 + number,
        sex="F" if number % 2 else "M",
        site="Ward 3",
        machine=("MAC 2000", "Cardiart")[number % 2],
        report_date="2024-03-05",
        ecg_date="2024-03-07",
        patient_name="Asha Rao",
    )
    for number in range(1, 21)
]
# Two visits of one patient; and a page photographed twice, under two ids.
ROWS[1]["patient_id"] = ROWS[0]["patient_id"]
ROWS[1]["sex"] = ROWS[0]["sex"]
ROWS[1]["report_date"] = ROWS[1]["ecg_date"] = "2024-09-05"
OF_PEOPLE = (
    "annotator",
    "decision",
    "arm",
    "active_s",
    "reader",
    "draft_",
    "confidence_",
    "light_",
    "layout",
)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("own")


@pytest.fixture(scope="module")
def made(place: Path) -> Made:
    listing = written(place / "given", ROWS)
    photos = place / "given" / "photos"
    with Image.open(photos / "ecg_3.jpg") as page:
        page.load()
        page.save(photos / "ecg_4.jpg", quality=60)
    return frozen(planned(listing), place / "space")


def text_of(made: Made, place: Path) -> dict[str, str]:
    """What describes the snapshot, by file."""
    folder = place / "space/snapshots/own"
    names = ("README.md", "certificate.json", "croissant.json", "data_dictionary.csv", "CITATION.cff")
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def test_it_is_sound_and_opens_with_what_the_table_says(made: Made, place: Path) -> None:
    folder = place / "space/snapshots/own"
    verdict = verify_folder(folder)
    assert verdict.is_sound, verdict.problems
    opened = open_snapshot(folder)
    assert len(opened.pairs) == 20
    first = next(pair for pair in opened.pairs if pair.age_years == 41)
    assert (first.sex, first.ef_percent, first.rwma_severity) == ("female", 45, "mild")
    assert first.site == "site 1" and first.device in ("device 1", "device 2")
    frame = opened.labels()
    assert str(frame["age_years"].dtype) == "Int64"
    assert list(frame["sex"].cat.categories) == ["female", "male", "other"]
    assert set(frame["status"]) == {"brought_in"}


def test_patients_and_look_alikes_are_whole_in_a_fold(made: Made) -> None:
    rows = made.frozen.labels
    by_patient: dict[str, set[int]] = {}
    for row in rows:
        by_patient.setdefault(row["patient_id"], set()).add(row["fold"])
    assert len(by_patient) == 19
    assert all(len(folds) == 1 for folds in by_patient.values())
    twice = [row for row in rows if row["age_years"] in (43, 44)]
    assert len({row["patient_id"] for row in twice}) == 2
    assert len({row["group_id"] for row in twice}) == 1


def test_no_column_no_check_and_no_file_tells_of_reviews(made: Made, place: Path) -> None:
    assert not [name for name in made.frozen.labels[0] if name.startswith(OF_PEOPLE)]
    assert {one.name for one in made.frozen.checks}.isdisjoint({"vigilance", "conflicts", "seeded-values"})
    assert all(set(row) == {"row_id", "images"} for row in made.frozen.lineage)
    manifest = json.loads((place / "space/snapshots/own/manifest.json").read_bytes())
    assert manifest["parents"]["reviews"] == 0
    assert manifest["brought_in"]["table_sha256"] == made.frozen.brought.table_sha256  # type: ignore[union-attr]
    told = text_of(made, place)
    certificate = json.loads(told["certificate.json"])
    assert certificate["is_certified"] is False and certificate["fields"] == {}
    assert "came in with a table as they are" in certificate["statement"]
    card = told["README.md"]
    assert "not read or reviewed in EchoDesk" in card
    for heading in (
        "Agreement of readers",
        "Vigilance",
        "With and without the draft",
        "\n## How the labels were made",
    ):
        assert heading not in card
    for word in ("one person read", "Drafts were made by", "1 person", "annotators", "practice draft"):
        assert word not in card
    assert "| `rwma` | yes | present | 15 |" in card
    croissant = json.loads(told["croissant.json"])
    assert "rai:annotatorDemographics" not in croissant and "rai:annotationsPerItem" not in croissant
    assert "not read, drafted or reviewed here" in croissant["rai:dataAnnotationProtocol"][0]
    lines = told["data_dictionary.csv"].splitlines()
    (ef,) = [line for line in lines if line.startswith("labels,ef_percent,")]
    assert ef.endswith("the table that was brought in")
    assert "read from the report" not in told["data_dictionary.csv"]


def test_nothing_in_the_folder_names_anybody(made: Made, place: Path) -> None:
    folder = place / "space/snapshots/own"
    everything = b"\n".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())
    for word in ("H0001", "H0007", "ecg_1.jpg", "Asha", "Ward 3", "MAC 2000", "2024-03-05", "A phone"):
        assert word.encode() not in everything, word


def test_pictures_go_out_upright_without_what_the_camera_wrote(made: Made, place: Path) -> None:
    pictures = sorted((place / "space/snapshots/own/images").iterdir())
    assert len(pictures) == 20
    with Image.open(pictures[0]) as page:
        assert not page.getexif() and page.size == (200, 150)


def test_days_are_shifted_and_the_days_between_stay(made: Made) -> None:
    rows = made.frozen.labels
    assert {row["days_between"] for row in rows} == {0, 2}
    assert all(row["report_date"] < "2024-03-05" for row in rows if row["days_between"])


def test_the_snapshot_is_registered_and_nothing_of_the_photographs_is_left_beside_it(
    made: Made, place: Path
) -> None:
    space = Workspace(workspace=place / "space")
    assert {path.name for path in space.snapshots.iterdir()} == {"own", "own.rows.csv"}
    assert not list(space.images.rglob("*.*")) if space.images.exists() else True
    database = open_database(space)
    with database.read() as session:
        entry = find_snapshot(session, name="own")
        assert entry is not None and entry.content_sha256 == made.frozen.content_sha256
    database.close()


def test_a_row_is_walked_back_to_the_table(made: Made, place: Path) -> None:
    snapshots = place / "space/snapshots"
    row = next(row for row in made.frozen.labels if row["age_years"] == 45)
    steps = of_a_table(snapshots, row["row_id"])
    assert [step.id for step in steps] == ["own", row["row_id"], "table:6"]
    assert steps[-1].facts["photographs"] == "ecg_5.jpg"
    assert of_a_table(snapshots, "r0000000000000000") == []
    listed = [one for _, one in listed_rows(snapshots)]
    assert {one.patient_key for one in listed} == {
        patient_key(str(one["patient_id"]), SECRET) for one in ROWS
    }
    assert (snapshots / "own.rows.csv").stat().st_mode & 0o077 == 0


def test_the_order_of_rows_changes_nothing_but_the_hash_of_the_table(place: Path, made: Made) -> None:
    shuffled = list(ROWS)
    random.Random(7).shuffle(shuffled)
    other = place / "shuffled"
    other.mkdir()
    shutil.copytree(place / "given/photos", other / "photos")
    again = frozen(planned(written(other, shuffled)), place / "other space")
    assert again.frozen.content_sha256 == made.frozen.content_sha256
    assert again.frozen.files == made.frozen.files


def test_a_corrected_table_is_compared_row_by_row(place: Path, made: Made) -> None:
    corrected = [dict(row) for row in ROWS]
    corrected[6]["ef_percent"] = 41
    other = place / "corrected"
    other.mkdir()
    shutil.copytree(place / "given/photos", other / "photos")
    frozen(planned(written(other, corrected[:-1])), place / "space", "own2")
    snapshots = place / "space/snapshots"
    records = {row.record for _, row in listed_rows(snapshots)}
    found = matched(sorted(records), SnapshotKey(KEY, "own"), SnapshotKey(KEY, "own2"))
    told = compare(open_labels(snapshots / "own"), open_labels(snapshots / "own2"), found)
    assert [(one.column, one.old, one.new) for one in told.changes] == [("ef_percent", 25.0, 41.0)]
    assert (told.same, len(told.added), len(told.removed)) == (18, 0, 1)
    (snapshots / "own2.rows.csv").unlink()
    for path in (snapshots / "own2").rglob("*"):
        path.chmod(0o700)
    shutil.rmtree(snapshots / "own2")


def test_a_patient_of_two_tables_is_known_in_both_while_the_lists_are_there(tmp_path: Path) -> None:
    """`evaluate --on` counts people by this: names are other ones in every snapshot."""
    space = Workspace(workspace=tmp_path / "space")
    rows = [cells(number) for number in range(1, 8)]
    frozen(planned(written(tmp_path / "one", rows)), space.root, "one")
    others = [cells(number, patient_id=f"X{number}") for number in range(8, 14)]
    others[2]["patient_id"] = "h0003"
    frozen(planned(written(tmp_path / "two", others)), space.root, "two")
    make_key_file(space.desk_key_file, f"{KEY.hex()}\n".encode())
    one, two = (open_snapshot(space.snapshots / name) for name in ("one", "two"))
    count = people_counter(space, one, two)
    assert count is not None
    assert overlap_of(one, two, count).patients == 1
    (space.snapshots / "two.rows.csv").unlink()
    assert people_counter(space, one, two) is None
    assert overlap_of(one, two, None).patients is None


def test_rows_that_cannot_be_taken_stop_the_freeze_unless_left_out_and_counted(tmp_path: Path) -> None:
    rows = [*(cells(number) for number in range(1, 13)), cells(13, ef_percent=0.4), cells(14)]
    listing = written(tmp_path, rows)
    (tmp_path / "photos/ecg_14.jpg").write_bytes(b"\xff\xd8\xff no picture")
    with pytest.raises(RowsRefusedError, match="nothing was frozen") as refused:
        frozen(planned(listing), tmp_path / "space")
    assert [one.row for one in refused.value.refused] == [14]
    made = frozen(planned(listing), tmp_path / "space", leaves_out=True)
    assert [one.row for one in made.refused] == [14, 15]
    steps = {one.reason: one.cases for one in made.frozen.exclusions}
    assert steps == {
        "the row cannot be used": 1,
        "an earlier row says the same of the same photographs": 0,
        "its photograph cannot be read": 1,
    }
    assert (made.frozen.registered, len(made.frozen.labels)) == (14, 12)


def test_where_no_photograph_can_be_read_each_is_named(tmp_path: Path) -> None:
    listing = written(tmp_path, [cells(1), cells(2, ef_percent=0.4)])
    (tmp_path / "photos/ecg_1.jpg").write_bytes(b"\xff\xd8\xff no picture")
    with pytest.raises(RowsRefusedError) as refused:
        frozen(planned(listing), tmp_path / "space", leaves_out=True)
    assert [one.row for one in refused.value.refused] == [3, 2]


def test_the_same_picture_otherwise_wrapped_is_no_second_patients(tmp_path: Path) -> None:
    listing = written(tmp_path, [cells(number, ecg=f"ecg_{number}.png") for number in (1, 2, 3)])
    for number in (1, 2, 3):
        draw_ecg(tmp_path / "photos" / "drawn.jpg", max(number, 2))
        with Image.open(tmp_path / "photos" / "drawn.jpg") as page:
            stream = io.BytesIO()
            page.save(stream, "PNG", compress_level=number)
        (tmp_path / "photos" / f"ecg_{number}.png").write_bytes(stream.getvalue())
    with pytest.raises(RowsRefusedError) as refused:
        frozen(planned(listing), tmp_path / "space")
    one, other = refused.value.refused
    assert one.row == 2 and "row 3, another patient's" in one.reason
    assert other.row == 3 and "row 2, another patient's" in other.reason
    # Whichever stands first, neither is kept.
    made = frozen(planned(listing), tmp_path / "space", leaves_out=True)
    assert len(made.frozen.labels) == 1


def test_the_same_picture_in_two_rows_of_a_patient_is_refused_whatever_the_bytes(tmp_path: Path) -> None:
    rows = [cells(1), cells(2, patient_id="H0001"), *(cells(number) for number in (3, 4))]
    listing = written(tmp_path, rows)
    drawn = (tmp_path / "photos/ecg_1.jpg").read_bytes()
    (tmp_path / "photos/ecg_2.jpg").write_bytes(drawn + b"behind the end")
    with pytest.raises(RowsRefusedError) as refused:
        frozen(planned(listing), tmp_path / "space")
    assert [one.row for one in refused.value.refused] == [2, 3]
    assert "of the same patient" in refused.value.refused[0].reason


def test_a_refused_freeze_leaves_nothing_and_a_name_is_used_once(tmp_path: Path) -> None:
    rows = [cells(number) for number in range(1, 7)]
    plan = planned(written(tmp_path, rows))
    frozen(plan, tmp_path / "space", make_mask=None)
    with pytest.raises(RefusedError, match="already a snapshot own"):
        frozen(plan, tmp_path / "space")
    far = [cells(number, report_date="2024-01-01", ecg_date="2024-06-01") for number in range(1, 7)]
    other = tmp_path / "far"
    with pytest.raises(RefusedError, match="far-pairs"):
        frozen(planned(written(other, far)), tmp_path / "space", "far")
    assert {path.name for path in (tmp_path / "space/snapshots").iterdir()} == {"own", "own.rows.csv"}
    labels = read_jsonl((tmp_path / "space/snapshots/own/data/pairs.jsonl").read_bytes())
    assert {row["path"] for row in labels} == {None}


def test_several_photographs_of_a_row_are_pairs_of_one_record(tmp_path: Path) -> None:
    rows = [cells(number) for number in range(1, 7)]
    rows[0]["ecg"] = "a.jpg; b.jpg"
    listing = written(tmp_path, [dict(row, ecg=row["ecg"].replace(" ", "")) for row in rows])
    draw_ecgs(tmp_path, "a.jpg", "b.jpg")
    made = frozen(planned(listing), tmp_path / "space")
    assert (len(made.frozen.labels), len(made.frozen.pairs)) == (6, 7)
