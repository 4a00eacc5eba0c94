"""Labels in the forms of other programs, opened by readers that are not ours."""

from __future__ import annotations

import io
import json
import stat
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pandas
import pytest
from fhir.resources.R4B.bundle import Bundle
from fhir.resources.R4B.observation import Observation
from hypothesis import given, settings
from hypothesis import strategies as st
from labelled_desk import FLAGGED, STATES, labelled_desk

from db.errors import EchoDeskError
from db.exports.fhir import ABSENT_REASONS, PATIENT_KEYS
from db.exports.interchange import Form, Parts, parts_of, write_parts, zipped
from db.exports.label_studio import CONTROLS, AnnotationError, findings_of, labelling_config, results_of
from db.exports.redcap import COLUMNS, FORM, HEADINGS
from db.fields.names import PAH_DERIVED
from db.labels import WALLS, EfOperator, EfState, Findings, Pah, Rwma, RwmaSeverity
from db.store.engine import Database
from db.workspace import Workspace


@pytest.fixture(scope="module")
def desk(
    tmp_path_factory: pytest.TempPathFactory, migrated_file: Path
) -> Iterator[tuple[Database, Workspace]]:
    """A record of every kind, one of them flagged after it was decided, one only drafted."""
    workspace = Workspace(workspace=tmp_path_factory.mktemp("forms"))
    database = labelled_desk(workspace, migrated_file)
    yield database, workspace
    database.close()


@pytest.fixture(scope="module")
def parts(desk: tuple[Database, Workspace]) -> dict[Form, Parts]:
    return {form: parts_of(*desk, form) for form in Form}


def read_csv(data: bytes) -> pandas.DataFrame:
    return pandas.read_csv(io.BytesIO(data), dtype=str, keep_default_na=False)


def decoded(dictionary: pandas.DataFrame, row: pandas.Series) -> dict[str, Any]:
    """A row of the data with its numbers turned into words by the dictionary alone."""
    found: dict[str, Any] = {}
    for _, field in dictionary.iterrows():
        name = field["Variable / Field Name"]
        listed = field["Choices, Calculations, OR Slider Labels"]
        words = dict(one.split(", ", 1) for one in listed.split(" | ")) if listed else {}
        if field["Field Type"] == "checkbox":
            found[name] = [word for code, word in words.items() if row[f"{name}___{code}"] == "1"]
        else:
            found[name] = words[row[name]] if words and row[name] else row[name]
    return found


def test_redcap_data_fits_its_dictionary_and_says_what_was_decided(parts: dict[Form, Parts]) -> None:
    dictionary = read_csv(parts[Form.REDCAP].beside["-dictionary.csv"])
    data = read_csv(parts[Form.REDCAP].main)
    assert tuple(dictionary.columns) == HEADINGS
    assert set(dictionary["Form Name"]) == {FORM}
    names = list(dictionary["Variable / Field Name"])
    assert names == [column.name for column in COLUMNS]
    assert all(name.islower() and len(name) <= 26 for name in names)
    asked = {name.partition("___")[0] for name in data.columns} - {f"{FORM}_complete"}
    assert asked == set(names)
    for (_, row), (number, found) in zip(data.iterrows(), STATES.items(), strict=False):
        said = decoded(dictionary, row)
        assert said["record_id"] == str(number)
        assert said["ef_state"] == found.ef_state.value.replace("_", " ")
        assert said["ef_percent"] == ("" if found.ef_percent is None else f"{found.ef_percent:g}")
        assert said["rwma"] == found.rwma.value.replace("_", " ")
        assert said["rwma_walls"] == list(found.rwma_walls)
        assert said["pah"] == found.pah.value.replace("_", " ")
        assert row[f"{FORM}_complete"] == "2"
    assert data["lv_function"].iloc[3] == "'=1+1"


def test_numbers_stay_within_the_bounds_the_dictionary_names(parts: dict[Form, Parts]) -> None:
    dictionary = read_csv(parts[Form.REDCAP].beside["-dictionary.csv"]).set_index("Variable / Field Name")
    data = read_csv(parts[Form.REDCAP].main)
    bounded = dictionary[dictionary["Text Validation Min"] != ""]
    assert len(bounded) == 4
    for name, field in bounded.iterrows():
        numbers = pandas.to_numeric(data[name][data[name] != ""])
        low, high = float(field["Text Validation Min"]), float(field["Text Validation Max"])
        assert numbers.between(low, high).all()


def test_a_flagged_record_never_leaves_with_a_label(parts: dict[Form, Parts]) -> None:
    data = read_csv(parts[Form.REDCAP].main).set_index("record_id")
    flagged = data.loc[str(FLAGGED)]
    assert flagged[["ef_percent", "ef_state", "rwma", "pah", "decision", "reviewer_id"]].eq("").all()
    assert flagged[f"{FORM}_complete"] == "1"
    for line in parts[Form.FHIR].main.decode().splitlines():
        assert not json.loads(line)["id"].startswith(f"echodesk-{FLAGGED}-")
    (task,) = [one for one in json.loads(parts[Form.LABEL_STUDIO].main) if one["id"] == FLAGGED]
    assert task["annotations"] == []
    assert task["predictions"]
    assert {form: one.flagged for form, one in parts.items()} == dict.fromkeys(Form, 1)


def observations(parts: dict[Form, Parts]) -> dict[str, Observation]:
    lines = parts[Form.FHIR].main.decode().splitlines()
    return {one.id: one for one in (Observation.model_validate_json(line) for line in lines)}


def test_fhir_observations_are_valid_and_four_a_label(parts: dict[Form, Parts]) -> None:
    found = observations(parts)
    assert len(found) == 4 * len(STATES)
    for one in found.values():
        assert one.status == "final"
        assert one.subject.identifier.system == PATIENT_KEYS
        assert len(one.subject.identifier.value) == 64
        has_value = any((one.valueQuantity, one.valueRange, one.valueCodeableConcept))
        assert has_value != bool(one.dataAbsentReason)
    whole = Bundle.model_validate_json(parts[Form.FHIR_BUNDLE].main)
    assert {entry.resource.id for entry in whole.entry} == set(found)
    assert len({entry.fullUrl for entry in whole.entry}) == len(found)


def test_fhir_says_exactly_what_the_report_says(parts: dict[Form, Parts]) -> None:
    found = observations(parts)
    plain, ranged, above = (found[f"echodesk-{number}-ef-percent"] for number in (1, 2, 3))
    assert plain.code.coding[0].code == "10230-1"
    number = plain.valueQuantity
    assert (number.value, number.comparator, number.code) == (55, None, "%")
    assert (ranged.valueRange.low.value, ranged.valueRange.high.value) == (35, 40)
    assert (above.valueQuantity.value, above.valueQuantity.comparator) == (55, ">")
    silent, unreadable = (found[f"echodesk-{number}-ef-percent"] for number in (4, 5))
    assert [one.dataAbsentReason.coding[0].code for one in (silent, unreadable)] == ["unknown", "error"]
    assert silent.dataAbsentReason.coding[0].system == ABSENT_REASONS
    assert silent.note[0].text == "=1+1"
    moving = found["echodesk-2-rwma"]
    assert moving.valueCodeableConcept.coding[0].code == "52101004"
    assert [part.valueCodeableConcept.text for part in moving.component] == ["severe", "anterior", "apical"]
    assert found["echodesk-1-rwma"].valueCodeableConcept.coding[0].code == "2667000"
    ungraded = found["echodesk-3-pah"]
    assert (ungraded.valueCodeableConcept.text, ungraded.component) == ("present", None)
    pressure = found["echodesk-2-rvsp-mmhg"]
    assert (pressure.code.coding[0].code, pressure.valueQuantity.code) == ("8432-7", "mm[Hg]")
    assert found["echodesk-1-rvsp-mmhg"].dataAbsentReason.text == "Not stated in the report"
    assert plain.meta.tag[0].code == "HTEST"
    assert found["echodesk-2-rwma"].meta is None


def test_label_studio_tasks_use_the_controls_of_the_interface(parts: dict[Form, Parts]) -> None:
    config = ElementTree.fromstring(parts[Form.LABEL_STUDIO].beside["-config.xml"])  # noqa: S314
    offered = {one.get("name"): [c.get("value") for c in one.iter("Choice")] for one in config.iter()}
    assert config.find(".//Image").get("valueList") == "$pages"
    for task in json.loads(parts[Form.LABEL_STUDIO].main):
        assert all(page.startswith("/data/local-files/?d=images/") for page in task["data"]["pages"])
        for said in (*task["annotations"], *task["predictions"]):
            for result in said["result"]:
                assert result["from_name"] in offered
                assert result["to_name"] == "page"
                assert set(result["value"].get("choices", ())) <= set(offered[result["from_name"]])


def test_decisions_come_back_out_of_label_studio_as_they_went_in(parts: dict[Form, Parts]) -> None:
    tasks = json.loads(parts[Form.LABEL_STUDIO].main)
    annotated = {task["id"]: task["annotations"] for task in tasks if task["annotations"]}
    assert {number: findings_of(one[0]["result"]) for number, one in annotated.items()} == STATES


@settings(max_examples=60, deadline=None)
@given(
    ef=st.none() | st.integers(5, 90).map(float) | st.floats(5, 90),
    operator=st.sampled_from(EfOperator),
    rwma=st.sampled_from(Rwma),
    walls=st.lists(st.sampled_from(WALLS), unique=True),
    pah=st.sampled_from(Pah),
    words=st.none() | st.text(min_size=1, max_size=20),
)
def test_any_record_survives_the_way_there_and_back(
    ef: float | None, operator: EfOperator, rwma: Rwma, walls: list[str], pah: Pah, words: str | None
) -> None:
    found = Findings(
        ef_percent=ef,
        ef_operator=None if ef is None else operator,
        ef_state=EfState.NOT_STATED if ef is None else EfState.STATED,
        lv_function=words,
        rwma=rwma,
        rwma_severity=RwmaSeverity.NONE if rwma is Rwma.ABSENT else RwmaSeverity.NOT_STATED,
        rwma_walls=tuple(walls) if rwma is Rwma.PRESENT else (),
        pah=pah,
    )
    assert findings_of(json.loads(json.dumps(results_of(found)))) == found


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"from_name": "diagnosis", "value": {}}, "no control 'diagnosis'"),
        ({"from_name": "ef_percent", "value": {"number": "55"}}, "has no number"),
        ({"from_name": "ef_percent", "value": {"number": True}}, "has no number"),
        ({"from_name": "ef_percent", "value": {"number": 155}}, "less than or equal to 90"),
        ({"from_name": "rwma", "value": {"choices": ["present", "absent"]}}, "2 answers"),
        ({"from_name": "rwma", "value": {"choices": ["maybe"]}}, "does not offer"),
        ({"from_name": "rwma", "value": "present"}, "has no answer"),
        ({"from_name": "ef_state", "value": {"choices": ["stated"]}}, "exactly when ef_percent"),
    ],
)
def test_an_annotation_that_is_no_record_is_refused_by_name(result: dict[str, Any], said: str) -> None:
    with pytest.raises(AnnotationError, match=said):
        findings_of([result])


def test_a_question_answered_twice_is_refused() -> None:
    one = {"from_name": "pah", "value": {"choices": ["mild"]}}
    with pytest.raises(AnnotationError, match="twice"):
        findings_of([one, one])


def test_every_column_of_a_record_has_a_control() -> None:
    assert set(CONTROLS) == set(Findings.model_fields) - set(PAH_DERIVED)
    assert labelling_config().count(b"toName=") == len(CONTROLS)


@pytest.mark.parametrize("form", Form)
def test_files_are_their_owners_alone_and_all_or_none(
    parts: dict[Form, Parts], form: Form, tmp_path: Path
) -> None:
    written = write_parts(parts[form], tmp_path / "out.csv")
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in written)
    last = written[-1]
    for path in written[:-1]:
        path.unlink()
    with pytest.raises(EchoDeskError, match="exists already"):
        write_parts(parts[form], tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == [last]
    write_parts(parts[form], tmp_path / "out.csv", overwrite=True)


def test_an_archive_holds_the_same_bytes(parts: dict[Form, Parts]) -> None:
    data = zipped({"labels.csv": parts[Form.REDCAP].main})
    assert data == zipped({"labels.csv": parts[Form.REDCAP].main})
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.read("labels.csv") == parts[Form.REDCAP].main
