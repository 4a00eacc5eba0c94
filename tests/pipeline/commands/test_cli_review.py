"""`echodesk review`: who gets a link, what other addresses need, and what a box on a page is read as."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from db.labels import Findings
from db.store.engine import open_database
from db.workspace import Workspace
from pipeline.cli import app
from pipeline.commands.desk.reading import answers_of
from pipeline.commands.desk.review import local_names
from pipeline.commands.desk.serving import announcer

STATED = {"ef_operator": "=", "ef_state": "stated"}


@pytest.fixture
def space(tmp_path: Path) -> Path:
    open_database(Workspace(workspace=tmp_path / "space")).close()
    return tmp_path / "space"


def run(space: Path, *words: str, **environment: str) -> Result:
    return CliRunner().invoke(app, ["-w", str(space), "review", *words], env=environment)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--host", "0.0.0.0"], "needs either TLS or a proxy"),  # noqa: S104
        (["--trusted-proxy", "10.0.0.5", "--public-name", "desk.example"], "only with a secret"),
        (["--trusted-proxy", "10.0.0.5"], "does not know what browsers call it"),
        (["--tls-cert", "no-such-file.pem"], "a certificate and its key go together"),
    ],
)
def test_other_computers_are_let_in_only_when_everything_is_in_place(
    space: Path, words: list[str], said: str
) -> None:
    asked = run(space, *words, ECHODESK_SECRET="")
    assert asked.exit_code == 2
    assert said in asked.stderr


def test_without_anybody_to_sign_in_the_command_says_what_to_type(space: Path) -> None:
    secret = "q7Zp2Lx9Vt4Kb8Nw3Rf6Hm1Jc5Gd0Ysu"
    asked = run(space, "--trusted-proxy", "10.0.0.5", "--public-name", "desk.example", ECHODESK_SECRET=secret)
    assert asked.exit_code == 2
    assert f"echodesk --workspace {space} users add" in asked.stderr
    assert secret not in asked.output


def test_links_are_for_this_computer_alone(space: Path) -> None:
    asked = run(space, "--trusted-proxy", "10.0.0.5", "--public-name", "desk.example", "--annotator", "Asha")
    assert asked.exit_code == 2
    assert "links are for this computer alone" in asked.stderr


def test_one_person_alone_is_a_lead_and_people_named_are_what_they_were_named_as() -> None:
    assert local_names(None, None) == (["local"], [])
    assert local_names(None, ["Asha", "Bina"]) == ([], ["Asha", "Bina"])
    assert local_names(["Ines"], ["Asha", "Ines"]) == (["Ines"], ["Asha"])


def test_each_link_is_printed_with_whose_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    on_ready = announcer(["Ines", "Asha"], open_browser=False)
    on_ready("http://one")
    on_ready("http://two")
    assert capsys.readouterr().out.splitlines() == [
        "Review page for Ines (this link works once): http://one",
        "Review page for Asha (this link works once): http://two",
        "Ctrl-C stops it.",
    ]


def test_without_names_the_plain_address_is_printed_once(capsys: pytest.CaptureFixture[str]) -> None:
    announcer([], open_browser=False)("https://desk.example")
    assert capsys.readouterr().out.splitlines() == [
        "Review page, with name and password: https://desk.example",
        "Ctrl-C stops it.",
    ]


@pytest.mark.parametrize(
    ("field", "found", "answers"),
    [
        ("ef", {**STATED, "ef_percent": 37.5, "ef_low": 35, "ef_high": 40}, {"ef": {"text": "35-40"}}),
        ("ef", {**STATED, "ef_percent": 55, "ef_operator": ">"}, {"ef": {"text": ">55"}}),
        ("ef", {**STATED, "ef_percent": 60}, {"ef": {"text": "60"}}),
        ("rwma", {"rwma": "absent", "rwma_severity": "none"}, {"rwma": "absent"}),
        ("rwma", {"rwma": "present", "rwma_severity": "mild"}, {"rwma": "present", "rwma_severity": "mild"}),
        ("pah", {"pah": "mild", "rvsp_mmhg": 48}, {"pah": "mild", "rvsp": {"text": "48"}}),
        ("pah", {"rvsp_mmhg": 48}, {"rvsp": {"text": "48"}}),
    ],
)  # fmt: skip
def test_what_was_read_in_a_box_is_answered_as_the_page_would(
    field: str, found: dict[str, object], answers: dict[str, object]
) -> None:
    from review_ui.desk.answers import apply_answers

    findings = Findings.model_validate(found)
    assert answers_of(findings, field) == answers
    stored = apply_answers(Findings(), answers).model_dump()
    assert {name: stored[name] for name in found} == findings.model_dump(include=set(found))
