"""What `echodesk evaluate` says when it is done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.commands.terminal import say, say_json

if TYPE_CHECKING:
    from pipeline.evaluation.evaluate import Written


def say_written(written: Written, as_json: bool) -> None:
    """Where it is, and what a reader must know."""
    from pipeline.evaluation.evaluate import PAGE, read_results
    from pipeline.evaluation.report.first_page import sentence_of

    results = read_results(written.folder)
    if as_json:
        say_json({"folder": str(written.folder), "is_new": written.is_new, "verdicts": results["verdicts"]})
        return
    if not written.is_new:
        say("This run was evaluated with the same settings before; nothing was written.")
    for verdict in results["verdicts"]:
        say(f"{verdict['severity']}: {sentence_of(verdict)}")
    say(str(written.folder / PAGE))


def say_paper_figures(as_json: bool) -> None:
    """The seed paper's numbers beside what they imply."""
    from pipeline.evaluation.report.paper_figures import paper_figures
    from pipeline.evaluation.report.paper_words import figure_words
    from pipeline.evaluation.results import as_data

    found = as_data(paper_figures())
    if as_json:
        say_json({"paper_figures": found})
        return
    for one in found:
        words = figure_words(one)
        say(f"{words.name}: reported {words.reported}, implied {words.implied}")
        say(f"  {words.formula}")
        say(f"  {words.meaning}")
