"""Snoozing a rule for one entity, and ending that early."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from fraud_detection.models import EngineState, Rule, RuleSnooze, RuleStanding
from fraud_detection.models.rulebook import RuleStage
from fraud_detection.rules.spec import SUBJECTS
from logs.services import record
from logs.services.personal import about_row
from users.models import User

LONGEST = timedelta(days=365)
FIRM = "is for what must not be overridden; it cannot be snoozed"


class SnoozeRefused(ValueError):
    """A snooze that cannot be; the message says why, `field` names what is wrong."""

    def __init__(self, message: str, field: str):
        super().__init__(message)
        self.field = field


@transaction.atomic
def snooze_rule(
    *,
    engine: str,
    rule: str,
    subject_kind: str,
    subject: str,
    reason: str,
    until: datetime,
    acting_user: User,
    request_id: str = "",
) -> RuleSnooze:
    """Let a rule keep quiet about one entity until then, 365 days at most; it is served within seconds.

    One that stands already is ended and replaced. Raises SnoozeRefused.
    """
    now = timezone.now()
    _check_rule(engine, rule)
    subject, reason = subject.strip(), reason.strip()
    _check(subject_kind, subject, reason)
    if not now < until <= now + LONGEST:
        raise SnoozeRefused("must lie in the future, at most 365 days ahead", "until")
    about = {"engine": engine, "rule": rule, "subject_kind": subject_kind, "subject": subject}
    # The rule's row is the lock: two people who snooze the same at once follow each other.
    Rule.objects.select_for_update().get(engine=engine, code=rule)
    RuleSnooze.objects.filter(**about, ended_at=None).update(ended_at=now, ended_by=acting_user.email)
    made = RuleSnooze.objects.create(
        **about, reason=reason, until=until, created_at=now, created_by=acting_user.email
    )
    _audit("rule_snooze.made", made, acting_user, request_id)
    return made


@transaction.atomic
def end_snooze(*, snooze_id: int, acting_user: User, request_id: str = "") -> RuleSnooze:
    """End a snooze before its time; repeating it changes nothing."""
    snooze = RuleSnooze.objects.select_for_update().get(pk=snooze_id)
    if snooze.ended_at is None:
        snooze.ended_at, snooze.ended_by = timezone.now(), acting_user.email
        snooze.save(update_fields=("ended_at", "ended_by"))
        _audit("rule_snooze.ended", snooze, acting_user, request_id)
    return snooze


def _check(subject_kind: str, subject: str, reason: str) -> None:
    if subject_kind not in SUBJECTS or subject_kind == "pair":
        raise SnoozeRefused(f"'{subject_kind[:40]}' is nobody a hit can be about", "subject_kind")
    if not subject or not subject.isprintable() or len(subject) > 128:
        raise SnoozeRefused("must be printable text of 1 to 128 characters", "subject")
    if not reason or not reason.replace("\n", " ").isprintable() or len(reason) > 500:
        raise SnoozeRefused("say why, in 1 to 500 printable characters", "reason")


def _check_rule(engine: str, code: str) -> None:
    """Raises SnoozeRefused for a rule that is unknown, or firm in any version that decides or may."""
    rule = Rule.objects.filter(engine=engine, code=code).first() if "\x00" not in engine + code else None
    if rule is None:
        raise SnoozeRefused(f"the engine '{engine[:40]}' has no rule '{code[:64]}'", "rule")
    if is_firm(rule):
        raise SnoozeRefused(f"{code} {FIRM}", "rule")


def is_firm(rule: Rule) -> bool:
    """Whether any version of it that decides, or may, cannot be overridden."""
    state = EngineState.objects.select_related("rule_set").filter(engine=rule.engine).first()
    deciding = state.rule_set.rule_versions.filter(rule=rule) if state else rule.versions.none()
    standing = RuleStanding.objects.filter(version__rule=rule).exclude(stage=RuleStage.RETIRED)
    definitions = [
        *deciding.values_list("definition", flat=True),
        *standing.values_list("version__definition", flat=True),
    ]
    return any(definition.get("cannot_be_overridden") for definition in definitions)


def _audit(action: str, snooze: RuleSnooze, user: User, request_id: str) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="rule_snooze",
        subject=str(snooze.pk),
        after={
            "engine": snooze.engine,
            "rule": snooze.rule,
            "subject_kind": snooze.subject_kind,
            "subject": snooze.subject,
            "reason": snooze.reason,
            "until": snooze.until.isoformat(),
        },
        request_id=request_id,
        about=about_row("rule_snooze", snooze.pk),
    )
