"""Collecting what is wrong with a definition, so that it is told at once."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from ml.domains.fields import Problem, RecordRefused


class DefinitionRefused(RecordRefused):
    """A definition that does not hold; `problems` name its parts and what would."""

    @classmethod
    def of(cls, field: str, code: str, detail: str) -> "DefinitionRefused":
        return cls([Problem(field, code, detail)])


class Problems:
    """The problems of one definition."""

    def __init__(self) -> None:
        self._found: list[Problem] = []

    def add(self, part: str, code: str, detail: str) -> None:
        self._found.append(Problem(part.encode("utf-8", "replace").decode(), code, detail))

    def about(self, part: str) -> bool:
        return any(problem.field == part for problem in self._found)

    def choice(self, part: str, given: Any, known: Iterable[str]) -> str | None:
        """The value when it is one of those known, else None and a problem."""
        known = list(known)
        if given in (None, ""):
            self.add(part, "required", f"is required: one of {', '.join(known)}")
        elif isinstance(given, str) and given in known:
            return given
        else:
            close = get_close_matches(str(given)[:60], known, 1)
            hint = f"; did you mean '{close[0]}'?" if close else ""
            shown = repr(str(given)[:40])
            self.add(part, "unknown_value", f"{shown} is not one of {', '.join(known)}{hint}")
        return None

    def check(self) -> None:
        """Raise DefinitionRefused when there is any."""
        if self._found:
            raise DefinitionRefused(self._found)
