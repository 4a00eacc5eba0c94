"""The language of filters: words and signs, how they hang together, and what a missing value means.

Comparisons are = != < <= > >=, `in ('a', 'b')` and `is null`; they are joined by `and`, `or`, `not` and
brackets. A comparison with a value that is missing is neither true nor false, as in SQL.

Ours, because the query language of pandas takes a comparison with a missing value for false, so that its
`not` is true, and lets Python through.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any, Final

from db.errors import WrongUse
from db.tabular import Kind

_MAX_DEPTH: Final = 50
_COMPARE: Final[Mapping[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<text>'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\")|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|<>|==|[=<>(),]))"
)


Values = Mapping[str, Any]
Test = Callable[[Values], bool | None]


class FilterError(WrongUse):
    """A filter that cannot be understood; the hint says what would be."""


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    place, end = 0, len(text.rstrip())
    while place < end:
        found = _TOKEN.match(text, place)
        if found is None or found.lastgroup is None:
            raise _unexpected(text[place:].strip()[:20])
        place = found.end()
        yield found.lastgroup, found.group(found.lastgroup)


def _unexpected(word: str) -> FilterError:
    said = f"{word!r} was not expected there" if word else "the filter ends too early"
    return FilterError(
        f"the filter cannot be understood: {said}", "Such as: site = 'Ward 3' and ef_percent < 40"
    )


def unquoted(text: str) -> str:
    """A text without its quotes; doubled ones within it are one."""
    return text[1:-1].replace(text[0] * 2, text[0])


class Parser:
    """Recursive descent over the tokens; builds the test and keeps one spelling.

    Args:
        kinds: column -> what its values are.

    Attributes:
        columns: those named so far.
        parts: tokens as (column they are compared with or "", text).
    """

    def __init__(self, text: str, kinds: Mapping[str, Kind]) -> None:
        self._tokens, self._kinds = list(_tokens(text)), kinds
        self._place, self._depth = 0, 0
        self.columns: set[str] = set()
        self.parts: list[tuple[str, str]] = []

    def understood(self) -> Test:
        """The whole text as a test.

        Raises:
            FilterError: says where it stops making sense.
        """
        test = self._alternatives()
        if not self._is_done:
            raise _unexpected(self._peek()[1])
        return test

    @property
    def _is_done(self) -> bool:
        return self._place >= len(self._tokens)

    def _peek(self) -> tuple[str, str]:
        return ("", "") if self._is_done else self._tokens[self._place]

    def _next(self) -> tuple[str, str]:
        token = self._peek()
        self._place += 1
        return token

    def _takes(self, word: str) -> bool:
        """Take a word or a sign if it comes next."""
        kind, text = self._peek()
        if kind in ("name", "sign") and text.lower() == word:
            self._place += 1
            self.parts.append(("", word))
            return True
        return False

    def _needs(self, word: str) -> None:
        if not self._takes(word):
            raise _unexpected(self._peek()[1])

    def _alternatives(self) -> Test:
        tests = [self._conjunction()]
        while self._takes("or"):
            tests.append(self._conjunction())
        return tests[0] if len(tests) == 1 else lambda values: _any([test(values) for test in tests])

    def _conjunction(self) -> Test:
        tests = [self._negation()]
        while self._takes("and"):
            tests.append(self._negation())
        return tests[0] if len(tests) == 1 else lambda values: _all([test(values) for test in tests])

    def _negation(self) -> Test:
        self._depth += 1
        if self._depth > _MAX_DEPTH:
            raise FilterError("the filter is nested too deeply", "Write it with fewer brackets.")
        try:
            if self._takes("not"):
                test = self._negation()
                return lambda values: _not(test(values))
            if self._takes("("):
                test = self._alternatives()
                self._needs(")")
                return test
            return self._comparison()
        finally:
            self._depth -= 1

    def _comparison(self) -> Test:
        kind, name = self._next()
        if kind != "name" or name.lower() in ("and", "or", "in", "is", "null"):
            raise _unexpected(name)
        column = self._column(name)
        self.columns.add(column)
        self.parts.append(("", column))
        if self._takes("is"):
            is_negated = self._takes("not")
            self._needs("null")
            return lambda values: (values[column] is None) != is_negated
        if self._takes("not"):
            self._needs("in")
            listed = self._listed(column)
            return lambda values: None if values[column] is None else values[column] not in listed
        if self._takes("in"):
            listed = self._listed(column)
            return lambda values: None if values[column] is None else values[column] in listed
        return self._compared(column)

    def _compared(self, column: str) -> Test:
        kind, sign = self._next()
        sign = {"<>": "!=", "==": "="}.get(sign, sign)
        if kind != "sign" or sign not in _COMPARE:
            raise _unexpected(sign)
        if self._kinds[column] in (Kind.TEXT, Kind.YES_NO) and sign not in ("=", "!="):
            raise FilterError(
                f"{column} has no order", f"Compare it with = or !=, such as {column} = 'value'."
            )
        self.parts.append(("", sign))
        wanted, compare = self._value(column), _COMPARE[sign]
        return lambda values: None if values[column] is None else compare(values[column], wanted)

    def _listed(self, column: str) -> list[Any]:
        self._needs("(")
        listed = [self._value(column)]
        while self._takes(","):
            listed.append(self._value(column))
        self._needs(")")
        return listed

    def _value(self, column: str) -> Any:
        kind, text = self._next()
        value = _VALUES[self._kinds[column]](kind, text)
        if value is None:
            if not text:
                raise _unexpected("")
            raise FilterError(f"{column} is not compared with {text[:40]}", _EXAMPLES[self._kinds[column]])
        spelt = "'" + unquoted(text).replace("'", "''") + "'" if kind == "text" else text.lower()
        self.parts.append((column, spelt))
        return value

    def _column(self, name: str) -> str:
        if name.lower() in self._kinds:
            return name.lower()
        raise FilterError(
            f"there is no column {name[:40]!r} to choose by", f"There are: {', '.join(self._kinds)}."
        )


def _as_number(kind: str, text: str) -> float | None:
    return float(text) if kind == "number" else None


def _as_text(kind: str, text: str) -> str | None:
    return unquoted(text) if kind == "text" else None


def _as_yes_no(kind: str, text: str) -> bool | None:
    return {"true": True, "false": False}.get(text.lower()) if kind == "name" else None


def _as_date(kind: str, text: str) -> date | None:
    try:
        return date.fromisoformat(unquoted(text)) if kind == "text" else None
    except ValueError:
        return None


_VALUES: Final[Mapping[Kind, Callable[[str, str], Any]]] = {
    Kind.NUMBER: _as_number,
    Kind.INTEGER: _as_number,
    Kind.TEXT: _as_text,
    Kind.YES_NO: _as_yes_no,
    Kind.DATE: _as_date,
}
_EXAMPLES: Final[Mapping[Kind, str]] = {
    Kind.NUMBER: "Write a number, such as 40.",
    Kind.INTEGER: "Write a number, such as 7.",
    Kind.TEXT: "Write a text in quotes, such as 'Ward 3'.",
    Kind.YES_NO: "Write true or false.",
    Kind.DATE: "Write a day in quotes, such as '2026-01-31'.",
}


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _all(values: list[bool | None]) -> bool | None:
    return False if False in values else None if None in values else True


def _any(values: list[bool | None]) -> bool | None:
    return True if True in values else None if None in values else False
