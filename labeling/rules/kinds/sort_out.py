"""Give every line of a report its kind before any rule takes a value, and leave only findings to the rules.

One place in the flow: `report.py` reads the normalised text that comes out of here and nothing else, so that
a legend, an option list or a reference range can't give a value to any field.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from labeling.rules.denials.other_tongues import denials_in_english
from labeling.rules.kinds.answer_columns import marks_written_out
from labeling.rules.kinds.codes import (
    answers_beside_names,
    codes_written_out,
    shared_answers_written_out,
)
from labeling.rules.kinds.columns import other_columns
from labeling.rules.kinds.definitions import definition_passages, grading_keys
from labeling.rules.kinds.earlier import history_passages, superseded_passages
from labeling.rules.kinds.elsewhere import elsewhere_passages
from labeling.rules.kinds.emphasis import settle_emphasis
from labeling.rules.kinds.header_rows import rows_written_out
from labeling.rules.kinds.legends import legend_passages
from labeling.rules.kinds.options import settle_options, unticked_passages
from labeling.rules.kinds.passages import LineKind, Passage, blank, fields_named
from labeling.rules.kinds.patient_value import name_patient_values
from labeling.rules.kinds.plans import plan_passages
from labeling.rules.kinds.references import reference_passages
from labeling.rules.kinds.short_no import doubtful_tokens, mend_short_no, printed_plainly
from labeling.rules.kinds.undecided import changed_passages, undecided_passages
from labeling.rules.layout.blocks import other_blocks
from labeling.rules.layout.choices import choices_written_out, open_choices
from labeling.rules.layout.empty_cells import empty_cell_passages
from labeling.rules.layout.items import items_parted
from labeling.rules.layout.list_markers import markers_left_out
from labeling.rules.layout.marked_values import marked_values_written_out
from labeling.rules.layout.signs_ahead import signs_written_out
from labeling.rules.layout.tables import tables_written_out
from labeling.rules.layout.two_ventricles import right_columns
from labeling.rules.layout.values_ahead import values_ahead_written_out
from labeling.rules.normalise import NormalText
from labeling.rules.parts.asides import aside_passages
from labeling.rules.parts.corrections import correction_passages
from labeling.rules.parts.exports import exports_written_out
from labeling.rules.parts.grade_phrases import grade_phrases_written_out
from labeling.rules.parts.letter_codes import letters_written_out
from labeling.rules.parts.other_days import other_day_passages, told_first_passages
from labeling.rules.parts.paired_rows import paired_rows_written_out
from labeling.rules.parts.pressure_words import pressure_words_spelt
from labeling.rules.parts.questions import numbers_named, question_passages
from labeling.rules.parts.run_on import runs_parted
from labeling.rules.parts.series import series_passages
from labeling.rules.parts.shared_grades import shared_grades_written_out
from labeling.rules.parts.side_by_side import findings_parted, parted
from labeling.rules.parts.studies import other_study_passages
from labeling.rules.parts.then_and_now import grades_of_now
from labeling.rules.parts.two_values import two_value_passages
from labeling.rules.parts.wall_lists import wall_lists_written_out
from labeling.rules.pressures.changes import difference_passages
from labeling.rules.pressures.paired_names import paired_names_written_out
from labeling.rules.sections import split_statements
from labeling.rules.walls.said_otherwise import roundabout_written_out
from labeling.rules.walls.single_walls import single_walls_written_out
from labeling.rules.wrapping import SOFT_BREAK

_LONG_LINE = 4000


@dataclass(frozen=True)
class SortedText:
    """A report whose lines have been told apart.

    Attributes:
        normal: the findings alone; everything else is blank.
        passages: what was taken out, with its kind; ranges are of `said`.
        said: the same text before anything was taken out.
    """

    normal: NormalText
    passages: tuple[Passage, ...]
    said: str

    def doubted_fields(self) -> set[str]:
        """The fields named in passages that a person should look at if nothing else answers them."""
        return self._named_around(passage for passage in self.passages if passage.leaves_doubt)

    def unsure_fields(self) -> set[str]:
        """The fields that a person should look at though something answers them."""
        return self._named_around(passage for passage in self.passages if passage.casts_doubt)

    def ranged_fields(self) -> set[str]:
        """The fields that a range or a grading key names: where a key is printed, a value is expected."""
        kinds = (LineKind.REFERENCE, LineKind.GRADING)
        return self._named_around(passage for passage in self.passages if passage.kind in kinds)

    def _named_around(self, passages: Iterable[Passage]) -> set[str]:
        """The fields named in passages, or before them in their lines: a label may stand at the head."""
        lines: dict[int, set[int]] = {}
        for passage in passages:
            lines.setdefault(self.said.rfind("\n", 0, passage.start) + 1, set()).add(passage.end)
        stretches = [
            self.said[start:end].replace(SOFT_BREAK, " ")
            for start, ends in lines.items()
            # Of a line without end the longest stretch says what the others say.
            for end in (ends if max(ends) - start < _LONG_LINE else (max(ends),))
        ]
        return {field for stretch in stretches for field in fields_named(stretch)}


def sort_out(normal: NormalText) -> SortedText:
    """Tell the findings of a normalised report from everything else that is printed around them."""
    normal = tables_written_out(replace(normal, text=markers_left_out(normal.text)))
    normal = choices_written_out(marked_values_written_out(normal))
    normal = replace(normal, text=items_parted(normal.text))
    mended = printed_plainly(exports_written_out(numbers_named(findings_parted(normal.text))))
    mended = answers_beside_names(runs_parted(mend_short_no(denials_in_english(mended))))
    normal = marks_written_out(signs_written_out(replace(normal, text=mended)))
    normal = single_walls_written_out(roundabout_written_out(normal))
    normal = wall_lists_written_out(normal)
    normal = shared_answers_written_out(letters_written_out(normal))
    normal = grades_of_now(shared_grades_written_out(pressure_words_spelt(normal)))
    normal = grade_phrases_written_out(normal)
    normal = values_ahead_written_out(paired_names_written_out(normal))
    normal = paired_rows_written_out(rows_written_out(codes_written_out(normal)))
    said = normal.text
    # First the columns of other dates: "none  mild  moderate" in them is no list of options.
    columns = other_columns(said) + right_columns(said) + other_blocks(said) + open_choices(said)
    columns += grading_keys(said)
    text, settled = settle_emphasis(blank(said, columns))
    text, passages = settle_options(text)
    passages = columns + settled + passages + unticked_passages(said)
    text = blank(text, passages)
    sorters: tuple[Callable[[str], list[Passage]], ...] = (
        other_study_passages,
        correction_passages,
        aside_passages,
        other_day_passages,
        question_passages,
        difference_passages,
        two_value_passages,
        series_passages,
        legend_passages,
        empty_cell_passages,
        reference_passages,
        definition_passages,
        plan_passages,
        elsewhere_passages,
        changed_passages,
        superseded_passages,
        doubtful_tokens,
        undecided_passages,
    )
    for sorter in sorters:
        found = sorter(text)
        passages.extend(found)
        text = blank(text, found)
    text, doubts = name_patient_values(text, said, passages)
    passages.extend(doubts)
    text = parted(text.replace(SOFT_BREAK, " "))
    found = history_passages(text, split_statements(text))
    found.extend(told_first_passages(blank(text, found)))
    passages.extend(found)
    text = blank(text, found)
    return SortedText(replace(normal, text=text), tuple(passages), said)
