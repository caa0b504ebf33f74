"""A definition as people write it, checked: every refusal names the part and what would hold."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ml.definitions.event_fields import EventField
from ml.definitions.filters import read_filter
from ml.definitions.problems import DefinitionRefused, Problems
from ml.definitions.vocabulary import ENTITIES, Column, columns_of_table
from ml.features.durations import DAY, HOUR
from ml.features.spec import Condition

__all__ = ["AGGREGATES", "Definition", "DefinitionRefused", "read_definition"]

# aggregate -> the kinds of column it takes; none where it takes no column
AGGREGATES: dict[str, tuple[str, ...]] = {
    "count": (),
    "sum": ("money", "number"),
    "mean": ("money", "number"),
    "max": ("money", "number"),
    "min": ("money", "number"),
    "distinct": ("key", "choice", "country", "number", "text", "day", "flag"),
    "since_last": (),
    "share": (),
}
PARTS = ("entity", "aggregate", "column", "window", "until", "filter", "include_current")
MINUTE = HOUR // 60
LONGEST_DAYS = 365
_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY}
_DURATION = re.compile(r"([1-9][0-9]{0,5})(m|h|d)")


@dataclass(frozen=True)
class Definition:
    """A checked definition; times in microseconds. `where` is the filter over columns of the history."""

    name: str
    meaning: str
    entity: str
    aggregate: str
    column: Column | None
    window: int | None
    until: int
    where: tuple[Condition, ...]
    said: tuple[tuple[str, str, str], ...]
    include_current: bool


def read_definition(
    table: str,
    spec: Any,
    *,
    name: str = "preview",
    meaning: str = "",
    fields: tuple[EventField, ...] = (),
) -> Definition:
    """The definition in a spec over the events of `table`; raises DefinitionRefused with every problem."""
    problems = Problems()
    if not isinstance(spec, Mapping):
        raise DefinitionRefused.of(
            "spec", "wrong_type", "must be an object with entity, aggregate and window"
        )
    for part in spec:
        if part not in PARTS:
            problems.add(
                str(part)[:60], "unknown_part", f"is not a part of a definition; it has {', '.join(PARTS)}"
            )
    columns = columns_of_table(table, fields)
    entity = problems.choice("entity", spec.get("entity"), ENTITIES[table])
    aggregate = problems.choice("aggregate", spec.get("aggregate"), AGGREGATES)
    column = _column(problems, spec.get("column"), aggregate, columns)
    window, until = _window(problems, spec, aggregate)
    where, said = read_filter(problems, spec.get("filter"), columns)
    if aggregate == "share" and not where:
        problems.add("filter", "required", "is required: a share is of the events that meet it")
    current = _current(problems, spec.get("include_current"), aggregate, until)
    problems.check()
    return Definition(name, meaning, entity, aggregate, column, window, until, where, said, current)


def _column(
    problems: Problems, given: Any, aggregate: str | None, columns: dict[str, Column]
) -> Column | None:
    kinds = AGGREGATES.get(aggregate or "", ())
    if not kinds:
        if given not in (None, "") and aggregate:
            problems.add("column", "not_taken", f"{aggregate} takes no column; leave it out")
        return None
    fitting = {name: column for name, column in columns.items() if column.kind in kinds}
    if isinstance(given, str) and given in columns and given not in fitting:
        kind = columns[given].kind
        problems.add(
            "column",
            "wrong_type",
            f"{aggregate} cannot take '{given}', a {kind}; it takes {', '.join(fitting)}",
        )
        return None
    found = problems.choice("column", given, fitting)
    return fitting[found] if found else None


def _window(problems: Problems, spec: Mapping[str, Any], aggregate: str | None) -> tuple[int | None, int]:
    window = _duration(problems, "window", spec.get("window"))
    if window is None and aggregate != "since_last" and not problems.about("window"):
        problems.add("window", "required", "is required: how far back it looks, such as 30m, 24h or 7d")
    until = _duration(problems, "until", spec.get("until")) or 0
    if until and window is not None and until >= window:
        problems.add(
            "until", "outside_window", "must be shorter than the window: it is where the window ends"
        )
    if until and window is None and not problems.about("window"):
        problems.add("until", "outside_window", "needs a window that begins before it")
    return window, until


def _duration(problems: Problems, part: str, given: Any) -> int | None:
    if given in (None, ""):
        return None
    match = _DURATION.fullmatch(given) if isinstance(given, str) else None
    if match is None:
        problems.add(part, "not_a_duration", "must be a whole number with m, h or d, such as 30m, 24h or 7d")
        return None
    length = int(match[1]) * _UNITS[match[2]]
    if length > LONGEST_DAYS * DAY:
        problems.add(part, "too_long", f"must not be longer than {LONGEST_DAYS}d")
        return None
    return length


def _current(problems: Problems, given: Any, aggregate: str | None, until: int) -> bool:
    if given is not None and not isinstance(given, bool):
        problems.add("include_current", "wrong_type", "must be true or false")
    if given and (until or aggregate == "since_last"):
        why = "a window that ends earlier" if until else "since_last"
        problems.add(
            "include_current", "not_taken", f"{why} leaves the event out; leave it out or send false"
        )
    return given is not False and not until and aggregate != "since_last"
