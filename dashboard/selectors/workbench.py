"""What the workbench page of a rule shows beside its panels: the draft, what it was before, the check."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any

from django.db.models import Max

from dashboard.rule_form import RuleForm, laid_out
from fraud_detection.models import Rule, RuleDraft, RuleVersion
from fraud_detection.services.rulebook import newest_in_force
from fraud_detection.services.workbench.checking import Checked
from fraud_detection.services.workbench.findings import Finding

WORDS = {"cannot_be_overridden": "override", "params": "parameters"}
MOST_LINES = 6


@dataclass(frozen=True)
class Draft:
    """The text that is edited: the draft, or the version in force as long as there is none.

    `seen` is the revision a save is based on, 0 without a draft; `number` is the version it will become.
    """

    rule: Rule
    stored: RuleDraft | None
    base: RuleVersion | None
    number: int

    @property
    def definition(self) -> Mapping[str, Any]:
        if self.stored:
            return self.stored.definition
        return self.base.definition if self.base else {}

    @property
    def seen(self) -> int:
        return self.stored.revision if self.stored else 0


def draft_of(rule: Rule) -> Draft:
    stored = RuleDraft.objects.select_related("based_on").filter(rule=rule).first()
    base = stored.based_on if stored and stored.based_on else newest_in_force(rule)
    newest = rule.versions.aggregate(Max("number"))["number__max"] or 0
    return Draft(rule, stored, base, newest + 1)


def changes_since(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Where two definitions differ: lines of the condition first, then the other fields by name."""
    lines = _changed_lines(_text(before, "condition"), _text(after, "condition"))
    found = [f"line {line}" for line in lines[:MOST_LINES]]
    if len(lines) > MOST_LINES:
        found.append(f"{len(lines) - MOST_LINES} more lines")
    names = [name for name in dict.fromkeys((*after, *before)) if name != "condition"]
    changed = [name for name in names if _meant(before, name) != _meant(after, name)]
    return found + [WORDS.get(name, name) for name in changed]


def _text(definition: Mapping[str, Any], name: str) -> str:
    value = definition.get(name)
    return laid_out(value) if isinstance(value, str) else ""


def _meant(definition: Mapping[str, Any], name: str) -> Any:
    """Left out is the same as empty."""
    value = definition.get(name)
    return None if value in ("", None, False, [], {}) else value


def _changed_lines(before: str, after: str) -> list[int]:
    """Numbers of the later text's lines that are new or other; of one that is gone, where it stood."""
    old, new = before.split("\n"), after.split("\n")
    found: list[int] = []
    for tag, _, _, start, end in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if tag != "equal":
            found += range(start + 1, max(end, start + 1) + 1) if start < len(new) else [len(new)]
    return sorted(set(found))


def by_field(findings: list[Finding]) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.field, []).append(finding)
    return found


def check_context(form: RuleForm, checked: Checked, base: RuleVersion | None) -> dict[str, Any]:
    """What a check adds to the page, at first and after every pause in typing."""
    errors = [*form.faults(), *checked.errors]
    definition = form.definition()
    return {
        "errors": errors,
        "errors_of": by_field(errors),
        "warnings": checked.warnings,
        "pieces": checked.pieces,
        "base": base,
        "changed": changes_since(base.definition, definition) if base else [],
        "definition": definition,
    }
