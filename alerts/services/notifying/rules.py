"""Which rules are in force, and whom they reach."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from alerts.models import NotificationRule, QueueMember, Severity, Topic
from users.models import User
from users.roles import Role

BUILT_IN = ("in_app", "email", "notify_urls")
_PEOPLE, _ADMINS = (Role.ADMIN, Role.ANALYST), (Role.ADMIN,)
SHIPPED: tuple[dict[str, Any], ...] = (
    {
        "name": "Grave alerts to who works them",
        "topic": Topic.ALERT_CREATED,
        "min_severity": Severity.HIGH,
        "roles": list(_PEOPLE),
        "channels": ["in_app"],
    },
    {
        "name": "Critical alerts to channels",
        "topic": Topic.ALERT_CREATED,
        "min_severity": Severity.CRITICAL,
        "channels": ["notify_urls"],
    },
    {
        "name": "System alerts to admins",
        "topic": Topic.SYSTEM_ALERT,
        "min_severity": Severity.MEDIUM,
        "roles": list(_ADMINS),
        "channels": ["in_app", "email", "notify_urls"],
    },
    {
        "name": "Models that take over, to admins",
        "topic": Topic.MODEL_PROMOTED,
        "roles": list(_ADMINS),
        "channels": ["in_app"],
    },
    {
        "name": "Notices about fraud",
        "topic": Topic.NOTICE_FRAUD,
        "roles": list(_PEOPLE),
        "channels": ["in_app", "email", "notify_urls"],
    },
    {
        "name": "Notices about the system",
        "topic": Topic.NOTICE_SYSTEM,
        "roles": list(_ADMINS),
        "channels": ["in_app", "email", "notify_urls"],
    },
)


@dataclass(frozen=True)
class InForce:
    """A rule as gathering reads it."""

    name: str
    topic: str
    engine: str = ""
    min_severity: str = Severity.LOW
    min_amount_minor: int | None = None
    roles: tuple[str, ...] = ()
    user_ids: tuple[int, ...] = ()
    queue: str = ""
    channels: tuple[str, ...] = ()

    def matches(self, facts: Mapping[str, Any]) -> bool:
        """Whether an event of the rule's topic is for it."""
        if self.engine and self.engine not in facts["engines"]:
            return False
        if not facts["former_rank"] < Severity(self.min_severity).rank <= facts["rank"]:
            return False  # not grave enough, or told of already when it was less grave
        if self.min_amount_minor is not None and (facts["amount_minor"] or 0) < self.min_amount_minor:
            return False
        return not self.queue or facts["queue"] == self.queue


@dataclass
class People:
    """Active people by role, by queue, and by id."""

    by_id: dict[int, User] = field(default_factory=dict)
    by_queue: dict[str, list[int]] = field(default_factory=dict)

    def reached_by(self, rules: Iterable[InForce]) -> dict[int, set[str]]:
        """The channels by which each person hears of what these rules match."""
        reached: dict[int, set[str]] = {}
        for rule in rules:
            for user_id in self._of(rule):
                reached.setdefault(user_id, set()).update(rule.channels)
        return reached

    def _of(self, rule: InForce) -> set[int]:
        ids = {user.pk for user in self.by_id.values() if user.role in rule.roles}
        ids |= set(rule.user_ids) & set(self.by_id)
        return ids | {user for user in self.by_queue.get(rule.queue, ()) if user in self.by_id}


def rules_in_force() -> list[InForce]:
    """The stored active rules; while none is stored at all, the shipped ones."""
    stored = list(NotificationRule.objects.prefetch_related("users"))
    if not stored:
        return [InForce(**{k: tuple(v) if isinstance(v, list) else v for k, v in r.items()}) for r in SHIPPED]
    return [
        InForce(
            name=rule.name,
            topic=rule.topic,
            engine=rule.engine,
            min_severity=rule.min_severity,
            min_amount_minor=rule.min_amount_minor,
            roles=tuple(rule.roles),
            user_ids=tuple(user.pk for user in rule.users.all()),
            queue=rule.queue,
            channels=tuple(rule.channels),
        )
        for rule in stored
        if rule.active
    ]


def people() -> People:
    """Everybody who may be told."""
    found = People({user.pk: user for user in User.objects.filter(is_active=True)})
    for queue, user_id in QueueMember.objects.values_list("queue__name", "user_id"):
        found.by_queue.setdefault(queue, []).append(user_id)
    return found
