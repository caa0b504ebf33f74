"""The rules of one backtest, compiled: the wording in question, its active version, other active rules."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils import timezone

from fraud_detection.engines.engine import Engine
from fraud_detection.models import EngineState, Rule, RuleDraft, RuleVersion
from fraud_detection.rules.compiled import CompiledRule, compile_rule
from fraud_detection.rules.language.tree import Constant
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.rules.vocabulary import Vocabulary
from fraud_detection.services.custom_lists import custom_lists


@dataclass(frozen=True)
class Wordings:
    """`active` is None when no version of the rule is in force; `broken` are codes that no longer hold."""

    vocabulary: Vocabulary
    draft: CompiledRule
    active: CompiledRule | None
    active_version: RuleVersion | None
    others: tuple[CompiledRule, ...]
    broken: tuple[str, ...]

    @property
    def rules(self) -> tuple[CompiledRule, ...]:
        return (self.draft, *((self.active,) if self.active else ()), *self.others)


def wordings_of(engine: Engine, definition: Mapping[str, Any]) -> Wordings:
    """Compile a definition beside what is in force; lists as they stand now.

    Raises RuleSyntaxError or ValueError when the definition does not hold.
    """
    vocabulary = Vocabulary.of(engine.feature_set, engine.context)
    lists = custom_lists(timezone.now())
    draft = compile_rule(RuleSpec.from_data(definition), vocabulary, lists)
    active, active_version, others, broken = None, None, [], []
    for version in active_versions(engine.name):
        try:
            rule = compile_rule(RuleSpec.from_data(version.definition), vocabulary, lists)
        except (ValueError, TypeError):
            broken.append(version.rule.code)
            continue
        if version.rule.code == draft.spec.code:
            active, active_version = rule, version
        else:
            others.append(rule)
    return Wordings(vocabulary, draft, active, active_version, tuple(others), tuple(broken))


@dataclass(frozen=True)
class Wording:
    """A definition and when it was saved, if it was."""

    definition: Mapping[str, Any]
    saved_at: datetime | None = None


class NoSuchWording(LookupError):
    """A rule has no draft, or nothing in force."""


def wording_of(rule: Rule, which: str) -> Wording:
    """The draft of a rule, or what is in force of it; raises NoSuchWording."""
    if which == "draft":
        draft = RuleDraft.objects.filter(rule=rule).first()
        if draft is None:
            raise NoSuchWording(f"{rule.code} has no draft; backtest its active version, or begin a draft")
        return Wording(draft.definition, draft.saved_at)
    for version in active_versions(rule.engine):
        if version.rule_id == rule.pk:
            return Wording(version.definition, version.created_at)
    raise NoSuchWording(f"no version of {rule.code} is active; backtest its draft")


def definition_in_force(rule: Rule) -> Mapping[str, Any] | None:
    """The wording of a rule that decides now; None when none does."""
    found = (version for version in active_versions(rule.engine) if version.rule_id == rule.pk)
    version = next(found, None)
    return version.definition if version else None


def active_versions(engine: str) -> list[RuleVersion]:
    """What decides now, one version a rule in the order of code: while a newer takes over, the newer one."""
    state = EngineState.objects.filter(engine=engine).select_related("rule_set").first()
    if state is None:
        return []
    versions = state.rule_set.rule_versions.select_related("rule").order_by("rule__code", "number")
    return list({version.rule_id: version for version in versions}.values())


def subject_kind(rule: CompiledRule) -> str:
    """Whom its alerts are counted by; an expression that chooses is taken as the customer."""
    return rule.subject.value if isinstance(rule.subject, Constant) else "customer"
