"""Which package may import which, and where each heavy package is at home (docs/architecture.md)."""

from __future__ import annotations

from collections.abc import Callable

from house_tree import ROOT, imports_of, our_python_files, tracked_files

EVERYTHING = ("db", "labeling", "review_ui", "pipeline")

# The ground: what every room may import. Numbers, names, files, tables of plain values; never SQL.
GROUND = (
    "db.apart",
    "db.decisions",
    "db.errors",
    "db.fields",
    "db.files",
    "db.fingerprints",
    "db.labels",
    "db.markdown",
    "db.markup",
    "db.measures",
    "db.processes",
    "db.requests",
    "db.tabular",
    "db.workspace",
)
CONFIG = "pipeline.config"
RELAY = (
    "pipeline.serving.relay",
    "pipeline.serving.channels",
    "pipeline.serving.conversation",
    "pipeline.serving.messages",
    "pipeline.serving.screened",
    "pipeline.diagnosis",
)

BUILDING = (
    "pipeline.serving",
    "pipeline.dataset.opened",
    "pipeline.training.run_folder",
    "pipeline.evaluation",
    "pipeline.imaging",
    "pipeline.modeling",
    "pipeline.referral",
    CONFIG,
)

# A room (the longest matching prefix of the module's name) -> what of ours it may import besides itself
# and the ground.
DOORS: dict[str, tuple[str, ...]] = {
    **dict.fromkeys(GROUND, ()),
    "db": (),
    "labeling": ("db",),
    "review_ui": ("db",),
    "pipeline": (),
    CONFIG: (),
    "pipeline.logs": (),
    "pipeline.setup": ("pipeline.cli",),
    # It asks what training would refuse, and looks at photographs.
    "pipeline.diagnosis": (),
    "pipeline.doctor": (
        "db",
        "pipeline.diagnosis",
        "pipeline.modeling.precision",
        "pipeline.imaging",
        CONFIG,
    ),
    "pipeline.waveforms": (CONFIG,),
    "pipeline.imaging": (CONFIG,),
    "pipeline.demo": ("db", "labeling.intake", "pipeline.waveforms", "pipeline.imaging", CONFIG),
    "pipeline.dataset": ("pipeline.imaging", "pipeline.waveforms", CONFIG),
    # Masking reads pictures with the engines that read reports.
    "pipeline.dataset.masking": ("pipeline.dataset", "labeling.words", "labeling.pages", "labeling.apart"),
    # A table of labels is read as the lists of intake are, and its photographs as intake opens them.
    "pipeline.dataset.own_table": (
        "pipeline.dataset",
        "db.access.patient_key",
        "db.store",
        "labeling.apart",
        "labeling.intake",
        "labeling.pages",
        "pipeline.imaging",
    ),
    # What masking is worth is measured on pictures stored and drafted as in earnest.
    "pipeline.dataset.masking.measure": (
        "pipeline.dataset",
        "db.store.images",
        "labeling.apart",
        "labeling.pages",
        "labeling.readers.rules",
    ),
    "pipeline.dataset.snapshot": ("db", "pipeline.dataset", "pipeline.imaging", CONFIG),
    # Labels are held against what the rules read from the words behind them; a list of suspects is read as
    # the lists of intake are.
    "pipeline.curation": (
        "db",
        "labeling.apart",
        "labeling.intake",
        "labeling.rules",
        "pipeline.dataset",
        "pipeline.imaging",
        "pipeline.waveforms",
        CONFIG,
    ),
    "pipeline.modeling": (CONFIG,),
    "pipeline.training": (
        "pipeline.dataset",
        "pipeline.waveforms",
        "pipeline.imaging",
        "pipeline.modeling",
        CONFIG,
    ),
    "pipeline.referral": (),
    "pipeline.evaluation": (
        "pipeline.dataset",
        "pipeline.waveforms",
        "pipeline.imaging",
        "pipeline.modeling",
        "pipeline.training.run_folder",
        "pipeline.referral",
        CONFIG,
    ),
    "pipeline.serving": ("pipeline.imaging", "pipeline.modeling", "pipeline.referral", CONFIG),
    # A bundle is made of a run and its evaluation, and checked with an invented photograph; what serves it
    # never imports this.
    "pipeline.serving.building": BUILDING,
    "pipeline.serving.fitting": BUILDING,
    "pipeline.serving.golden": ("pipeline.imaging", "pipeline.waveforms"),
    # What the doctor finds on the host with the networks.
    "pipeline.serving.host_checks": ("pipeline.serving", "pipeline.diagnosis"),
    # The relay runs on a small host: no array, no picture, no network of ours is loaded there.
    "pipeline.serving.relay": RELAY,
    "pipeline.serving.channels": RELAY,
    "pipeline.serving.messages": (),
    "pipeline.serving.conversation": ("pipeline.serving.messages", "pipeline.serving.screened"),
    "pipeline.serving.screened": (),
    "pipeline.cli": EVERYTHING,
    "pipeline.commands": EVERYTHING,
}

# A heavy package -> the modules that may import it when they are imported. Elsewhere it goes inside a
# function, so that a verb pays for what it uses.
HOMES: dict[str, tuple[str, ...]] = {
    "sqlmodel": ("db", "pipeline.curation"),
    "sqlalchemy": ("db", "pipeline.curation"),
    "alembic": ("db.store",),
    "PIL": ("db.store", "db.fingerprints", "labeling", "pipeline.imaging", "pipeline.demo"),
    "numpy": ("db.store", "db.fingerprints", "db.markdown", "db.measures", "labeling", "pipeline"),
    "scipy": ("db.markdown", "db.measures", "pipeline.waveforms", "pipeline.modeling"),
    "sklearn": ("db.markdown", "db.measures", "pipeline.evaluation"),
    "cv2": ("labeling", "pipeline.imaging", "pipeline.demo"),
    "rapidfuzz": ("labeling", "pipeline.dataset.masking"),
    "rapidocr": ("labeling.words.rapid_ocr",),
    "onnxruntime": ("labeling.words.rapid_ocr", "labeling.words.taught_recogniser", "pipeline.serving"),
    "pytesseract": ("labeling.words.tesseract",),
    "gradio": ("review_ui.app", "review_ui.bench.bare_page", "pipeline.serving.demo_app"),
    "markdown_it": ("review_ui.desk.codebook",),
    "fastapi": ("review_ui.server", "review_ui.app", "review_ui.bench.bare_page", "pipeline.serving"),
    "starlette": ("review_ui", "pipeline.serving"),
    "uvicorn": ("review_ui.server", "review_ui.bench.bare_page", "pipeline.serving"),
    "pandas": ("pipeline.dataset", "pipeline.evaluation"),
    "matplotlib": ("pipeline.evaluation",),
    "pyarrow": (),
    "openpyxl": (),
    "pydicom": ("labeling.pages",),
    "pypdfium2": ("labeling.pages.pdf",),
    "torch": ("pipeline.modeling", "pipeline.training"),
    "timm": ("pipeline.modeling",),
    "transformers": (),
    "qwen_vl_utils": ("labeling.readers.qwen.inputs", "labeling.benchmark.speed_qwen"),
    "accelerate": ("pipeline.training",),
    "deepfakeecg": (),
    "peft": (),
    "xgrammar": ("labeling.readers.qwen.constrained",),
    "typer": ("pipeline.cli", "pipeline.commands", "pipeline.setup"),
    "rich": ("pipeline.cli", "pipeline.commands"),
}

# These are nobody else's business, not even inside a function.
ONLY_AT_HOME = (
    "alembic", "pytesseract", "rapidocr", "onnxruntime", "gradio", "qwen_vl_utils", "xgrammar", "typer",
    "rich",
)  # fmt: skip


def module_name(path: str) -> str:
    """db/cases.py -> db.cases; db/__init__.py -> db."""
    return path.removesuffix(".py").replace("/", ".").removesuffix(".__init__")


def is_within(name: str, package: str) -> bool:
    """Whether `name` is `package` or something in it."""
    return name == package or name.startswith(package + ".")


def room_of(module: str) -> str:
    """The most particular row of DOORS a module falls under."""
    return max((room for room in DOORS if is_within(module, room)), key=len)


def door_problems(module: str, source: str) -> list[str]:
    """Imports of ours that a module may not make, with their lines."""
    room = room_of(module)
    problems = []
    for found in imports_of(source):
        if found.name.split(".")[0] not in EVERYTHING:
            continue
        allowed_here = GROUND if is_ground(module) else (room, *GROUND, *DOORS[room])
        if not any(is_within(found.name, allowed) for allowed in allowed_here):
            problems.append(f"{module} line {found.line} imports {found.name}")
        elif is_command(found.name) and not is_command(module):
            problems.append(f"{module} line {found.line} imports the command line")
    return problems


def is_ground(module: str) -> bool:
    """Whether it lies below the line that SQL does not cross."""
    return any(is_within(module, ground) for ground in GROUND)


def is_command(module: str) -> bool:
    """Whether it belongs to the command line, which nothing else imports."""
    return any(is_within(module, room) for room in ("pipeline.cli", "pipeline.commands", "pipeline.setup"))


def home_problems(module: str, source: str) -> list[str]:
    """Heavy imports away from home, with their lines."""
    problems = []
    for found in imports_of(source):
        package = found.name.split(".")[0]
        if package not in HOMES or any(is_within(module, home) for home in HOMES[package]):
            continue
        if found.is_at_top or (package in ONLY_AT_HOME and not found.is_for_types):
            problems.append(f"{module} line {found.line} imports {package}, at home in {HOMES[package]}")
    return problems


def in_every_module(problems: Callable[[str, str], list[str]]) -> dict[str, list[str]]:
    """Path -> what a rule complains of in it; without the modules that keep the rule."""
    sources = {path: (ROOT / path).read_text(encoding="utf-8") for path in our_python_files()}
    assert len(sources) > 100
    found = {path: problems(module_name(path), source) for path, source in sources.items()}
    return {path: said for path, said in found.items() if said}


def test_every_module_imports_only_through_its_doors() -> None:
    assert in_every_module(door_problems) == {}


def test_heavy_packages_are_imported_at_the_top_only_in_their_home() -> None:
    assert in_every_module(home_problems) == {}


def test_every_package_of_the_pipeline_has_a_row_in_the_table() -> None:
    packages = {module_name(path) for path in tracked_files(":(glob)pipeline/*/__init__.py")}
    assert "pipeline.demo" in packages
    assert packages - {"pipeline"} <= set(DOORS)


def test_the_table_notices_an_import_through_a_wall() -> None:
    assert door_problems("db.cases", "from labeling import intake")
    assert door_problems("review_ui.desk.handlers", "def f():\n    import labeling.pages.opening")
    assert door_problems("pipeline.demo.cohort", "from labeling.extraction.job import extract")
    assert door_problems("pipeline.serving.api", "import db")
    assert door_problems("pipeline.doctor", "from pipeline.commands.terminal import say")
    assert not door_problems("pipeline.demo.cohort", "from labeling.intake.register import intake")


def test_the_table_notices_a_heavy_import_away_from_home() -> None:
    assert home_problems("review_ui.desk.handlers", "import gradio as gr")
    assert home_problems("review_ui.desk.handlers", "def f():\n    import gradio")
    assert home_problems("db.exports", "import pandas")
    assert not home_problems("db.exports", "def f():\n    import pandas")
    assert not home_problems("review_ui.app", "import gradio as gr")
