"""One alert with everything an analyst needs for a verdict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Max, QuerySet, Sum

from alerts.models import Alert
from dashboard.selectors import alerts
from dashboard.selectors.engine_events import stored_event
from dashboard.selectors.precision import Share, share
from fraud_detection.models import Assessment, Decision, PolicyVersion, RuleHit
from transactions.models import Transaction
from users.models import Customer

EVENTS = 50
MODEL_CODE = "M_"  # what the codes of the model's own reasons begin with
TIMELINE_DAYS = 90
TIMELINE_LIMIT = 500
SIMILAR_DAYS = 180


@dataclass(frozen=True)
class Event:
    """One decision in the alert with the hits that brought it there."""

    assessment: Assessment
    rules: list[str]

    @property
    def transaction(self) -> Transaction | None:
        return self.assessment.transaction

    @property
    def stored(self) -> Any:
        """What was decided about: a transaction, or the engine's own kind of event."""
        return self.transaction or stored_event(self.assessment)


@dataclass(frozen=True)
class Reason:
    """A sentence with its values, what it added, and the rule that says so (none: the model)."""

    text: str
    code: str
    contribution: float | None
    hit: RuleHit | None

    @property
    def is_model(self) -> bool:
        return self.hit is None and self.code.startswith(MODEL_CODE)


def events_of(alert: Alert) -> list[Event]:
    """The newest events of the alert, newest first."""
    hits = alert.hits.select_related("assessment__transaction", "assessment__customer").order_by("-id")
    found: dict[int, Event] = {}
    for hit in hits[: 4 * EVENTS]:
        event = found.setdefault(hit.assessment_id, Event(hit.assessment, []))
        event.rules.append(hit.rule)
    return list(found.values())[:EVENTS]


def sums_of(alert: Alert) -> list[dict]:
    """[{decision, n, amount}] over all events of the alert, gravest decision first."""
    ids = alert.hits.order_by().values("assessment")
    rows = (
        Assessment.objects.filter(pk__in=ids)
        .order_by()
        .values("decision")
        .annotate(n=Count("id"), amount=Sum("amount_minor"))
    )
    return sorted(rows, key=lambda row: Decision.values.index(row["decision"]), reverse=True)


def last_event_at(alert: Alert) -> datetime | None:
    """When the customer's newest payment in the alert happened, which may be long before it was decided."""
    own = alert.hits.filter(assessment__customer=alert.customer_id)
    return own.aggregate(at=Max("assessment__transaction__occurred_at"))["at"]


def in_alert(alert: Alert, events: Sequence[Transaction]) -> set[int]:
    """Ids of those events that the alert holds."""
    ids = [event.pk for event in events]
    return set(
        alert.hits.order_by()
        .filter(assessment__transaction__in=ids)
        .values_list("assessment__transaction_id", flat=True)
    )


def has_others(alert: Alert) -> bool:
    """Whether events of other customers have joined the alert."""
    return alert.hits.exclude(assessment__customer=alert.customer_id).exists()


def degraded_of(alert: Alert) -> int:
    """How many of the alert's events were decided without a part of the engine."""
    ids = alert.hits.order_by().values("assessment")
    return Assessment.objects.filter(pk__in=ids, degraded=True).count()


def fail_decision_of(assessment: Assessment) -> str:
    """What the policy in force at the decision asks for when a part fails; empty when it is not known."""
    return getattr(_policy_of(assessment), "fail_decision", "")


def reasons_of(assessment: Assessment, hits: Sequence[RuleHit]) -> list[Reason]:
    """At most five, strongest first, as answered at the decision."""
    by_rule = {hit.rule: hit for hit in hits}
    return [
        Reason(entry["text"], entry["code"], entry.get("contribution"), by_rule.get(entry["code"]))
        for entry in assessment.reasons[:5]
    ]


@dataclass(frozen=True)
class Arithmetic:
    """How evidence became the score: 1 - (1 - p) x product(1 - w), the largest w of each family."""

    probability: float | None
    weights: list[tuple[str, float]]
    result: float
    adds_up: bool

    @property
    def factors(self) -> list[float]:
        """What the model and each family leave of innocence, in the order shown."""
        model = [] if self.probability is None else [1 - self.probability]
        return model + [1 - weight for _, weight in self.weights]


def arithmetic_of(assessment: Assessment, hits: Sequence[RuleHit]) -> Arithmetic:
    """`adds_up` is false where a limit or a failed part moved the score away from the plain product."""
    largest: dict[str, float] = {}
    for hit in hits:
        if hit.rule_version is not None and hit.weight > 0 and not (hit.late or hit.snoozed):
            largest[hit.family] = max(largest.get(hit.family, 0.0), hit.weight)
    innocent = 1 - (assessment.fraud_probability or 0.0)
    for weight in largest.values():
        innocent *= 1 - weight
    weights = sorted(largest.items(), key=lambda pair: -pair[1])
    adds_up = abs((1 - innocent) - assessment.risk_score / 100) < 0.005
    return Arithmetic(assessment.fraud_probability, weights, assessment.risk_score / 100, adds_up)


def thresholds_of(assessment: Assessment) -> tuple[float, float]:
    """(review from, decline from) of the policy in force at the decision."""
    policy = _policy_of(assessment)
    return (policy.review_from, policy.decline_from) if policy else (60.0, 85.0)


def _policy_of(assessment: Assessment) -> PolicyVersion | None:
    number = assessment.policy_version.rpartition("-")[2]
    if not number.isdecimal():
        return None
    return PolicyVersion.objects.filter(engine=assessment.engine, number=int(number)).first()


def timeline_of(customer: Customer, until: datetime) -> list[Transaction]:
    """The customer's latest current events of the 90 days up to `until`, oldest first."""
    found = Transaction.objects.filter(
        customer=customer,
        superseded_by__isnull=True,
        occurred_at__gt=until - timedelta(days=TIMELINE_DAYS),
        occurred_at__lte=until,
    )
    return list(found.order_by("-occurred_at", "-id")[:TIMELINE_LIMIT])[::-1]


@dataclass(frozen=True)
class Usual:
    """What the customer's ordinary events look like, hundredths; `enough` from ten events on."""

    count: int
    median: int
    p95: int

    @property
    def enough(self) -> bool:
        return self.count >= 10


def usual_of(amounts: Sequence[int]) -> Usual:
    """Nearest rank, as the features count."""
    ordered = sorted(amounts)
    if not ordered:
        return Usual(0, 0, 0)
    rank = [max(-(-percent * len(ordered) // 100), 1) - 1 for percent in (50, 95)]
    return Usual(len(ordered), ordered[rank[0]], ordered[rank[1]])


def similar_endings(alert: Alert, now: datetime) -> tuple[dict[str, int], Share]:
    """How alerts of the same rule ended in 180 days, and the share confirmed of those decided."""
    counts = alerts.endings(alert, now - timedelta(days=SIMILAR_DAYS))
    confirmed, cleared = counts.get("confirmed_fraud", 0), counts.get("false_positive", 0)
    return counts, share(confirmed, confirmed + cleared)


def earlier_on(alert: Alert, limit: int = 5) -> QuerySet[Alert]:
    """Other alerts about the same customer, or the same subject where there is no customer."""
    about = {"customer": alert.customer_id} if alert.customer_id else {"subject": alert.subject}
    found = Alert.objects.filter(**about).exclude(pk=alert.pk)
    return found.select_related("resolved_by").order_by("-id")[:limit]
