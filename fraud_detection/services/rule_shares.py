"""Rules of which two versions decide, each about its share of the entities."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import blake2b
from typing import Any, Protocol

from fraud_detection.rules.ruleset import RuleOutcomes, RuleSet

STEPS = 10_000  # a hundredth of a percent


@dataclass(frozen=True)
class Part:
    """A version of a rule, compiled alone, for the entities from `begins` until `ends` percent."""

    rules: RuleSet
    number: int
    begins: float
    ends: float


@dataclass(frozen=True)
class SharedRule:
    code: str
    parts: tuple[Part, ...]

    def part_of(self, entity: str) -> Part | None:
        """The version that decides about this entity; None where the rule does not reach it."""
        place = place_of(self.code, entity)
        return next((part for part in self.parts if part.begins <= place < part.ends), None)


class Deciding(Protocol):
    """What is read of serving.Serving."""

    rule_set: RuleSet
    rule_numbers: Mapping[str, int]
    shared: tuple[SharedRule, ...]


def place_of(code: str, entity: str) -> float:
    """Where an entity stands for a rule, in percent from 0 to below 100: always the same for the two.

    Salted by the rule, so that the rules of two rollouts do not try themselves on the same people.
    """
    digest = blake2b(entity.encode(), salt=blake2b(code.encode(), digest_size=16).digest(), digest_size=8)
    return int.from_bytes(digest.digest(), "big") % STEPS * 100 / STEPS


def outcomes_of(state: Deciding, values: Any, entity: str) -> tuple[RuleOutcomes, Mapping[str, int]]:
    """What the rules say of an event of this entity, and the version of each that was asked."""
    outcomes = state.rule_set.evaluate(values)
    if not state.shared:
        return outcomes, state.rule_numbers
    numbers = dict(state.rule_numbers)
    for rule in state.shared:
        part = rule.part_of(entity)
        if part is not None:
            numbers[rule.code] = part.number
            outcomes = _joined(outcomes, part.rules.evaluate(values))
    hits = sorted(outcomes.hits, key=lambda hit: hit.rule.code)  # as if they were compiled together
    return replace(outcomes, hits=tuple(hits)), numbers


def _joined(one: RuleOutcomes, other: RuleOutcomes) -> RuleOutcomes:
    return RuleOutcomes(
        one.hits + other.hits,
        tuple(sorted(one.not_evaluable + other.not_evaluable)),
        tuple(sorted(one.insufficient + other.insufficient)),
        one.failed + other.failed,
    )
