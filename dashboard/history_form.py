"""The form in which the mapping of an uploaded history is confirmed: a choice per column, and details."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from fraud_detection.models import HistoryUpload
from fraud_detection.services.history_drafts import CHOICES, Draft, mapping_of

SHOWN = 300  # columns with a choice of their own; of more, only those that are no plain feature
KINDS = (
    ("absolute", "dates and times, month before day"),
    ("dayfirst", "dates and times, day before month"),
    ("seconds", "seconds from a start"),
    ("hours", "hours from a start"),
    ("ordinal", "steps, one counts as one day"),
)


@dataclass(frozen=True)
class Row:
    """One column: its place, name, choice, first values, and why it was proposed so."""

    place: int
    name: str
    choice: str
    values: list[str]
    why: str


@dataclass(frozen=True)
class Form:
    """What the page shows: rows, details of time and label, and the name."""

    rows: list[Row]
    unshown: int
    name: str
    time_kind: str
    time_start: str
    fraud: str
    legitimate: str
    delay_days: str
    label_values: dict[str, int]


def form_of(upload: HistoryUpload, draft: Draft, posted: QueryDict | None = None) -> Form:
    """The form of an upload's mapping, or as somebody filled it in who must correct it."""
    columns, choices = draft.columns, _choices(draft, posted or {})
    reasons = upload.reasons.get("columns", {})
    rows = [
        Row(place, name, choices[name], [row[place][:40] for row in draft.first[:3]], reasons.get(name, ""))
        for place, name in enumerate(columns)
        if len(columns) <= SHOWN or choices[name] not in ("numeric", "categorical", "ignore")
    ]
    told, label = upload.mapping.get("time", {}), upload.mapping.get("label", {})

    def given(field: str, proposed: Any) -> str:
        return posted.get(field, "") if posted is not None else str(proposed)

    return Form(
        rows=rows,
        unshown=len(columns) - len(rows),
        name=given("name", upload.name or _name_of(upload.filename)),
        time_kind=given("time_kind", told.get("kind", "absolute")),
        time_start=given("time_start", told.get("start", "")),
        fraud=given("fraud", "\n".join(label.get("fraud", ()))),
        legitimate=given("legitimate", "\n".join(label.get("legitimate", ()))),
        delay_days=given("delay_days", label.get("delay_days", "")),
        label_values=upload.reasons.get("labels", {}),
    )


def mapping_posted(upload: HistoryUpload, draft: Draft, posted: QueryDict) -> dict[str, Any]:
    """The mapping's JSON as filled in. Raises MappingRefused."""
    kind, start = posted.get("time_kind", ""), posted.get("time_start", "").strip()
    offset = kind in ("seconds", "hours", "ordinal")
    return mapping_of(
        upload,
        _choices(draft, posted),
        time={"kind": kind, "start": start if offset else ""},
        label={
            "fraud": _lines(posted.get("fraud", "")),
            "legitimate": _lines(posted.get("legitimate", "")),
            "delay_days": _days(posted.get("delay_days", "").strip()),
        },
    )


def roles_of(mapping: Mapping[str, Any]) -> list[tuple[str, str]]:
    """The roles of a mapping with their columns, in words."""
    found = []
    for role, told in mapping.items():
        if role in ("numeric", "categorical", "ignore", "read"):
            continue
        columns = told.get("column", list(told.values())) if isinstance(told, dict) else told
        found.append((role, ", ".join(map(str, columns)) if isinstance(columns, list) else str(columns)))
    return found


def _choices(draft: Draft, posted: Mapping[str, str]) -> dict[str, str]:
    """The choice of every column: as posted, else as proposed. Columns go by place: names may be anything."""
    return {
        name: choice if (choice := posted.get(f"column-{place}")) in CHOICES else draft.choices[name]
        for place, name in enumerate(draft.columns)
    }


def _lines(text: str) -> list[str]:
    return [line.strip() for line in text.splitlines() if line.strip()]


def _days(text: str) -> Any:
    """A number where it is one; anything else is refused by name when the mapping is read."""
    try:
        return float(text) if text else ""
    except ValueError:
        return text


def _name_of(filename: str) -> str:
    """A name made of the file's."""
    stem = filename.removesuffix(".gz").removesuffix(".csv")
    kept = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in stem)
    return "-".join(filter(None, kept.split("-")))[:64].lower()
