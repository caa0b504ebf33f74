"""The figures of a rule as its pages and the API show them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Avg, Count, Q
from django.utils import timezone

from fraud_detection.models import Rule, RuleDay, RuleHit, RuleStanding, ShadowHit
from ml.monitoring.outcomes import Share, share

FLAGS = {
    "silent": "Silent",
    "imprecise": "Imprecise",
    "overlap": "Overlap",
    "jump": "Jump in hits",
}


@dataclass(frozen=True)
class RuleFigures:
    """A rule over some days: its days, oldest first and without gaps, and their sums."""

    days: tuple[RuleDay, ...]
    events: int
    hits: int
    shadow_hits: int
    alerts: int
    amount_minor: int
    labelled: int
    frauds: int

    @property
    def precision(self) -> Share:
        """Of its labelled hits, how many were fraud, 0-1 with a 95% Wilson interval."""
        return share(self.frauds, self.labelled)


@dataclass(frozen=True)
class ShadowFigures:
    """A version in shadow against the active one, since it began to watch."""

    since: datetime
    hits: int
    also_active: int
    only_active: int
    changed: int
    would_decline: int
    would_review: int
    would_approve: int
    mean_score: float | None
    newest: tuple[ShadowHit, ...]

    @property
    def only_shadow(self) -> int:
        return self.hits - self.also_active


def days_of(rules: Iterable[int], *, days: int, today: date) -> dict[int, RuleFigures]:
    """The figures of several rules over the last `days` days, today included, by rule id."""
    rules = list(rules)
    span = [today - timedelta(days=back) for back in reversed(range(days))]
    known: dict[tuple[int, date], RuleDay] = {
        (row.rule_id, row.day): row for row in RuleDay.objects.filter(rule__in=rules, day__gte=span[0])
    }
    return {
        rule: _summed([known.get((rule, day)) or RuleDay(rule_id=rule, day=day) for day in span])
        for rule in rules
    }


def figures_of(rule: Rule, *, days: int, today: date | None = None) -> RuleFigures:
    """The figures of one rule over the last `days` days, today included."""
    return days_of([rule.pk], days=days, today=today or timezone.localdate())[rule.pk]


def shadow_figures(standing: RuleStanding, *, newest: int = 10) -> ShadowFigures:
    """What a version did in shadow, and the newest of its hits with their decisions."""
    version = standing.version
    mine = ShadowHit.objects.filter(version=version)
    counted = mine.aggregate(
        hits=Count("id"),
        also=Count("id", filter=Q(also_active=True)),
        changed=Count("id", filter=Q(changes_decision=True)),
        decline=Count("id", filter=Q(would_decide="decline")),
        review=Count("id", filter=Q(would_decide="review")),
        approve=Count("id", filter=Q(would_decide="approve")),
        mean=Avg("would_score"),
    )
    active = RuleHit.objects.filter(
        rule=version.rule.code,
        assessment__engine=version.rule.engine,
        assessment__decided_at__gte=version.created_at,
        rule_version__isnull=False,
        rule_version__lt=version.number,
    )
    return ShadowFigures(
        since=version.created_at,
        hits=counted["hits"],
        also_active=counted["also"],
        only_active=max(active.count() - counted["also"], 0),
        changed=counted["changed"],
        would_decline=counted["decline"],
        would_review=counted["review"],
        would_approve=counted["approve"],
        mean_score=counted["mean"],
        newest=tuple(mine.select_related("assessment").order_by("-id")[:newest]),
    )


def _summed(days: list[RuleDay]) -> RuleFigures:
    names = ("events", "hits", "shadow_hits", "alerts", "amount_minor", "labelled", "frauds")
    return RuleFigures(tuple(days), **{name: sum(getattr(day, name) for day in days) for name in names})
