"""The names an expression may use, with their types."""

import difflib
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from .tree import Kind, Value

IDENTIFIER = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FUNCTIONS = ("min", "max", "abs", "hour", "weekday", "missing", "timestamp", "duration")
METHODS = ("startsWith", "endsWith", "contains")
RESERVED = frozenset(("true", "false", "in", "p"))


@dataclass(frozen=True)
class Scope:
    """Types of the variables, of the parameters `p.name`, and the names of the text lists."""

    names: Mapping[str, Kind]
    parameters: Mapping[str, Kind]
    lists: frozenset[str]

    @classmethod
    def of(
        cls,
        names: Mapping[str, Kind],
        parameters: Mapping[str, Value] | None = None,
        lists: Iterable[str] = (),
    ) -> "Scope":
        """A scope from parameter values; ValueError names the first name or value that cannot be used."""
        parameters = parameters or {}
        kinds = {name: kind_of(name, value) for name, value in parameters.items()}
        scope = cls(names, kinds, frozenset(lists))
        scope._refuse_bad_names()
        return scope

    def _refuse_bad_names(self) -> None:
        for name in self.parameters:
            if not IDENTIFIER.fullmatch(name):
                raise ValueError(f"'{name}' cannot be the name of a parameter")
        for name in (*self.names, *self.lists):
            if not IDENTIFIER.fullmatch(name) or name in RESERVED:
                raise ValueError(f"'{name}' cannot be used as a name in rules")
        both = self.lists & self.names.keys()
        if both:
            raise ValueError(f"'{min(both)}' is both a name and a list")

    def nearest(self, name: str) -> str | None:
        """The known name most like `name`, if any is like it."""
        return _nearest(name, (*self.names, *self.lists, *(f"p.{p}" for p in self.parameters)))

    def nearest_function(self, name: str) -> str | None:
        return _nearest(name, (*FUNCTIONS, *METHODS))


def kind_of(name: str, value: Value) -> Kind:
    """The type of a parameter's value: number (finite), text or bool."""
    if isinstance(value, bool):
        return Kind.BOOL
    if isinstance(value, str):
        return Kind.TEXT
    if isinstance(value, int | float) and math.isfinite(value):
        return Kind.NUMBER
    raise ValueError(f"parameter '{name}' must be a finite number, a text or true/false")


def _nearest(name: str, known: Iterable[str]) -> str | None:
    by_lower = {candidate.lower(): candidate for candidate in known}
    found = difflib.get_close_matches(name.lower(), by_lower, 1, 0.6)
    return by_lower[found[0]] if found else None
