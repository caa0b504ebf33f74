"""Checks a rule while it is written: everything wrong with it at once, what is odd, and what it says."""

import re
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from fraud_detection.engines.registry import Engine
from fraud_detection.models import CustomList, Rule
from fraud_detection.rules.compiled import Lists, compile_rule
from fraud_detection.rules.language.tree import NamedList, Node, Parameter, Variable, walk
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.workbench.english import Piece, in_english, joined
from fraud_detection.services.workbench.experience import experience
from fraud_detection.services.workbench.findings import Finding
from fraud_detection.services.workbench.likeness import like_rules
from fraud_detection.services.workbench.parameters import parameter_units
from fraud_detection.services.workbench.reading import Reading, cleaned, read_definition
from fraud_detection.services.workbench.sample import newest_decisions
from fraud_detection.services.workbench.suspicions import suspicions

MOST_FINDINGS = 50
_UNKNOWN = re.compile(r"unknown name '(\w+)'$")


@dataclass(frozen=True)
class Checked:
    """What is known of a definition.

    errors    it cannot be submitted with them; a draft may hold them
    warnings  it can, but is it meant?
    english   the sentence; `pieces` is the same in parts, so that what is not understood can be marked
    names     what its expressions read: features, parameters, lists
    units     of the parameters, by what they are compared with
    """

    errors: tuple[Finding, ...]
    warnings: tuple[Finding, ...]
    english: str
    names: dict[str, list[str]]
    pieces: tuple[Piece, ...] = field(default=(), repr=False)
    units: dict[str, str] = field(default_factory=dict)

    @property
    def is_sound(self) -> bool:
        return not self.errors

    def as_data(self) -> dict[str, Any]:
        return {
            "errors": [finding.as_data() for finding in self.errors],
            "warnings": [finding.as_data() for finding in self.warnings],
            "english": self.english,
            "names": self.names,
        }


def check_definition(engine: str, definition: object, *, rule: Rule | None = None) -> Checked:
    """Check the definition of a rule as JSON data; never raises for what people wrote.

    `rule` is the one being edited: it is no duplicate of itself. KeyError for an unknown engine.
    """
    used = engine_in_use(engine)
    lists = custom_lists(timezone.now())
    vocabulary = Vocabulary.of(used.feature_set, used.context)
    reading = read_definition(definition, vocabulary, lists)
    pieces = in_english(reading, used, lists)
    warnings = suspicions(reading, lists, vocabulary.units)
    warnings += _from_decisions(reading, used, vocabulary, lists, rule)
    return Checked(
        errors=tuple(_deleted_lists_told(reading.errors[:MOST_FINDINGS])),
        warnings=tuple(_once(warnings)[:MOST_FINDINGS]),
        english=joined(pieces),
        names=_names(reading),
        pieces=tuple(pieces),
        units=parameter_units(reading.trees.values(), vocabulary.units),
    )


def _from_decisions(
    reading: Reading, engine: Engine, vocabulary: Vocabulary, lists: Lists, rule: Rule | None
) -> list[Finding]:
    """What stored decisions and the rules in force say."""
    if "condition" not in reading.trees:
        return []
    sample = newest_decisions(engine.name)
    found = experience(reading, lists, sample, vocabulary.kinds, vocabulary.units)
    if not reading.errors:
        made = compile_rule(RuleSpec.from_data(cleaned(reading.definition)), vocabulary, lists)
        found += like_rules(made, engine, lists, sample, rule)
    return found


def _deleted_lists_told(errors: list[Finding]) -> list[Finding]:
    """An unknown name that was a list is told as such: its rules stop working when a list goes."""
    names = {finding: found[1] for finding in errors if (found := _UNKNOWN.match(finding.message))}
    gone = dict(
        CustomList.objects.filter(name__in=set(names.values()), removed_at__isnull=False).values_list(
            "name", "removed_at"
        )
    )
    return [
        replace(
            finding,
            message=f"the list '{names[finding]}' was deleted on {gone[names[finding]]:%d %b %Y}",
            suggestion="",
            code="deleted_list",
        )
        if names.get(finding) in gone
        else finding
        for finding in errors
    ]


def _once(findings: list[Finding]) -> list[Finding]:
    return list(dict.fromkeys(findings))


def _names(reading: Reading) -> dict[str, list[str]]:
    nodes: list[Node] = [node for tree in reading.trees.values() for node in walk(tree)]
    variables = [getattr(node, "variable", node) for node in nodes]
    kinds = {"features": Variable, "parameters": Parameter, "lists": NamedList}
    return {
        what: sorted({node.name for node in variables if isinstance(node, kind)})
        for what, kind in kinds.items()
    }
