"""Typed request fields: one declaration parses API bodies, file rows and stream messages alike.

A domain lists its `Field`s; `parse` turns a record into clean values or refuses it with every
problem named at once. Numbers may come as text, as money often does; in a file row (`text=True`)
everything is text and "" means absent.
"""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, NamedTuple

from ml.domains.readers import READERS, Context, Field, FieldError, kind_of

MOST_PROBLEMS = 20


class Problem(NamedTuple):
    """One thing wrong with a record: the field's name, a stable code and a sentence."""

    field: str
    code: str
    detail: str


class RecordRefused(ValueError):
    """A record that cannot be accepted; `problems` names everything that is wrong with it."""

    def __init__(self, problems: list[Problem]):
        self.problems = problems
        super().__init__("; ".join(f"{p.field}: {p.detail}" if p.field else p.detail for p in problems))


class RecordReader:
    """Reads records of one domain; built once from its fields."""

    def __init__(self, fields: tuple[Field, ...]):
        self.fields = {field.name: field for field in fields}
        self._readers = {field.name: (field, READERS[field.kind]) for field in fields}
        self._required = tuple(field.name for field in fields if field.required)

    def read(self, record: Mapping[str, Any], context: Context) -> dict[str, Any]:
        """Clean values of the fields present; None and (in text sources) "" count as absent.

        Raises RecordRefused with every problem found.
        """
        if not isinstance(record, Mapping):
            raise RecordRefused([Problem("", "wrong_type", f"must be an object, not {kind_of(record)}")])
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, raw in record.items():
            known = self._readers.get(name)
            if known is None:
                if len(problems) >= MOST_PROBLEMS:
                    problems.append(Problem("", "too_many", f"and more: {len(record):,} names in all"))
                    break  # looking for what was meant costs more than reading what was sent
                problems.append(self._unknown(name))
            elif raw is not None and not (context.text and raw == ""):
                try:
                    values[name] = known[1](known[0], raw, context)
                except FieldError as error:
                    problems.append(Problem(name, error.code, error.detail))
        named = {problem.field for problem in problems}
        for name in self._required:
            if name not in values and name not in named:
                problems.append(Problem(name, "required", "is required"))
        if problems:
            raise RecordRefused(problems)
        return values

    def _unknown(self, name: str) -> Problem:
        close = get_close_matches(name[:60], self.fields, 1)
        hint = f"; did you mean '{close[0]}'?" if close else ""
        shown = name[:60].encode("utf-8", "replace").decode()
        return Problem(shown, "unknown_field", f"is not a known field{hint}")
