"""Messages counted by the rules that match them: a storm of thousands is a handful of tallies."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Sum

from alerts.models import Alert, Case, OutboxMessage, Severity, Topic
from alerts.services.notifying.rules import InForce

Tally = dict[str, Any]  # {"count": 3, "severities": {"high": 3}, "first": {...}}
USUAL = {
    Topic.ALERT_CREATED: Severity.LOW,
    Topic.CASE_MENTION: Severity.MEDIUM,
    Topic.REPORT_DUE: Severity.HIGH,
}
KEPT = (
    *("alert_id", "case_id", "engine", "family", "rule", "reason", "subject", "title", "message", "model"),
    *("by", "kind", "severity", "state", "due_on"),
)


def facts_of(messages: Sequence[OutboxMessage], rules: Sequence[InForce]) -> list[dict[str, Any]]:
    """What rules look at, for each message; what a payload does not say is looked up when a rule asks."""
    asked = {rule.topic for rule in rules if rule.queue or rule.min_amount_minor is not None}
    alerts = _of_alerts(_ids(messages, "alert_id", asked))
    asked |= {rule.topic for rule in rules if rule.engine}
    cases = _of_cases(_ids(messages, "case_id", asked))
    found = []
    for message in messages:
        stored = alerts.get(message.payload.get("alert_id")) or cases.get(message.payload.get("case_id"))
        found.append(_facts(message, stored or _Stored()))
    return found


@dataclass(frozen=True)
class _Stored:
    """What rules ask that stands in the alert or case alone."""

    engines: tuple[str, ...] = ()
    queue: str = ""
    amount_minor: int | None = None


def _ids(messages: Sequence[OutboxMessage], name: str, topics: set[str]) -> list[int]:
    found = {message.payload.get(name) for message in messages if message.topic in topics}
    return [pk for pk in found if isinstance(pk, int)]


def _of_alerts(ids: list[int]) -> dict[int, _Stored]:
    found = Alert.objects.filter(pk__in=ids).values_list("pk", "queue__name", "amount_minor") if ids else ()
    return {pk: _Stored(queue=queue or "", amount_minor=amount) for pk, queue, amount in found}


def _of_cases(ids: list[int]) -> dict[int, _Stored]:
    """The amount at stake in a case is that of its alerts."""
    found = Case.objects.filter(pk__in=ids).annotate(amount=Sum("memberships__alert__amount_minor"))
    rows = found.order_by().values_list("pk", "engines", "amount") if ids else ()
    return {pk: _Stored(engines=tuple(engines), amount_minor=amount) for pk, engines, amount in rows}


def _facts(message: OutboxMessage, stored: _Stored) -> dict[str, Any]:
    payload = message.payload
    severity = payload.get("severity") or payload.get("priority")
    if severity not in Severity.values:
        severity = USUAL.get(message.topic, Severity.LOW)
    return {
        "engines": (payload["engine"],) if payload.get("engine") else stored.engines,
        "severity": str(severity),
        "rank": Severity(severity).rank,
        "queue": payload.get("queue") or stored.queue,
        "amount_minor": payload.get("amount_minor", stored.amount_minor),
        "former_rank": Severity(payload["former_severity"]).rank if "former_severity" in payload else -1,
    }


def tallies(
    messages: Sequence[OutboxMessage], rules: Sequence[InForce]
) -> dict[tuple[str, tuple[InForce, ...]], Tally]:
    """By topic and the rules that match: how many, how grave, and the first."""
    by_topic: dict[str, list[InForce]] = defaultdict(list)
    for rule in rules:
        by_topic[rule.topic].append(rule)
    found: dict[tuple[str, tuple[InForce, ...]], Tally] = {}
    for message, facts in zip(messages, facts_of(messages, rules), strict=True):
        matching = tuple(rule for rule in by_topic.get(message.topic, ()) if rule.matches(facts))
        if matching:
            tally = found.setdefault((message.topic, matching), new_tally(message.payload, facts["severity"]))
            add(tally, {"count": 1, "severities": {facts["severity"]: 1}})
    return found


def new_tally(payload: Mapping[str, Any], severity: str) -> Tally:
    """An empty tally that remembers the first of what it will count."""
    first = {name: payload[name] for name in KEPT if isinstance(payload.get(name), (str, int))}
    first = {name: value[:300] if isinstance(value, str) else value for name, value in first.items()}
    return {"count": 0, "severities": {}, "first": {**first, "severity": severity}}


def add(tally: Tally, more: Mapping[str, Any]) -> None:
    """Count what another tally counted."""
    tally["count"] += more["count"]
    for severity, count in more["severities"].items():
        tally["severities"][severity] = tally["severities"].get(severity, 0) + count


def merged(one: Mapping[str, Tally], more: Mapping[str, Tally]) -> dict[str, Tally]:
    """Two tallies by topic as one; the first of the first stays the first."""
    result = {topic: {**tally, "severities": dict(tally["severities"])} for topic, tally in one.items()}
    for topic, tally in more.items():
        if topic in result:
            add(result[topic], tally)
        else:
            result[topic] = {**tally, "severities": dict(tally["severities"])}
    return result


def gravest(tally: Iterable[Tally]) -> str:
    """The gravest severity counted."""
    found = [severity for one in tally for severity, count in one["severities"].items() if count]
    return max(found, key=lambda severity: Severity(severity).rank, default=str(Severity.LOW))


def total(tally: Mapping[str, Tally]) -> int:
    return sum(one["count"] for one in tally.values())
