"""What a file would change about the rules in force, field by field."""

from dataclasses import dataclass
from typing import Any, NamedTuple

from fraud_detection.models import CustomList
from fraud_detection.services.rule_packs.exporting import versions_in_force
from fraud_detection.services.rule_packs.pack import FIELDS, Pack, normal

ADDED, CHANGED, MISSING = "added", "changed", "missing"


class FieldChange(NamedTuple):
    """A field, a parameter by itself; None where it has no value."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Difference:
    """A rule or list that a file adds or words anew; missing: in force, but not in a complete file."""

    what: str
    subject: str  # a rule's code, or "list NAME"
    line: int = 0
    changes: tuple[FieldChange, ...] = ()


def differences(pack: Pack) -> list[Difference]:
    """In the order of the file; empty when it says what is in force. Raises EngineNotInstalled."""
    in_force = versions_in_force(pack.engine)
    known = set(CustomList.objects.filter(removed_at=None).values_list("name", flat=True))
    found = [
        Difference(ADDED, f"list {each.name}", each.line) for each in pack.lists if each.name not in known
    ]
    for rule in pack.rules:
        version = in_force.get(rule.code)
        before = normal(version.definition) if version else {}
        changes = changes_between(before, normal(rule.definition))
        if changes:
            found.append(Difference(CHANGED if version else ADDED, rule.code, rule.line, changes))
    if pack.complete:
        left = sorted(in_force.keys() - {rule.code for rule in pack.rules})
        found += [Difference(MISSING, code) for code in left]
    return found


def changes_between(before: dict[str, Any], after: dict[str, Any]) -> tuple[FieldChange, ...]:
    """Both in normal form; a definition that was not there is empty."""
    found = []
    for name in FIELDS:
        was, is_now = before.get(name), after.get(name)
        if name == "params":
            was, is_now = was or {}, is_now or {}
            names = dict.fromkeys((*was, *is_now))
            found += [
                FieldChange(f"params.{key}", was.get(key), is_now.get(key))
                for key in names
                if not same(was.get(key), is_now.get(key))
            ]
        elif not same(was, is_now) and not (not before and is_now in (None, False, [])):
            found.append(FieldChange(name, was, is_now))
    return tuple(found)


def same(one: Any, other: Any) -> bool:
    """Equal and of one kind: true is not 1; 5 and 5.0 are one number."""
    return one == other and isinstance(one, bool) == isinstance(other, bool)
