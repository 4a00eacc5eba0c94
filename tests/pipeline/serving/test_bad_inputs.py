"""What is no photo of one ECG costs little: measured in a program of its own that may not take more."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from made_bundles import made_bundle
from PIL import Image

from pipeline.serving.golden import example_photos

pytest.importorskip("onnx")

MOST_MB = 500

PROGRAM = """
import json, sys
from pathlib import Path
from db.apart.decoder import peak_bytes
from pipeline.serving.screen import Photographs
found = Photographs.load(Path(sys.argv[1]), threads=1)
for file in sorted(Path(sys.argv[2]).iterdir()):
    answer = found.screen(file.read_bytes())
    lines = Path("/proc/self/status").read_text().splitlines()
    mb = next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    reasons = [one.reason for one in answer.retakes]
    print(json.dumps({"file": file.stem, "mb": mb, "apart_mb": peak_bytes() / 2**20, "reasons": reasons}))
"""


def _stored(image: Image.Image, kind: str = "JPEG", **more: object) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, **more)
    return stream.getvalue()


def _bomb() -> bytes:
    """A PNG that says it has 900 million pixels, in a few bytes."""
    header = (30_000).to_bytes(4, "big") * 2 + bytes([8, 2, 0, 0, 0])
    body = b"\x89PNG\r\n\x1a\n"
    for name, content in ((b"IHDR", header), (b"IDAT", zlib.compress(bytes(1000))), (b"IEND", b"")):
        check = zlib.crc32(name + content).to_bytes(4, "big")
        body += len(content).to_bytes(4, "big") + name + content + check
    return body


def _heic(page: Image.Image) -> bytes:
    import pillow_heif

    pillow_heif.register_heif_opener()
    return _stored(page.resize((4_032, 2_800)), "HEIF", quality=80)


def _screenshot(page: Image.Image) -> Image.Image:
    """A phone's screen with an ECG between black bars."""
    screen = Image.new("RGB", (1_080, 2_340), (18, 18, 18))
    screen.paste(page.resize((1_080, round(1_080 * page.height / page.width))), (0, 700))
    return screen


def _kinds() -> dict[str, tuple[bytes, str]]:
    """Name -> (bytes, the first reason; empty where it is read)."""
    page = Image.open(io.BytesIO(example_photos()[0])).convert("RGB")
    noise = Image.fromarray(np.random.default_rng(0).integers(0, 255, (900, 1200, 3), dtype=np.uint8))
    both = Image.new("RGB", (2 * page.width + 300, page.height + 200), (90, 60, 40))
    both.paste(page, (100, 100))
    both.paste(page, (page.width + 200, 100))
    frames = [page.resize((945, 668)) for _ in range(3)]
    return {
        "0 bytes": (b"", "unreadable"),
        "a bomb": (_bomb(), "unreadable"),
        "100 megapixels": (_stored(Image.new("1", (10_000, 10_000)), "PNG"), "unreadable"),
        "60 megapixels of a jpeg": (_stored(Image.new("L", (9_000, 6_600), 200)), "not_an_ecg"),
        "a large pdf": (_stored(Image.new("L", (8_000, 8_000)), "PDF"), "unreadable"),
        "16 megapixels of a png": (_stored(page.resize((4_750, 3_360)), "PNG", compress_level=1), ""),
        "50 megapixels of cmyk": (_stored(page.convert("CMYK").resize((8_500, 5_900)), quality=80), ""),
        "heic": (_heic(page), ""),
        "pdf": (_stored(page, "PDF"), ""),
        "screenshot": (_stored(_screenshot(page), "PNG"), ""),
        "upside down": (_stored(page.rotate(180), quality=90), "upside_down"),
        "cmyk": (_stored(page.convert("CMYK"), quality=90), ""),
        "animated": (_stored(frames[0], "WEBP", save_all=True, append_images=frames[1:]), ""),
        "no picture": (b"GIF89a" + bytes(5_000_000), "unreadable"),
        "noise": (_stored(noise), "not_an_ecg"),
        "two": (_stored(both), "two_ecgs"),
    }


@pytest.mark.slow
def test_every_kind_of_unusual_input_are_answered_within_their_means(tmp_path: Path) -> None:
    place = made_bundle(tmp_path / "made")
    kinds = _kinds()
    (tmp_path / "photos").mkdir()
    for name, (data, _) in kinds.items():
        (tmp_path / "photos" / name).write_bytes(data)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(place), str(tmp_path / "photos")],
        check=True, capture_output=True, text=True, timeout=600,
    )  # fmt: skip
    found = [json.loads(line) for line in done.stdout.splitlines()]
    assert {one["file"]: (one["reasons"] or [""])[0] for one in found} == {
        name: reason for name, (_, reason) in kinds.items()
    }
    assert max(one["mb"] for one in found) < MOST_MB
    assert 0 < max(one["apart_mb"] for one in found) < MOST_MB
