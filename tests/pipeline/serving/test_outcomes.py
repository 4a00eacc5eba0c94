"""Answers that are kept, outcomes that come later, and whether intervals and sets held."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from pydantic import SecretStr
from scipy.stats import binomtest
from test_api import ASKED, KEY, Scripted
from typer.testing import CliRunner

from db.errors import EchoDeskError
from pipeline.cli import app
from pipeline.serving.answer import Answer
from pipeline.serving.api import create_api
from pipeline.serving.relay.jobs import job_id
from pipeline.serving.screened import Screened, Verdict
from pipeline.serving.serve_settings import ServingSettings
from pipeline.serving.watching.coverage import held_by, read_outcomes
from pipeline.serving.watching.kept import Kept, Outcome, name_of, photo_id


def answer(
    ef: float | None = 50.0, chosen: tuple[str, ...] | None = ("absent",), bundle: str = "b1"
) -> Answer:
    """With an interval of ten points to each side."""
    low, high = (None, None) if ef is None else (ef - 10, ef + 10)
    return Answer(bundle, "r1", ef_percent=ef, ef_low=low, ef_high=high, rwma_set=chosen, coverage=0.9)


@pytest.fixture
def kept(tmp_path: Path) -> Kept:
    return Kept(tmp_path / "answers.db", clock=lambda: 1000.0)


def test_shares_and_their_bounds_are_those_of_the_binomial(kept: Kept) -> None:
    """Golden numbers from scipy."""
    for number in range(20):
        kept.keep(b"%d" % number, answer(), coverage=0.9)
    found = [Outcome(photo_id(b"%d" % one), 45.0 if one < 15 else 70.0, "absent") for one in range(20)]
    assert kept.take(found) == 20
    ef, ill, well = held_by(kept.joined(), "b1")
    exact = binomtest(15, 20).proportion_ci(0.95, "exact")
    assert (ef.share.value, ef.share.n) == (0.75, 20)
    assert (ef.share.low, ef.share.high) == pytest.approx((exact.low, exact.high), abs=1e-9)
    assert not ef.is_below and well.share.value == 1.0 and ill.share.n == 0 and not ill.is_below
    assert "15 of 20: 75 %" in ef.said() and ill.said() == "no outcome yet"


def test_an_alarm_needs_more_than_chance(kept: Kept) -> None:
    for number in range(40):
        kept.keep(b"%d" % number, answer(), coverage=0.9)
    kept.take([Outcome(photo_id(b"%d" % one), 45.0 if one < 26 else 80.0, "") for one in range(40)])
    assert held_by(kept.joined(), "b1")[0].is_below  # 26 of 40: at most 79 %
    assert held_by(kept.joined(), "another")[0].share.n == 0


def test_the_last_answer_meets_the_last_outcome_and_counts_once(kept: Kept) -> None:
    kept.keep(b"photo", answer(20.0), message="0" * 32)
    kept.keep(b"photo", answer(60.0), message="0" * 32)
    kept.take([Outcome(photo_id(b"photo"), 20.0, "present"), Outcome("0" * 32, 61.0, "absent")])
    (one,) = kept.joined()
    assert (one.ef_low, one.outcome.ef_percent, one.rwma_set) == (50.0, 61.0, ("absent",))


def test_a_table_of_wall_motion_alone_leaves_the_ef_that_was_told(kept: Kept) -> None:
    kept.keep(b"photo", answer(50.0))
    kept.take([Outcome(photo_id(b"photo"), 80.0, "")])
    kept.take([Outcome(photo_id(b"photo"), None, "absent"), Outcome(photo_id(b"photo"), None, "")])
    (one,) = kept.joined()
    assert (one.outcome.ef_percent, one.outcome.rwma) == (80.0, "absent")


def test_another_database_is_no_file_of_answers(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other.db") as rows:
        rows.execute("CREATE TABLE review (id INTEGER)")
    with pytest.raises(EchoDeskError, match="something else"):
        Kept(tmp_path / "other.db").joined()


@pytest.mark.parametrize(
    "table",
    [
        'photo_id,ef_percent\n"a,50\nb,60\n',
        "photo_id,ef_percent\na,5,5\n",
        "photo_id,photo_id,ef_percent\na,b,55\n",
        "photo_id,ef_percent\na,5_5\n",
    ],
    ids=["open quote", "one cell more", "one name twice", "no number"],
)
def test_what_would_be_read_wrongly_is_refused(tmp_path: Path, table: str) -> None:
    (tmp_path / "a.csv").write_text(table, encoding="utf-8")
    with pytest.raises(EchoDeskError, match=r"a\.csv"):
        read_outcomes(tmp_path / "a.csv")


def test_a_message_is_found_by_its_id_which_is_not_kept(kept: Kept) -> None:
    screened = Screened(
        Verdict.OK, "b1", ef_percent=50, ef_low=40, ef_high=60, rwma_probability=0.1, rwma_set=(),
        agreement=80, referral="no_referral",
    )  # fmt: skip
    kept.keep(b"photo", screened, message=job_id("wamid.HBgM"))
    assert kept.take([Outcome(name_of("wamid.HBgM"), 55.0, "present")]) == 1
    (one,) = kept.joined()
    assert one.rwma_set == () and one.coverage == 0.9
    assert b"wamid" not in kept.file.read_bytes() and kept.file.stat().st_mode & 0o077 == 0
    assert name_of(photo_id(b"x").upper() + "0" * 32) == photo_id(b"x")


def test_what_has_no_numbers_is_not_kept_and_a_full_disk_costs_no_answer(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "answers.db")
    kept.keep(b"photo", answer(None))
    assert not kept.file.exists()
    Kept(tmp_path).keep(b"photo", answer())
    with pytest.raises(EchoDeskError, match="directory"):
        Kept(tmp_path).joined()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("photo,ef_percent\na,50\n", "columns"),
        ("photo_id,height\na,50\n", "columns"),
        ("photo_id,ef\na,fifty\n", "line 2: the EF is no number"),
        ("photo_id,ef\na,500\n", "line 2: an EF"),
        ("photo_id,rwma\na,perhaps\n", "line 2: wall motion"),
        ("photo_id,rwma\n,absent\n", "line 2: no photo"),
    ],
)
def test_a_table_that_says_what_no_echo_says_is_refused(tmp_path: Path, text: str, said: str) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(EchoDeskError, match=said) as refused:
        read_outcomes(file)
    assert "fifty" not in str(refused.value) and "perhaps" not in str(refused.value)


def test_columns_are_found_by_name_and_what_is_empty_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    file.write_text("RWMA,EF,Message_ID,note\nPresent,,m1,x\nnot_stated,55 %,m2,\n", encoding="utf-8-sig")
    assert read_outcomes(file) == [Outcome(job_id("m1"), None, "present"), Outcome(job_id("m2"), 55.0, "")]


def test_the_command_takes_outcomes_in_and_ends_with_an_alarm(kept: Kept, tmp_path: Path) -> None:
    for number in range(30):
        kept.keep(b"%d" % number, answer(), coverage=0.9)
    file = tmp_path / "outcomes.csv"
    lines = [f"{photo_id(b'%d' % one)},{90 if one else 50},absent" for one in range(30)]
    file.write_text("\n".join(["photo_id,ef_percent,rwma", *lines, "unknown,50,"]), encoding="utf-8")
    done = CliRunner().invoke(app, ["outcomes", str(file), "--answers", str(kept.file)])
    assert done.exit_code == 1, done.output
    assert "31 outcomes taken in, 1 of them of no answer" in done.output and "1 of 30: 3 %" in done.output
    assert "holds less than was promised" in done.stderr
    told = json.loads(CliRunner().invoke(app, ["outcomes", "--answers", str(kept.file), "--json"]).stdout)
    assert [one["is_below"] for one in told["b1"]] == [True, False, False]


def test_a_table_may_name_photos_in_some_lines_and_messages_in_others(tmp_path: Path) -> None:
    file = tmp_path / "outcomes.csv"
    photo = photo_id(b"ok 0")
    file.write_text(f"photo_id,message_id,ef_percent\n{photo},,40\n,m1,50\n", encoding="utf-8")
    assert read_outcomes(file) == [Outcome(photo, 40.0, ""), Outcome(job_id("m1"), 50.0, "")]
    file.write_text("photo_id,message_id,ef_percent\n,,40\n", encoding="utf-8")
    with pytest.raises(EchoDeskError, match="line 2: no photo or message is named"):
        read_outcomes(file)


def test_the_watch_page_and_the_metrics_say_it(tmp_path: Path) -> None:
    file = tmp_path / "answers.db"

    class Sure(Scripted):
        def screen_with_heat(self, data: bytes, *, wants_heat: bool = True) -> tuple[Answer, object]:
            return answer(), None

    made = create_api(lambda: Sure(), ServingSettings(keys=SecretStr(KEY), keep_answers=file))  # type: ignore[arg-type, return-value]
    with TestClient(made) as client:
        names = [client.post("/v1/screen", content=b"ok %d" % one, headers=ASKED).json()["photo_id"]
                 for one in range(25)]  # fmt: skip
        assert names[0] == photo_id(b"ok 0")
        assert "0&nbsp;%" not in client.get("/watch", headers=ASKED).text, "nothing was held against it yet"
        Kept(file).take([Outcome(name, 80.0, "present") for name in names])
        page = client.get("/watch", headers=ASKED).text
        assert "0 of 25: 0&nbsp;%" in page and "below: look" in page and 'role="alert"' in page
        text = client.get("/metrics", headers=ASKED).text
        assert 'echodesk_coverage_below{what="EF interval"} 1.0' in text
        assert 'echodesk_outcomes{what="wall motion, present"} 25.0' in text


def test_a_line_that_tells_nothing_is_not_counted_as_taken_in(kept: Kept, tmp_path: Path) -> None:
    kept.keep(b"photo", answer())
    table = tmp_path / "a.csv"
    table.write_text(f"photo_id,ef_percent,rwma\n{photo_id(b'photo')},55,\n{'0' * 32},,\n", encoding="utf-8")
    run = CliRunner().invoke(app, ["outcomes", str(table), "--answers", str(kept.file)])
    assert run.exit_code == 0, run.output
    assert "1 outcomes taken in, 0 of them of no answer" in run.output
    assert "1 lines left out: they tell neither an EF nor wall motion" in run.output
