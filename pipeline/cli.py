"""The `echodesk` command: global options, the verbs in flow order, and how it ends.

Heavy packages are imported inside the verbs, so that `echodesk --help` answers at once.
"""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer
import typer.core

from db.errors import EchoDeskError, WrongUse
from pipeline.commands import bench, demo, doctor
from pipeline.commands.datasets import curation, lineage, probe, snapshot, snapshot_export, suspects
from pipeline.commands.labels import (
    agreement,
    audit,
    backup,
    benchmark,
    calibrate,
    enqueue,
    export,
    extract,
    finetune,
    intake,
    read,
    review,
    status,
    users,
)
from pipeline.commands.options import GlobalOptions, WorkspaceOption
from pipeline.commands.terminal import complain, show_error

EXIT_FAILED = 1
EXIT_WRONG_USE = 2
EXIT_INTERRUPTED = 130


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
        except KeyboardInterrupt:
            complain("\nStopped. What was finished is kept; run the same command again to go on.")
            raise typer.Exit(EXIT_INTERRUPTED) from None


app = typer.Typer(
    name="echodesk",
    cls=EchoDeskGroup,
    no_args_is_help=True,
    add_completion=False,
    # Rich help triples the time of `--help`; a rich traceback can show locals, and those can hold a name.
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    pretty_exceptions_show_locals=False,
    help="Turn photos of echocardiography reports into a corrected table.",
    epilog="Start with: echodesk demo. Exit codes: 0 done, 1 a check or an item failed, 2 wrong use.",
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
    from pipeline.logs import configure_logging

    configure_logging(verbose=verbose, stream=sys.stderr)
    ctx.obj = GlobalOptions(workspace=workspace)


app.command("demo")(demo.demo)
app.command("doctor")(doctor.doctor)
app.add_typer(users.app, name="users")
app.command("intake")(intake.intake)
app.command("read")(read.read)
app.command("extract")(extract.extract)
app.command("review")(review.review)
app.command("status")(status.status)
app.command("benchmark")(benchmark.benchmark)
app.command("calibrate")(calibrate.calibrate)
app.command("enqueue")(enqueue.enqueue)
app.command("suspects")(suspects.suspects)
snapshot.app.command("probe")(probe.probe)
snapshot.app.command("export")(snapshot_export.export)
app.add_typer(snapshot.app, name="snapshot")
app.add_typer(curation.app, name="curation")
app.command("export")(export.export)
app.command("finetune")(finetune.finetune)
app.command("agreement")(agreement.agreement)
app.command("lineage")(lineage.lineage)
app.add_typer(audit.app, name="audit")
app.command("backup")(backup.backup)
app.command("restore")(backup.restore)
app.add_typer(bench.app, name="bench")


def main() -> None:
    """Entry point of `echodesk`."""
    app()
