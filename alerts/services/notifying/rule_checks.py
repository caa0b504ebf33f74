"""What a notification rule cannot be: above all one that could never tell anybody anything."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from alerts.models import NotificationChannel, Queue, Severity, Topic
from alerts.services.notifying.gathering import NAMED
from alerts.services.notifying.rules import BUILT_IN
from users.roles import Role

UNFIT = re.compile("[\x00-\x1f\ud800-\udfff]")
LARGEST_AMOUNT = 10**17
SOURCES = ("system", "webhooks", "notifications")  # of system alerts, beside the engines
_ALERTS = {Topic.ALERT_CREATED, Topic.ALERT_RESOLVED}
_CASES = {Topic.CASE_CREATED, Topic.CASE_UPDATED, Topic.CASE_CLOSED}
_NOTICES = {Topic.NOTICE_FRAUD, Topic.NOTICE_SYSTEM}
SAID_OF = {  # conditions, and the topics whose events say what they ask
    "engine": set(Topic) - _NOTICES,
    "min_severity": {*_ALERTS, *_CASES, *_NOTICES, Topic.SYSTEM_ALERT},
    "min_amount_minor": _ALERTS | _CASES,
    "queue": _ALERTS,
}


class RuleRefused(ValueError):
    """Values a notification rule cannot have; `field` names which."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


def check_rule(values: Mapping[str, Any]) -> None:
    """Raises RuleRefused. `values` are all of a rule's, with people in `users` in any form."""
    name = values["name"]
    if not name.strip() or len(name) > 100 or UNFIT.search(name):
        raise RuleRefused("name", "must have 1 to 100 characters, without control characters")
    _among("topic", [values["topic"]], [topic for topic in Topic.values if topic not in NAMED])
    _among("min_severity", [values.get("min_severity", "low")], Severity.values)
    _among("roles", values.get("roles", ()), Role.values)
    engine = values.get("engine", "")
    if len(engine) > 16 or UNFIT.search(engine):
        raise RuleRefused("engine", "is no engine")
    if not 0 <= (values.get("min_amount_minor") or 0) <= LARGEST_AMOUNT:
        raise RuleRefused("min_amount_minor", "must lie between 0 and 10^17")
    queue = values.get("queue", "")
    if queue and not Queue.objects.filter(name=queue).exists():
        raise RuleRefused("queue", f"there is no queue named {queue[:64]!r}")
    _check_conditions(values)
    _check_ways(values)


def _check_conditions(values: Mapping[str, Any]) -> None:
    """A condition on what events of the topic do not say would keep the rule silent for ever."""
    for field, topics in SAID_OF.items():
        given = values.get(field) or ""
        if given and given != Severity.LOW and values["topic"] not in topics:
            raise RuleRefused(field, f"events of {values['topic']} have none; leave it out")


def _check_ways(values: Mapping[str, Any]) -> None:
    channels, owners = values["channels"], dict(NotificationChannel.objects.values_list("pk", "owner_id"))
    known = [*BUILT_IN, *(f"channel:{pk}" for pk in owners)]
    if not channels:
        raise RuleRefused("channels", f"name one at least; there are {', '.join(known)}")
    _among("channels", channels, known)
    shared = {"notify_urls", *(f"channel:{pk}" for pk, owner in owners.items() if owner is None)}
    if not shared & set(channels) and not any(values.get(who) for who in ("roles", "users", "queue")):
        raise RuleRefused("roles", "it would reach nobody: name roles, people or a queue")


def _among(field: str, given: Sequence[str], known: Sequence[str]) -> None:
    wrong = [one for one in given if one not in known]
    if wrong:
        raise RuleRefused(field, f"{str(wrong[0])[:40]!r} is none of {', '.join(known)}")
