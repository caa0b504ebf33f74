"""The form of a queue: lists are written with commas, what is left empty is no condition."""

from typing import Any

from django.http import QueryDict

from alerts.models import Queue, Severity
from alerts.selectors.queue_filters import COLUMNS, MEANINGS


def read_queue(form: QueryDict) -> dict[str, Any]:
    """The values of a posted queue as its service takes them; what is wrong is found there."""
    target = form.get("escalation_to", "")
    known = target.isascii() and target.isdigit() and len(target) < 19
    return {
        "name": form.get("name", "").strip(),
        "description": form.get("description", "").strip(),
        "filter": _filter(form),
        "position": _whole(form.get("position", "100")),
        "active": form.get("active") == "on",
        "escalation_to": Queue.objects.filter(pk=int(target)).first() if known else None,
        "due_minutes": {
            severity: _whole(text)
            for severity in Severity.values
            if (text := form.get(f"due_{severity}", "").strip())
        },
    }


def _filter(form: QueryDict) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in COLUMNS:
        values = [text.strip() for text in form.get(f"filter_{name}", "").split(",") if text.strip()]
        if values:
            found[name] = [text.upper() for text in values] if name == "country" else values
    if amount := form.get("filter_min_amount", "").strip():
        found["min_amount"] = amount
    if risk := form.get("filter_min_risk", "").strip():
        found["min_risk"] = _number(risk)
    return found


def _number(text: str) -> float | str:
    """What is no number stays text, and is refused as such."""
    try:
        return float(text)
    except ValueError:
        return text


def _whole(text: str) -> int:
    """-1, which every check refuses, for what is no whole number."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


def shown(values: dict[str, Any]) -> dict[str, Any]:
    """What the form shows: [(name, meaning, text)] of conditions, [(severity, minutes)]."""
    conditions = values.get("filter") or {}
    return {
        "conditions": [(name, MEANINGS[name], _text(conditions.get(name, ""))) for name in MEANINGS],
        "due": [
            (severity, (values.get("due_minutes") or {}).get(severity, "")) for severity in Severity.values
        ],
    }


def _text(value: Any) -> str:
    return ", ".join(value) if isinstance(value, list) else str(value)
