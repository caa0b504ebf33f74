"""How figures of a report are written, and how its parts are read whatever is missing."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

Report = Mapping[str, Any]
NONE = "–"
FIRST = (  # of the parts of a small object: the database keeps no order
    *("kind", "learnt", "train", "validation", "test", "family"),
    *("threshold", "share", "alerts_per_day", "alerts", "precision", "recall"),
)
MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?")
METRIC_NAMES = {  # in the order of reading; the database keeps none
    "average_precision": "Average precision",
    "roc_auc": "ROC AUC",
    "brier": "Brier score",
    "precision_at_threshold": "Precision at the threshold",
    "recall_at_threshold": "Recall at the threshold",
    "threshold": "Threshold",
    "precision_at_budget": "Precision at the 1% budget",
    "recall_at_budget": "Recall at the 1% budget",
    "rows": "Rows tested on",
    "frauds": "Frauds among them",
    "positives": "Frauds among them",
}


def number(value: Any) -> str:
    """0.91342 -> 0.913; 12345 -> 12,345; nothing is a dash."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        if value and abs(value) < 0.001:
            return f"{value:.2g}"
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.3f}"
    return _moment(str(value))


def _moment(text: str) -> str:
    """2024-10-03T00:01:12.427000+00:00 -> 2024-10-03 00:01; any other text as it is."""
    found = MOMENT.fullmatch(text)
    return f"{found[1]} {found[2]}" if found else text


def in_order(names: Iterable[str]) -> list[str]:
    """Names of metrics in the order of METRIC_NAMES, unknown ones after them by name."""
    known = list(METRIC_NAMES)
    return sorted(names, key=lambda name: (known.index(name) if name in known else len(known), name))


def interval(figure: Any) -> str:
    """{"value", "low", "high"} -> 0.913 (0.900 to 0.926); anything else on one line."""
    if not isinstance(figure, Mapping) or "value" not in figure:
        return told(figure)
    value, low, high = (figure.get(name) for name in ("value", "low", "high"))
    if low is None or high is None:
        return number(value)
    return f"{number(value)} ({number(low)} to {number(high)})"


def split(figure: Any) -> tuple[str, str]:
    """The figure, and its interval as far as there is one."""
    if not isinstance(figure, Mapping):
        return number(figure), ""
    low, high = figure.get("low"), figure.get("high")
    return number(figure.get("value")), "" if low is None else f"{number(low)} to {number(high)}"


def first(names: Iterable[str]) -> list[str]:
    """Names with those of FIRST before the others."""
    return sorted(names, key=lambda name: FIRST.index(name) if name in FIRST else len(FIRST))


def told(value: Any) -> str:
    """A small structure on one line."""
    if isinstance(value, Mapping):
        return ", ".join(f"{str(name).replace('_', ' ')} {told(value[name])}" for name in first(value))
    if isinstance(value, list | tuple):
        return ", ".join(told(item) for item in value)
    return number(value)


def part(report: Report, key: str) -> Mapping[str, Any]:
    """An object of the report, empty when it is not there."""
    found = report.get(key)
    return found if isinstance(found, Mapping) else {}


def items(report: Report, key: str) -> list[Any]:
    """A list of the report, empty when it is not there."""
    found = report.get(key)
    return list(found) if isinstance(found, list | tuple) else []


def records(report: Report, key: str) -> list[Mapping[str, Any]]:
    """The objects in a list of the report."""
    return [item for item in items(report, key) if isinstance(item, Mapping)]
