"""Two wordings of a rule side by side: field by field, texts line by line."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

KEPT, GONE, NEW = " ", "-", "+"


@dataclass(frozen=True)
class FieldDiff:
    """A field that differs. `lines` are (mark, text): kept " ", gone "-", new "+"."""

    field: str
    before: Any
    after: Any
    lines: tuple[tuple[str, str], ...]


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[FieldDiff]:
    """The fields that differ between two definitions, in the order of the later one."""
    names = [*after, *(name for name in before if name not in after)]
    return [
        FieldDiff(name, before.get(name), after.get(name), _lines(before.get(name), after.get(name)))
        for name in names
        if before.get(name) != after.get(name)
    ]


def _lines(before: Any, after: Any) -> tuple[tuple[str, str], ...]:
    old, new = _text(before), _text(after)
    found: list[tuple[str, str]] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag == "equal":
            found += [(KEPT, line) for line in old[i1:i2]]
        else:
            found += [(GONE, line) for line in old[i1:i2]] + [(NEW, line) for line in new[j1:j2]]
    return tuple(found)


def _text(value: Any) -> list[str]:
    """A text by lines; parameters one a line; anything else as JSON."""
    if value is None:
        return []
    if isinstance(value, str):
        return value.split("\n")
    if isinstance(value, dict):
        return [f"{name}: {json.dumps(inner, ensure_ascii=False)}" for name, inner in sorted(value.items())]
    if isinstance(value, list):
        return [one if isinstance(one, str) else json.dumps(one, ensure_ascii=False) for one in value]
    return [json.dumps(value)]
