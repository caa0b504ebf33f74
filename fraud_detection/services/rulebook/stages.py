"""Shadow, pending, active, paused, retired: who may bring a version from one to the next.

Every change holds the engine's state row, so changes of one engine come one after the other. What it
changes about the rules in force stands in a new rule set, which each process notices within seconds.
"""

from django.db import transaction
from django.utils import timezone

from fraud_detection.models import EngineState, Rule, RuleDraft, RuleStage, RuleStanding, RuleVersion
from fraud_detection.services.rule_sets import recompose, standings_of
from fraud_detection.services.rulebook.activating import IN_FORCE, audit, locked, locked_state, told
from fraud_detection.services.rulebook.approving import check_four_eyes
from fraud_detection.services.rulebook.drafting import may
from fraud_detection.services.rulebook.errors import RuleRefused, RuleStageRefused
from fraud_detection.services.rulebook.freezing import frozen, moved
from users.models import User
from users.roles import Ability

WITHDRAWABLE = (RuleStage.SHADOW, RuleStage.PENDING)


@transaction.atomic
def start_shadow(rule: Rule, *, seen: int, acting_user: User, request_id: str = "") -> RuleStanding:
    """Freeze the draft as the next version, and let it watch every event without a say in it.

    `seen` is the draft's revision. Raises DraftConflict, and RuleRefused when it does not compile.
    """
    may(acting_user, Ability.DRAFT_RULES)
    state = locked_state(rule.engine)
    standing = frozen(state, rule, RuleStage.SHADOW, by=acting_user, seen=seen)
    recompose(state, [rule])
    audit("rule.shadowed", standing, acting_user.email, request_id, rule_set=str(state.rule_set))
    return standing


@transaction.atomic
def submit_draft(
    rule: Rule, *, seen: int, acting_user: User, note: str = "", request_id: str = ""
) -> RuleStanding:
    """Freeze the draft and ask for its approval; `seen` is the draft's revision."""
    may(acting_user, Ability.DRAFT_RULES)
    state = locked_state(rule.engine)
    standing = frozen(state, rule, RuleStage.PENDING, by=acting_user, seen=seen)
    return _submitted(state, standing, acting_user, note, request_id)


@transaction.atomic
def submit(
    version: RuleVersion, *, seen: int, acting_user: User, note: str = "", request_id: str = ""
) -> RuleStanding:
    """Ask for the approval of a version in shadow, which goes on watching; `seen` is its standing's."""
    may(acting_user, Ability.DRAFT_RULES)
    state, standing = locked(version, seen)
    _must_be(standing, "can be submitted", RuleStage.SHADOW)
    return _submitted(state, standing, acting_user, note, request_id)


@transaction.atomic
def reject(
    version: RuleVersion, *, seen: int, acting_user: User, reason: str, request_id: str = ""
) -> RuleStanding:
    """Refuse a version that awaits approval, or its effective date; its wording becomes a draft again.

    A draft that somebody began meanwhile stays; the rejected wording can be read in its version.
    """
    may(acting_user, Ability.APPROVE_RULES)
    if not reason.strip():
        raise RuleRefused(("reason", "say why, for whoever wrote it"))
    state, standing = locked(version, seen)
    _must_be(standing, "can be rejected", RuleStage.PENDING)
    moved(standing, RuleStage.RETIRED, acting_user.email, note=f"Rejected: {reason.strip()}"[:500])
    _draft_again(standing)
    recompose(state, [version.rule])
    audit("rule.rejected", standing, acting_user.email, request_id, reason=reason.strip()[:500])
    return standing


@transaction.atomic
def pause(version: RuleVersion, *, seen: int, acting_user: User, request_id: str = "") -> RuleStanding:
    """Stop a rule, with all versions that share it; `resume` brings it back as it was."""
    return _all(version, RuleStage.ACTIVE, RuleStage.PAUSED, "rule.paused", seen, acting_user, request_id)


@transaction.atomic
def resume(version: RuleVersion, *, seen: int, acting_user: User, request_id: str = "") -> RuleStanding:
    """Let a paused rule decide again, with the shares it had."""
    return _all(version, RuleStage.PAUSED, RuleStage.ACTIVE, "rule.resumed", seen, acting_user, request_id)


@transaction.atomic
def retire(
    version: RuleVersion, *, seen: int, acting_user: User, note: str = "", request_id: str = ""
) -> RuleStanding:
    """Take a version out of use for good: withdraw it from shadow or approval, or stop it deciding.

    The other version of a rollout then decides about everybody: not by the hand of whoever wrote that one.
    """
    state, standing = locked(version, seen)
    if standing.stage == RuleStage.RETIRED:
        raise RuleStageRefused(f"{version} is retired already")
    may(acting_user, Ability.DRAFT_RULES if standing.stage in WITHDRAWABLE else Ability.APPROVE_RULES)
    decided = standing.stage in IN_FORCE
    moved(standing, RuleStage.RETIRED, acting_user.email, note=note[:500], rollout=100)
    for other in standings_of(version.rule) if decided else ():
        if other.stage in IN_FORCE and other.rollout < 100:
            check_four_eyes(other, acting_user)
            moved(other, other.stage, acting_user.email, rollout=100)
    recompose(state, [version.rule])
    audit("rule.retired", standing, acting_user.email, request_id, note=note[:500])
    return standing


def _submitted(
    state: EngineState, standing: RuleStanding, by: User, note: str, request_id: str
) -> RuleStanding:
    said = {"submitted_by": by.email, "submitted_at": timezone.now(), "note": note[:500]}
    moved(standing, RuleStage.PENDING, by.email, **said)
    recompose(state, [standing.version.rule])
    audit("rule.submitted", standing, by.email, request_id, note=note[:500])
    return standing


def _all(
    version: RuleVersion, here: str, there: str, action: str, seen: int, by: User, request_id: str
) -> RuleStanding:
    may(by, Ability.APPROVE_RULES)
    state, standing = locked(version, seen)
    _must_be(standing, "can be " + action.partition(".")[2], here)
    for one in standings_of(version.rule):
        if one.stage == here:
            moved(one, there, by.email)
    standing.refresh_from_db()
    recompose(state, [version.rule])
    if there == RuleStage.ACTIVE:
        told(state, standing, by.email)
    audit(action, standing, by.email, request_id, rule_set=str(state.rule_set))
    return standing


def _draft_again(standing: RuleStanding) -> None:
    version = standing.version
    rule = Rule.objects.select_for_update(no_key=True).get(pk=version.rule_id)
    if RuleDraft.objects.filter(rule=rule).exists():
        return
    rule.draft_revision += 1
    rule.save(update_fields=("draft_revision",))
    RuleDraft.objects.create(
        rule=rule,
        based_on=version,
        definition=version.definition,
        author=version.author,
        saved_by=version.author,
        writers=standing.writers,
        revision=rule.draft_revision,
        saves=[],
    )


def _must_be(standing: RuleStanding, what: str, *stages: str) -> None:
    if standing.stage not in stages:
        wanted = " or ".join(RuleStage(stage).label.lower() for stage in stages)
        raise RuleStageRefused(
            f"{standing.version} is {standing.get_stage_display().lower()}; only what is {wanted} {what}"
        )
