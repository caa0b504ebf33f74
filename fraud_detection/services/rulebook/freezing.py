"""From a draft, or an older wording, to the next immutable version of a rule."""

from typing import Any

from django.db.models import Max
from django.utils import timezone

from fraud_detection.models import EngineState, Rule, RuleDraft, RuleStage, RuleStanding, RuleVersion
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.engine_setup import definition_digest
from fraud_detection.services.rule_sets import WATCHING, standings_of
from fraud_detection.services.rulebook.definitions import check_holds
from fraud_detection.services.rulebook.errors import DraftConflict, RuleRefused, RuleStageRefused
from users.models import User


def frozen(state: EngineState, rule: Rule, stage: str, *, by: User, seen: int) -> RuleStanding:
    """The draft as the next version, which compiles; the draft is gone then. The state row is held.

    Of a rule one version watches at most: one in shadow is retired, one that awaits approval is in the way.
    """
    rule = Rule.objects.select_for_update(no_key=True).get(pk=rule.pk)
    draft = RuleDraft.objects.filter(rule=rule).first()
    if draft is None or draft.revision != seen:
        raise DraftConflict(draft, seen)
    spec = check_holds(rule, draft.definition)
    newest = rule.versions.order_by("-number").first()
    if newest and newest.definition == spec.as_data() and _in_use(newest):
        raise RuleRefused(("definition", f"says the same as {newest}; there is nothing new to try"))
    make_room(rule, by)
    standing = next_version(rule, spec, stage, author=draft.saved_by, writers=[*draft.writers, draft.author])
    draft.delete()
    return standing


def make_room(rule: Rule, by: User) -> None:
    """Retire the version in shadow; raises RuleStageRefused for one that awaits approval."""
    for standing in standings_of(rule):
        if standing.stage == RuleStage.PENDING:
            raise RuleStageRefused(f"{standing.version} awaits approval: reject or withdraw it first")
        if standing.stage in WATCHING:
            moved(standing, RuleStage.RETIRED, by.email, note="A newer version took its place in shadow.")


def next_version(
    rule: Rule, spec: RuleSpec, stage: str, *, author: str, writers: list[str], **standing: Any
) -> RuleStanding:
    """The next version of a rule, with its standing."""
    last = rule.versions.aggregate(last=Max("number"))["last"] or 0
    definition = spec.as_data()
    version = RuleVersion.objects.create(
        rule=rule,
        number=last + 1,
        definition=definition,
        digest=definition_digest(definition),
        author=author,
    )
    people = [*dict.fromkeys(filter(None, writers))]
    return RuleStanding.objects.create(
        version=version, stage=stage, writers=people, changed_by=author, **standing
    )


def moved(standing: RuleStanding, stage: str, by: str, **changes: Any) -> RuleStanding:
    """Change a standing; whoever looked before will notice by its revision."""
    standing.stage, standing.changed_at, standing.changed_by = stage, timezone.now(), by
    standing.revision += 1
    for name, value in changes.items():
        setattr(standing, name, value)
    standing.save()
    return standing


def _in_use(version: RuleVersion) -> bool:
    return version.standing.stage != RuleStage.RETIRED
