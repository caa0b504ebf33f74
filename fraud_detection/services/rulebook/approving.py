"""What needs a second pair of eyes: approval, the share of a rollout, and the way back."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from fraud_detection.models import EngineState, RuleSet, RuleStage, RuleStanding, RuleVersion
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.rule_sets import recompose, standings_of
from fraud_detection.services.rulebook.activating import (
    IN_FORCE,
    activate,
    audit,
    check_room,
    locked,
    told,
)
from fraud_detection.services.rulebook.definitions import check_holds
from fraud_detection.services.rulebook.drafting import may
from fraud_detection.services.rulebook.errors import RuleFourEyesRefused, RuleRefused, RuleStageRefused
from fraud_detection.services.rulebook.freezing import moved, next_version
from users.models import User
from users.roles import Ability


@transaction.atomic
def approve(
    version: RuleVersion,
    *,
    seen: int,
    acting_user: User,
    effective_at: datetime | None = None,
    rollout: int = 100,
    request_id: str = "",
) -> RuleStanding:
    """Let a version decide, about `rollout` percent of the entities, at once or from `effective_at` on.

    Not by anybody who wrote or submitted it: RuleFourEyesRefused. Nothing changes after a refusal.
    """
    may(acting_user, Ability.APPROVE_RULES)
    state, standing = locked(version, seen)
    if standing.stage != RuleStage.PENDING or standing.approved_at:
        raise RuleStageRefused(f"{version} awaits no approval")
    check_four_eyes(standing, acting_user)
    _check_share(rollout)
    if effective_at and effective_at <= timezone.now():
        raise RuleRefused(("effective_at", "must lie in the future; leave it out to activate at once"))
    check_holds(version.rule, version.definition)
    standing.approved_by, standing.approved_at = acting_user.email, timezone.now()
    standing.rollout, standing.effective_at = rollout, effective_at
    check_room(standing, [one for one in standings_of(version.rule) if one.stage in IN_FORCE])
    if effective_at is None:
        activate(state, standing, by=acting_user.email, request_id=request_id)
        return standing
    moved(standing, RuleStage.PENDING, acting_user.email)
    said = {"effective_at": effective_at.isoformat(), "share": rollout}
    audit("rule.scheduled", standing, acting_user.email, request_id, **said)
    return standing


@transaction.atomic
def set_rollout(
    version: RuleVersion, *, seen: int, acting_user: User, percent: int, request_id: str = ""
) -> RuleStanding:
    """Change the share of the entities a newer version decides about; 100 retires the older one.

    Who wrote it may narrow the share, not widen it.
    """
    may(acting_user, Ability.APPROVE_RULES)
    _check_share(percent)
    state, standing = locked(version, seen)
    if standing.stage != RuleStage.ACTIVE or standing.rollout == 100:
        raise RuleStageRefused(f"{version} is not being rolled out")
    if percent > standing.rollout:
        check_four_eyes(standing, acting_user)
    before = standing.rollout
    moved(standing, RuleStage.ACTIVE, acting_user.email, rollout=percent)
    if percent == 100:
        for other in standings_of(version.rule):
            if other.stage == RuleStage.ACTIVE and other.pk != standing.pk:
                moved(other, RuleStage.RETIRED, acting_user.email, note=f"{version} took its place.")
    recompose(state, [version.rule])
    told(state, standing, acting_user.email)
    audit("rule.rolled_out", standing, acting_user.email, request_id, before=before, share=percent)
    return standing


@transaction.atomic
def roll_back(
    current: RuleVersion, *, to: RuleVersion, seen: int, acting_user: User, request_id: str = ""
) -> RuleStanding:
    """Put an older wording in force again at once, as a new version, in place of `current`.

    It was in force once, so somebody who approves rules does this alone; but not one who wrote that
    wording themselves, unless somebody else's approval of it for everybody is on record. `seen` is
    current's standing's.
    """
    may(acting_user, Ability.APPROVE_RULES)
    state, standing = locked(current, seen)
    older = RuleStanding.objects.select_related("version__rule").filter(version=to).first()
    if older is None or to.rule_id != current.rule_id:
        raise RuleStageRefused(f"{to} is no version of this rule")
    if standing.stage not in IN_FORCE:
        raise RuleStageRefused(f"{current} is not in force: there is nothing to roll back")
    if not RuleSet.objects.filter(rule_versions=to).exists():
        raise RuleStageRefused(f"{to} was never in force: submit its wording for approval instead")
    if to.pk == current.pk or to.definition == current.definition:
        raise RuleStageRefused(f"{to} says the same as {current}")
    approved_by_other = older.approved_by and not _same(older.approved_by, acting_user.email)
    if not approved_by_other or not _decided_about_all(to):
        check_four_eyes(older, acting_user)
    spec = RuleSpec.from_data(to.definition)
    check_holds(to.rule, to.definition)
    return _brought_back(state, older, spec, acting_user, request_id)


def check_four_eyes(standing: RuleStanding, person: User) -> None:
    """Raises RuleFourEyesRefused for everybody who had a hand in the wording or asked for its approval."""
    version = standing.version
    parts = {"wrote": [version.author, *standing.writers], "submitted": [standing.submitted_by]}
    for did, people in parts.items():
        if any(_same(one, person.email) for one in people):
            raise RuleFourEyesRefused(f"You {did} {version}: somebody else must approve it")


def _brought_back(
    state: EngineState, older: RuleStanding, spec: RuleSpec, by: User, request_id: str
) -> RuleStanding:
    rule = older.version.rule
    new = next_version(
        rule,
        spec,
        RuleStage.PENDING,
        author=by.email,
        writers=older.writers,
        approved_by=older.approved_by or by.email,
        approved_at=timezone.now(),
        note=f"Rolled back to version {older.version.number}.",
    )
    activate(state, new, by=by.email, request_id=request_id)
    audit("rule.rolled_back", new, by.email, request_id, to=older.version.number)
    return new


def _decided_about_all(version: RuleVersion) -> bool:
    """Whether it was ever in force without sharing its rule: a share is approved for no more than that."""
    holding = RuleSet.objects.filter(rule_versions=version)
    return holding.exclude(shares__has_key=str(version.pk)).exists()


def _check_share(percent: int) -> None:
    if not 1 <= percent <= 100:
        raise RuleRefused(("rollout", "must be a whole percentage from 1 to 100"))


def _same(one: str, other: str) -> bool:
    """Addresses differ in more than their case."""
    return bool(one) and one.casefold() == other.casefold()
