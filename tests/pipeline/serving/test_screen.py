"""A photograph in, an answer out: the same for every caller, and the right sentence for what is no photo."""

from __future__ import annotations

import io
import json
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from made_bundles import eager_answers
from PIL import Image, ImageDraw, ImageFont
from typer.testing import CliRunner

from pipeline.cli import app
from pipeline.serving.photos.decoding import decoded
from pipeline.serving.screen import Photographs
from pipeline.serving.screened import RETAKES, Screened, Verdict

pytest.importorskip("onnx")


@pytest.fixture(scope="module")
def photographs(place: Path) -> Photographs:
    return Photographs.load(place, threads=1)


@pytest.fixture(scope="module")
def page(photographs: Photographs) -> Image.Image:
    return Image.open(photographs.bundle.examples[0]).convert("RGB")


def _stored(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def _cat() -> Image.Image:
    from skimage import data

    return Image.fromarray(data.chelsea()).resize((1200, 800))


def _beside(page: Image.Image) -> Image.Image:
    both = Image.new("RGB", (2 * page.width + 300, page.height + 200), (90, 60, 40))
    both.paste(page, (100, 100))
    both.paste(page, (page.width + 200, 100))
    return both


def test_an_answer_has_every_number_and_says_what_it_is(photographs: Photographs) -> None:
    answer = photographs.screen(photographs.bundle.examples[0].read_bytes())
    assert answer.is_usable
    assert answer.ef_low is not None and answer.ef_percent is not None and answer.ef_high is not None
    assert answer.ef_low <= answer.ef_percent <= answer.ef_high
    assert len(answer.ef_models) == 5 and answer.views == 5
    assert answer.agreement is not None and 0 <= answer.agreement <= 100
    assert "It is not accuracy" in " ".join(answer.notes)
    assert "the clinician decides" in answer.notes[0]
    assert "invented data" in " ".join(answer.notes)
    sent = answer.to_screened()
    assert sent.is_invented, "its bundle was made of invented hearts"
    assert sent.verdict is Verdict.OK and Screened.from_wire(sent.to_wire()) == sent


def test_operating_points_can_be_moved(place: Path, photographs: Photographs) -> None:
    data = photographs.bundle.examples[0].read_bytes()
    points = photographs.bundle.about.points
    assert points is not None
    strict = points.model_copy(update={"rwma_priority": 0.0})
    lax = points.model_copy(
        update={"rwma_priority": 1.0, "rwma_abnormal": 1.0, "ef_abnormal_percent": 0.0,
                "ef_priority_percent": 0.0, "agreement": 0.0}
    )  # fmt: skip
    said = [
        Photographs(photographs.bundle, photographs.runtime, points=one).screen(data).referral
        for one in (strict, lax)
    ]
    assert said == ["cardiologist_priority", "no_referral"]


@pytest.mark.parametrize(
    ("name", "reason", "words"),
    [
        ("empty", "unreadable", "empty"),
        ("text", "unreadable", "not a picture"),
        ("pdf", "unreadable", "PDF"),
        ("huge", "unreadable", "million pixels"),
        ("huge in a pdf", "unreadable", "holds too much"),
        ("strip", "too_small", "too small"),
        ("cut short", "unreadable", "stops before its end"),
        ("speck", "unreadable", "hardly any pixels"),
        ("cat", "not_an_ecg", "does not look like an ECG"),
        ("screenshot", "not_an_ecg", "does not look like an ECG"),
        ("two", "two_ecgs", "more than one ECG"),
        ("upside down", "upside_down", "upside down"),
    ],
)
def test_what_is_no_good_photo_gets_a_sentence_and_no_number(
    photographs: Photographs, page: Image.Image, name: str, reason: str, words: str
) -> None:
    made = {
        "empty": lambda: b"",
        "text": lambda: b"dear doctor",
        "pdf": lambda: b"%PDF-1.7\n",
        "huge": lambda: _stored(Image.new("1", (10_000, 10_000)), "PNG"),
        "huge in a pdf": lambda: _stored(Image.new("L", (8000, 8000)), "PDF"),
        "strip": lambda: _stored(Image.new("L", (20, 4000))),
        "cut short": lambda: _stored(page)[:20_000],
        "speck": lambda: _stored(Image.new("RGB", (4, 4))),
        "cat": lambda: _stored(_cat()),
        "screenshot": lambda: _stored(_screenshot()),
        "two": lambda: _stored(_beside(page)),
        "upside down": lambda: _stored(_clean_page().rotate(180)),
    }
    answer = photographs.screen(made[name]())
    assert [one.reason for one in answer.retakes][:1] == [reason]
    assert words.casefold() in answer.retakes[0].sentence.casefold()
    assert answer.retakes[0].reason in RETAKES
    assert (answer.ef_percent, answer.rwma_probability, answer.referral) == (None, None, None)
    assert answer.to_screened().verdict is Verdict.BAD_PHOTO


def _screenshot() -> Image.Image:
    """A conversation on a phone."""
    shot = Image.new("RGB", (1080, 1900), "white")
    draw, font = ImageDraw.Draw(shot), ImageFont.load_default(size=34)
    draw.rectangle((0, 0, 1080, 120), fill=(0, 120, 110))
    for line in range(22):
        left, top = (60 if line % 3 else 400), 180 + 76 * line
        draw.rounded_rectangle((left, top, left + 560, top + 60), 14, fill=(225, 245, 220))
        draw.text((left + 20, top + 6), f"see you at the clinic at {line}", fill=(20, 20, 20), font=font)
    return shot


def _clean_page() -> Image.Image:
    from pipeline.imaging.paper import draw_ecg_page
    from pipeline.waveforms.dipole import HeartState, simulate_ecg

    heart = HeartState(62.0, "none", (), "none", 70.0)
    return Image.fromarray(draw_ecg_page(simulate_ecg(heart, np.random.default_rng(3)), 500.0).image)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["cmyk", "animated", "heic", "png", "grey", "pdf"])
def test_unusual_kinds_of_pictures_are_read(photographs: Photographs, page: Image.Image, kind: str) -> None:
    import pillow_heif

    pillow_heif.register_heif_opener()
    made = {
        "cmyk": lambda: _stored(page.convert("CMYK"), quality=90),
        "animated": lambda: _stored(page, "WEBP", save_all=True, append_images=[page], quality=90),
        "heic": lambda: _stored(page.resize((940, 664)), "HEIF", quality=80),
        "png": lambda: _stored(page, "PNG"),
        "grey": lambda: _stored(page.convert("L"), quality=90),
        "pdf": lambda: _stored(page, "PDF", resolution=150, save_all=True, append_images=[_cat()]),
    }
    assert photographs.screen(made[kind]()).is_usable


@pytest.mark.parametrize("first", ["page", "cat"])
def test_of_several_pages_the_first_is_answered_and_that_is_said(
    photographs: Photographs, page: Image.Image, place: Path, tmp_path: Path, first: str
) -> None:
    pictures = [page, _cat().resize(page.size)] if first == "page" else [_cat(), page]
    file = tmp_path / "a.pdf"
    file.write_bytes(_stored(pictures[0], "PDF", save_all=True, append_images=pictures[1:]))
    answer = photographs.screen(file.read_bytes())
    assert answer.is_usable is (first == "page") and answer.pages == 2
    assert answer.as_json()["pages"] == answer.to_screened().pages == 2
    assert Screened.from_wire(answer.to_screened().to_wire()).pages == 2
    run = CliRunner().invoke(app, ["screen", str(file), "--bundle", str(place)])
    assert "The file has 2 pages or pictures. Only the first was looked at" in run.output
    assert photographs.screen(_stored(page, "PDF")).pages == 1


def test_the_overlay_lies_on_the_photo(photographs: Photographs) -> None:
    photo = photographs.bundle.examples[0].read_bytes()
    _, heat = photographs.screen_with_heat(photo)
    image = decoded(photo)
    assert heat is not None and heat.shape == image.shape
    assert np.abs(heat.astype(int) - image).max() > 20


def test_serving_loads_no_torch(place: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from pipeline.serving.screen import Photographs; "
        "found = Photographs.load(Path(sys.argv[1]), threads=1); "
        "assert found.screen(found.bundle.examples[0].read_bytes()).is_usable; "
        "assert not {'torch', 'timm', 'sqlmodel', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code, str(place)], check=True, timeout=120)


def test_a_hundred_megapixels_cost_nothing(photographs: Photographs) -> None:
    bomb = _stored(Image.new("1", (10_000, 10_000)), "PNG")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert not photographs.screen(bomb).is_usable
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100 * 1024


def test_the_command_prints_json_and_writes_heat_maps(place: Path, tmp_path: Path) -> None:
    photo = place / "examples" / "1.jpg"
    bad = tmp_path / "bad.jpg"
    bad.write_bytes(b"")
    run = CliRunner().invoke(
        app,
        ["screen", str(photo), str(bad), "--bundle", str(place), "--json", "--heatmap", str(tmp_path / "h"),
         "--point", "rwma_priority=0", "--point", "rwma_abnormal=0"],
    )  # fmt: skip
    assert run.exit_code == 1, run.output
    first, second = (json.loads(line) for line in run.output.splitlines() if line.startswith("{"))
    assert first["verdict"] == "ok" and first["referral"] == "cardiologist_priority"
    assert second["verdict"] == "bad_photo" and second["ef_percent"] is None
    assert (tmp_path / "h" / "1.heat.jpg").is_file()


def test_no_heat_map_takes_the_place_of_another_photos(place: Path, tmp_path: Path) -> None:
    photos = [tmp_path / name / "ecg.jpg" for name in ("ward", "home")]
    for photo in photos:
        photo.parent.mkdir()
        shutil.copy(place / "golden.jpg", photo)
    asked = ["screen", *map(str, photos), "--bundle", str(place)]
    run = CliRunner().invoke(app, [*asked, "--heatmap", str(tmp_path / "h")])
    assert run.exit_code == 2 and "have one name" in run.output and not (tmp_path / "h").exists()
    assert CliRunner().invoke(app, asked).exit_code == 0


def test_the_command_says_it_in_words(place: Path) -> None:
    run = CliRunner().invoke(app, ["screen", str(place / "golden.jpg"), "--bundle", str(place)])
    assert run.exit_code == 0, run.output
    assert "Pumping strength" in run.output and "This is not accuracy" in run.output
    assert "made of invented data: its answers mean nothing for a patient" in run.output
    wrong = CliRunner().invoke(
        app, ["screen", str(place / "golden.jpg"), "--bundle", str(place), "--point", "ef=3"]
    )
    assert wrong.exit_code == 2


@pytest.mark.parametrize("moved", ["ef_priority_percent=60", "rwma_abnormal=0.7", "rwma_priority=0.1"])
def test_priority_for_what_is_not_abnormal_is_refused(place: Path, moved: str) -> None:
    asked = ["screen", str(place / "golden.jpg"), "--bundle", str(place), "--point", moved]
    run = CliRunner().invoke(app, asked)
    assert run.exit_code == 2 and moved.partition("=")[0] in run.output, run.output
    assert moved.partition("=")[2] in run.output


def test_eager_networks_and_the_bundle_agree_with_all_views(place: Path, photographs: Photographs) -> None:
    photo = photographs.bundle.examples[2].read_bytes()
    ef, _ = eager_answers(next((place.parents[1] / "runs").glob("[!.]*")), photo)
    one_view = Photographs(photographs.bundle, photographs.runtime, views=1).screen(photo)
    assert np.mean(one_view.ef_models) == pytest.approx(np.mean(ef), abs=0.3)
