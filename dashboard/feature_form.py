"""The form of a definition: what it shows, and what of it was written as a spec."""

from typing import Any

from django.http import QueryDict

from fraud_detection.models import FeatureDefinition
from fraud_detection.services.feature_definitions.choices import MOST_CONDITIONS, choices_of

ROWS = range(1, MOST_CONDITIONS + 1)


def blank(engine: str) -> dict[str, Any]:
    """What a new form begins with."""
    entity = choices_of(engine).entities[0]
    spec = {"entity": entity, "aggregate": "count", "window": "24h", "include_current": True}
    return form_of(engine, "", "", spec)


def form_of_row(row: FeatureDefinition) -> dict[str, Any]:
    """A stored definition as form values."""
    return form_of(row.engine, row.name, row.meaning, row.spec)


def form_of(engine: str, name: str, meaning: str, spec: dict[str, Any]) -> dict[str, Any]:
    conditions = spec.get("filter") or []
    conditions = conditions if isinstance(conditions, list) else []
    rows = [_row(place, one) for place, one in zip(ROWS, conditions, strict=False)]
    rows += [_row(place, {}) for place in ROWS if place > len(rows)]
    return {
        "engine": engine,
        "name": name,
        "meaning": meaning,
        "entity": spec.get("entity", ""),
        "aggregate": spec.get("aggregate", ""),
        "column": spec.get("column") or "",
        "window": spec.get("window") or "",
        "until": spec.get("until") or "",
        "include_current": spec.get("include_current", True) is not False and not spec.get("until"),
        "rows": rows,
        "filtered": bool(conditions),
    }


def posted(form: dict[str, Any]) -> list[tuple[str, str]]:
    """The form as a browser would send it, for a button that sends it unseen."""
    names = ("entity", "aggregate", "column", "window", "until")
    sent = [(name, form[name]) for name in names if form[name]]
    sent += [("include_current", "on")] if form["include_current"] else []
    for row in form["rows"]:
        if row["column"]:
            sent += [(f"{part}-{row['place']}", row[part]) for part in ("column", "is", "value")]
    return sent


def spec_of(post: QueryDict, engine: str) -> dict[str, Any]:
    """The spec that a posted form writes; nothing of it is checked here."""
    spec: dict[str, Any] = {name: post.get(name, "").strip() for name in ("entity", "aggregate")}
    for name in ("column", "window", "until"):
        if value := post.get(name, "").strip():
            spec[name] = value
    aggregate = spec["aggregate"]
    if aggregate in ("count", "since_last", "share"):
        spec.pop("column", None)  # the form shows it all the same
    if not spec.get("until") and aggregate != "since_last":
        spec["include_current"] = post.get("include_current") == "on"
    kinds = choices_of(engine).kinds
    conditions = [_condition(post, place, kinds) for place in ROWS if post.get(f"column-{place}", "").strip()]
    return spec | ({"filter": conditions} if conditions else {})


def _condition(post: QueryDict, place: int, kinds: dict[str, str]) -> dict[str, Any]:
    column, comparison = post[f"column-{place}"].strip(), post.get(f"is-{place}", "==")
    text = post.get(f"value-{place}", "").strip()
    value: Any = _value(text, kinds.get(column, ""))
    if comparison == "in":
        value = [_value(part.strip(), kinds.get(column, "")) for part in text.split(",") if part.strip()]
    return {"column": column, "is": comparison, "value": value}


def _value(text: str, kind: str) -> Any:
    """The value of its kind where the text says one, else the text, for the refusal to name."""
    if kind == "flag":
        return {"true": True, "false": False}.get(text.lower(), text)
    if kind in ("money", "number"):
        try:
            return float(text) if len(text) < 40 else text
        except ValueError:
            return text
    return text


def _row(place: int, one: dict[str, Any]) -> dict[str, Any]:
    value = one.get("value", "")
    if isinstance(value, list):
        value = ", ".join(map(_plain, value))
    named = {"place": place, "column": one.get("column", ""), "is": one.get("is", "==")}
    return named | {"value": _plain(value)}


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return f"{value:g}" if isinstance(value, float) and value.is_integer() else str(value)
