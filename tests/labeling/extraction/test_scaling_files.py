"""The files of docs/scaling: they can be read, and call `echodesk` as it is."""

from __future__ import annotations

import configparser
import re
from pathlib import Path

import pytest

from pipeline.setup.reference import commands_markdown

FOLDER = Path(__file__).resolve().parents[3] / "docs" / "scaling"
TEXT = (FOLDER.parent / "scaling.md").read_text(encoding="utf-8")
UNITS = sorted(FOLDER.glob("*.service"))


def calls_in(text: str) -> list[str]:
    """Every `echodesk ... extract ...` of a file, on one line each."""
    joined = re.sub(r"\\?\n\s+(?=--)", " ", text)
    return re.findall(r"echodesk (?:--workspace \S+ )?extract .*", joined)


def options_of_extract() -> set[str]:
    """What `echodesk extract --help` offers."""
    (block,) = re.findall(r"## echodesk extract\n(.*?)\n## ", commands_markdown(), re.DOTALL)
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", block))


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_calls_in_the_files_use_options_there_are(path: Path) -> None:
    for call in calls_in(path.read_text(encoding="utf-8")):
        used = set(re.findall(r"(?<!\S)(--[a-z][a-z-]*)", call.partition("extract")[2]))
        assert {"--reader", "--url", "--model"} <= used <= options_of_extract()


def test_the_calls_are_found() -> None:
    files = [path.name for path in FOLDER.iterdir() if calls_in(path.read_text(encoding="utf-8"))]
    assert sorted(files) == ["compose.yaml", "echodesk-worker.service"]


def test_compose_holds_the_parts_and_opens_no_door() -> None:
    yaml = pytest.importorskip("yaml")
    compose = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))
    services = compose["services"]
    assert set(services) == {"postgres", "vllm-0", "vllm-1", "worker"}
    assert not any("ports" in service for service in services.values())
    assert compose["networks"]["inside"] == {"internal": True}
    assert {tuple(service["networks"]) for service in services.values()} == {("inside",)}
    devices = [
        services[f"vllm-{gpu}"]["deploy"]["resources"]["reservations"]["devices"][0]["device_ids"]
        for gpu in (0, 1)
    ]
    assert devices == [["0"], ["1"]]
    assert set(services["worker"]["depends_on"]) == {"postgres", "vllm-0", "vllm-1"}


@pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
def test_units_can_be_read_and_keep_secrets_out(path: Path) -> None:
    unit = configparser.ConfigParser(strict=False, interpolation=None)
    text = path.read_text(encoding="utf-8")
    unit.read_string(re.sub(r"\\\n\s*", " ", text))
    assert unit["Service"]["ExecStart"].split()[0].startswith("/opt/")
    assert unit["Service"]["EnvironmentFile"].startswith("/etc/echodesk/")
    assert not re.search(r"^[^#\n]*(API_KEY|PASSWORD|DATABASE_URL)=", text, re.MULTILINE)


def vllm_options(text: str) -> set[str]:
    """The options a file starts vLLM with."""
    return set(re.findall(r"(?<![\w`-])(--[a-z][a-z-]+)", text))


def test_the_three_ways_to_start_a_model_server_agree() -> None:
    page = vllm_options(TEXT.partition("vllm serve Qwen")[2].partition("\n\n")[0])
    unit = vllm_options(
        (FOLDER / "echodesk-vllm@.service").read_text(encoding="utf-8").partition("ExecStart")[2]
    )
    compose = vllm_options((FOLDER / "compose.yaml").read_text(encoding="utf-8").partition("services:")[0])
    assert {"--generation-config", "--logprobs-mode", "--structured-outputs-config"} <= page
    assert unit - page == {"--disable-uvicorn-access-log"}
    assert compose - {"--model", "--build"} == unit - {"--host", "--port"}


def test_the_pixel_bounds_are_those_of_the_settings() -> None:
    from db.workspace import Workspace

    bounds = f'{{"min_pixels": {Workspace().vlm_min_pixels}, "max_pixels": {Workspace().vlm_max_pixels}}}'
    for text in (TEXT, *(path.read_text(encoding="utf-8") for path in FOLDER.iterdir())):
        found = re.findall(r"mm-processor-kwargs[ =]\'?(\{.*?\})", text)
        assert set(found) <= {bounds}
