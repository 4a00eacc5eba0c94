"""The `echodesk` command: global options, the verbs in flow order, and how it ends.

A verb's module is imported when the verb is asked for, and heavy packages inside the verb, so that
`echodesk --help` answers at once.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from importlib import import_module
from typing import Annotated, Any, Final

import typer
import typer.core
import typer.main

from db.errors import EchoDeskError, WrongUse
from pipeline.commands.options import GlobalOptions, WorkspaceOption
from pipeline.commands.terminal import EXIT_INTERRUPTED, complain, name_workspace, show_error

# Options that take a file or a folder.
_PLACES: Final = ("--out", "-o", "--output", "--workspace", "-w", "--manifest", "--run", "--bundle")
EXIT_FAILED = 1
EXIT_WRONG_USE = 2
_ENDED: Final = (
    "Copy the file that was named to the command anew, or type the answer; then run the same again."
)


@dataclass(frozen=True)
class Verb:
    """Where a verb is, and what `echodesk --help` says of it without looking there.

    Attributes:
        place: `module:name` within `pipeline.commands`; a function, or the app of a group of verbs.
        about: the first sentence of the verb's own help (a test compares them).
        further: more verbs of a group, that have a module of their own: name -> place.
    """

    place: str
    about: str
    further: dict[str, str] = field(default_factory=dict)


VERBS: Final = {
    "demo": Verb("demo:demo", "Show everything on invented patients, from page to review."),
    "doctor": Verb(
        "doctor:doctor", "Check this machine and workspace, or photographs of ECGs, and say what to fix."
    ),
    "intake": Verb("labels.intake:intake", "Register report pictures, PDFs and ECG photos."),
    "read": Verb("labels.read:read", "Read reports and print what they say."),
    "extract": Verb("labels.extract:extract", "Draft the findings of every registered report."),
    "review": Verb("desk.review:review", "Serve the review page, until Ctrl-C."),
    "status": Verb("labels.status:status", "Show how far the work is, and what comes next."),
    "benchmark": Verb(
        "benchmark.verb:benchmark",
        "Score a reader, or the difference of two, on reports with known answers.",
    ),
    "calibrate": Verb(
        "labels.calibrate:calibrate",
        "Learn from reviews how often a reader is right, so that its lights mean something.",
    ),
    "enqueue": Verb(
        "labels.enqueue:enqueue",
        "Send records back to review, those with a low score first; labels are not touched.",
    ),
    "suspects": Verb(
        "datasets.suspects:suspects", "Rank the labels by how likely they are wrong, with the reason."
    ),
    "export": Verb("labels.export:export", "Write the labels or the drafts to a file."),
    "import": Verb(
        "labels.import_annotations:import_annotations",
        "Take annotations made in Label Studio in as decisions of a person.",
    ),
    "pretrain": Verb(
        "models.pretrain:pretrain", "Teach a backbone ECG diagnoses on PTB-XL, printed on paper (stage 2)."
    ),
    "train": Verb(
        "models.train:train", "Train the ECG-photo model on a snapshot, one model a fold (stage 3)."
    ),
    "evaluate": Verb(
        "models.evaluate:evaluate",
        "Evaluate a run: every number with n and interval, beside simpler methods, in one report.",
    ),
    "explain": Verb(
        "models.explain:explain",
        "Say what a run's models answer about one ECG photograph, where they look, and what they follow.",
    ),
    "runs": Verb("models.runs:app", "Training runs: list, show, compare, pack and look over."),
    "bundle": Verb(
        "serving.bundle:bundle", "Pack a run's models with everything an answer needs, to put them in use."
    ),
    "screen": Verb("serving.screen:screen", "Answer about ECG photographs with a bundle."),
    "serve": Verb(
        "serving.serve:serve",
        "Serve a bundle: POST /v1/screen for programs, a page for people, until Ctrl-C.",
    ),
    "relay": Verb(
        "serving.relay:app",
        "Screening by message: the small host's relay, the model host's side, and links for a browser.",
    ),
    "outcomes": Verb(
        "serving.outcomes:outcomes",
        "Take in what echos found later, and say whether intervals and sets held what they promise.",
    ),
    "finetune": Verb(
        "labels.finetune:finetune",
        "Teach a language model from corrections: writes an adapter for `extract --adapter DIR`.",
    ),
    "agreement": Verb(
        "labels.agreement:agreement",
        "Say how far two readings of the same record agree, and each with the draft and the final label.",
    ),
    "lineage": Verb(
        "datasets.lineage:lineage",
        "Walk back from a row of a snapshot to readings, drafts, pages and the boxes on them.",
    ),
    "backup": Verb("labels.backup:backup", "Copy the whole database into the backups folder."),
    "restore": Verb("labels.backup:restore", "Put a backup in the database's place."),
    "withdraw": Verb(
        "consent.withdraw:withdraw",
        "Take out everything that is kept of a patient who withdraws their consent.",
    ),
    "users": Verb("labels.users:app", "The people who review, and what they may do."),
    "snapshot": Verb(
        "datasets.snapshot:app",
        "Freeze the labels into a dataset that never changes, look it over, and compare two.",
        further={
            "probe": "datasets.probe:probe",
            "export": "datasets.snapshot_export:export",
            "study": "datasets.study:study",
            "table": "datasets.own_table:table",
        },
    ),
    "curation": Verb("datasets.curation:app", "Say what correcting the drafts brought."),
    "audit": Verb(
        "labels.audit:app", "Check the event log, and draw and weigh samples of labels that are read again."
    ),
    "bench": Verb("bench:app", "Measure speed on this machine."),
}


class EchoDeskGroup(typer.core.TyperGroup):
    """Ends every verb the same way: a sentence and an exit code instead of a traceback."""

    def invoke(self, ctx: Any) -> Any:
        """Run the verb; an `EchoDeskError` or Ctrl-C becomes one line and an exit code."""
        try:
            return super().invoke(ctx)
        except EchoDeskError as error:
            show_error(error)
            code = EXIT_WRONG_USE if isinstance(error, WrongUse) else EXIT_FAILED
            raise typer.Exit(code) from None
        except EOFError:
            # Left alone, click takes it for Ctrl-C and says “Aborted!” alone.
            show_error(EchoDeskError("a file, or what was to be typed, ended too early", _ENDED))
            raise typer.Exit(EXIT_FAILED) from None
        except Exception as error:
            from db.files.trouble import disk_trouble

            told = disk_trouble(error)
            if told is None:
                raise
            show_error(told)
            raise typer.Exit(EXIT_FAILED) from None
        except KeyboardInterrupt:
            complain("\nStopped. What was finished is kept; run the same command again to go on.")
            raise typer.Exit(EXIT_INTERRUPTED) from None


class VerbsOnDemand(EchoDeskGroup):
    """All verbs: listed by what is known of them, imported when one is asked for."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for name, verb in VERBS.items():
            self.commands[name] = typer.core.TyperCommand(name, help=verb.about)

    def main(self, args: Sequence[str] | None = None, **settings: Any) -> Any:  # type: ignore[override]
        """Run a command line; a place that is named with nothing would be the folder it is typed in."""
        if place := _empty_place(sys.argv[1:] if args is None else list(args)):
            show_error(WrongUse(f"{place} is empty", "Name a file or folder; a dot for this one."))
            sys.exit(EXIT_WRONG_USE)
        return super().main(args, **settings)

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The verb itself instead of its line in the help."""
        name, command, rest = super().resolve_command(ctx, args)
        return name, loaded(name) if name in VERBS else command, rest


def _empty_place(given: Sequence[str]) -> str:
    """The option for a place that is given without one; empty where each has one."""
    for option, value in zip(given, (*given[1:], "-"), strict=False):
        name, is_joined, joined = option.partition("=")
        if name in _PLACES and not (joined.strip() if is_joined else value.strip()):
            return name
    return ""


def loaded(name: str) -> Any:
    """A verb of ours, ready to be run."""
    verb = VERBS[name]
    command: Any = _command_at(verb.place, name)
    for part, place in verb.further.items():
        command.add_command(_command_at(place, part), part)
    return command


def _command_at(place: str, name: str) -> Any:
    module, _, attribute = place.partition(":")
    found = getattr(import_module(f"pipeline.commands.{module}"), attribute)
    # Typer makes commands for an app only; a callback keeps an app of one verb from becoming that verb.
    around = typer.Typer(
        callback=lambda: None, add_completion=False, rich_markup_mode=None, pretty_exceptions_enable=False
    )
    if isinstance(found, typer.Typer):
        around.add_typer(found, name=name)
    else:
        around.command(name)(found)
    group: Any = typer.main.get_command(around)
    return group.commands[name]


app = typer.Typer(
    name="echodesk",
    cls=VerbsOnDemand,
    invoke_without_command=True,
    add_completion=False,
    # Rich help triples the time of `--help`; a rich traceback can show locals, and those can hold a name.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    help="Turn photos of echocardiography reports into a corrected table. Without a verb: open the desk.",
    epilog="To see it at work: echodesk demo. Exit codes: 0 done, 1 a check or an item failed, 2 wrong use, "
    "130 stopped by Ctrl-C.",
)


def _show_version(is_asked: bool) -> None:
    if is_asked:
        from importlib.metadata import version

        typer.echo(f"echodesk {version('echodesk')}")
        raise typer.Exit()


@app.callback()
def global_options(
    ctx: typer.Context,
    workspace: WorkspaceOption = None,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Log what happens, on stderr.")] = False,
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Options before the verb."""
    del version  # its callback has ended the command
    from pipeline.gradio_start import leave_stubs_alone
    from pipeline.logs import configure_logging

    # Whatever a verb writes is for its owner alone: pages, drafts and exports are patients' data.
    os.umask(0o077)
    configure_logging(verbose=verbose, stream=sys.stderr)
    leave_stubs_alone()
    ctx.obj = GlobalOptions(workspace=workspace)
    name_workspace(workspace)
    if ctx.invoked_subcommand is None:
        from pipeline.commands.desk.start import start

        start(ctx)


def main() -> None:
    """Entry point of `echodesk`."""
    app()


if __name__ == "__main__":  # as `accelerate launch --module pipeline.cli` starts it
    main()
