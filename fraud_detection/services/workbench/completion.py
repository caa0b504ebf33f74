"""What can stand in a condition: names with their meaning and a typical value, lists, functions."""

from collections.abc import Mapping
from typing import Any

import numpy as np
from django.utils import timezone

from fraud_detection.engines.registry import Engine
from fraud_detection.rules.columns import Texts
from fraud_detection.rules.compiled import Lists
from fraud_detection.rules.language import Kind
from fraud_detection.rules.reasons import format_value
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.workbench.sample import Sample, newest_decisions
from fraud_detection.services.workbench.wording import Wording

FUNCTIONS = (
    ("missing", "missing(name)", "bool", "Whether the value is absent; the one way to ask."),
    ("min", "min(a, b)", "number", "The smaller of two numbers."),
    ("max", "max(a, b)", "number", "The larger of two numbers."),
    ("abs", "abs(a)", "number", "A number without its sign."),
    ("startsWith", 'text.startsWith("U")', "bool", "Whether a text begins with a literal or parameter."),
    ("endsWith", 'text.endsWith("x")', "bool", "Whether a text ends with a literal or parameter."),
    ("contains", 'text.contains("x")', "bool", "Whether a text contains a literal or parameter."),
    ("timestamp", 'timestamp("2026-01-31T08:00:00Z")', "timestamp", "A moment."),
    ("duration", 'duration("1h30m")', "duration", "A length of time."),
    ("hour", "hour(time)", "number", "Hour of a moment, 0 to 23, UTC."),
    ("weekday", "weekday(time)", "number", "Day of the week of a moment, Monday 0, UTC."),
)


def completion(engine: str, *, again: bool = False) -> dict[str, Any]:
    """Names, lists and functions for the editor; `again` reads the newest decisions anew.

    KeyError for an unknown engine. `missing` is a share 0 to 1, None while too few decisions are stored.
    """
    used = engine_in_use(engine)
    sample = newest_decisions(engine, again=again)
    wording = Wording(used, frozenset())
    return {
        "engine": engine,
        "decisions": sample.rows,
        "features": [_name(name, kind, wording, sample) for name, kind in _kinds(used).items()],
        "lists": _lists(custom_lists(timezone.now())),
        "functions": [
            {"name": name, "signature": signature, "kind": kind, "meaning": meaning}
            for name, signature, kind, meaning in FUNCTIONS
        ],
    }


def _kinds(engine: Engine) -> Mapping[str, Kind]:
    return Vocabulary.of(engine.feature_set, engine.context).kinds


def _name(name: str, kind: Kind, wording: Wording, sample: Sample) -> dict[str, Any]:
    unit = wording.units.get(name, "")
    return {
        "name": name,
        "kind": str(kind),
        "unit": unit,
        "meaning": wording.meaning(name),
        "typical": _typical(name, kind, unit, sample) if sample.is_enough else "",
        "missing": round(sample.missing(name, kind), 4) if sample.is_enough else None,
    }


def _typical(name: str, kind: Kind, unit: str, sample: Sample) -> str:
    """The median, the most frequent text, or how often it is true; empty when it is always missing."""
    column = sample.column(name, kind)
    if isinstance(column, Texts):
        counts = np.bincount(column.codes[column.codes >= 0], minlength=1)
        return f"mostly {column.values[int(counts.argmax())]}" if column.values else ""
    known = column[~np.isnan(column)]
    if not len(known):
        return ""
    if kind is Kind.BOOL:
        return f"yes in {format_value(float(known.mean()), 'share')}"
    return f"median {format_value(float(np.median(known)), unit)}"


def _lists(lists: Lists) -> list[dict[str, Any]]:
    return [{"name": name, "entries": len(values)} for name, values in sorted(lists.items())]
