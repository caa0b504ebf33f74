"""What stands out about a rule: silent, imprecise, contained in another, or firing far more than it did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import sqrt
from statistics import median
from typing import Any

from django.db import connection
from django.utils import timezone

from fraud_detection.models import RuleDay, RuleStage, RuleStanding

SILENT, IMPRECISE, OVERLAP, JUMP = "silent", "imprecise", "overlap", "jump"
DAYS = 30
IMPRECISE_BELOW, ENOUGH_LABELS, PRECISION_DAYS = 0.05, 50, 90
OVERLAP_FROM, ENOUGH_HITS = 0.95, 20
JUMP_TIMES, JUMP_HITS, JUMP_DEVIATIONS, JUMP_DAYS = 3, 20, 5, 7

PAIRS = """
    with fired as (
        select h.rule, h.assessment_id from fraud_detection_assessment a
        join fraud_detection_rulehit h on h.assessment_id = a.id
        where a.engine = %(engine)s and a.decided_at >= %(since)s and h.rule_version is not null
    ), total as (select rule, count(*) as hits from fired group by rule)
    select one.rule, other.rule, count(*), one_total.hits, other_total.hits
    from fired one
    join fired other on other.assessment_id = one.assessment_id and other.rule <> one.rule
    join total one_total on one_total.rule = one.rule
    join total other_total on other_total.rule = other.rule
    group by 1, 2, 4, 5
"""


@dataclass(frozen=True)
class Recent:
    """A rule lately: its days, oldest first and today last; hits and events of the last 24 hours."""

    days: Sequence[RuleDay]
    hits_24h: int
    events_24h: int
    active_since: datetime | None


def overlaps(engine: str, now: datetime) -> dict[str, dict[str, Any]]:
    """By rule, the other rule that fired on most of its events of the last 30 days.

    `share` is containment: of its own hits, how many the other had too; `jaccard` is both over either.
    """
    with connection.cursor() as cursor:
        cursor.execute(PAIRS, {"engine": engine, "since": now - timedelta(days=DAYS)})
        rows = cursor.fetchall()
    found: dict[str, dict[str, Any]] = {}
    for rule, other, both, hits, others in sorted(rows, key=lambda row: (row[0], -row[2], row[1])):
        found.setdefault(
            rule,
            {
                "rule": other,
                "both": both,
                "hits": hits,
                "share": round(both / hits, 4),
                "jaccard": round(both / (hits + others - both), 4),
            },
        )
    return found


def active_since(engine: str) -> dict[int, datetime]:
    """Since when the version in force of each rule decides, by rule id."""
    active = RuleStanding.objects.filter(version__rule__engine=engine, stage=RuleStage.ACTIVE)
    rows = active.order_by("version__number").values_list(
        "version__rule_id", "effective_at", "version__created_at"
    )
    return {rule: effective or made for rule, effective, made in rows}


def flags_of(recent: Recent, overlap: Mapping[str, Any], now: datetime) -> dict[str, str]:
    """The flags of a rule with a sentence each; only a rule that decides has any."""
    if recent.active_since is None:
        return {}
    found = {
        SILENT: _silent(recent, now),
        IMPRECISE: _imprecise(recent.days, now),
        OVERLAP: _overlap(overlap),
        JUMP: _jump(recent),
    }
    return {flag: told for flag, told in found.items() if told}


def _silent(recent: Recent, now: datetime) -> str:
    if recent.active_since > now - timedelta(days=DAYS):
        return ""
    days = _since(recent.days, now, DAYS)
    events = sum(day.events for day in days)
    if not events or sum(day.hits for day in days):
        return ""
    return f"No hit in {DAYS} days, of {events:,} decisions."


def _imprecise(days: Sequence[RuleDay], now: datetime) -> str:
    days = _since(days, now, PRECISION_DAYS)
    labelled, frauds = sum(day.labelled for day in days), sum(day.frauds for day in days)
    if labelled < ENOUGH_LABELS or frauds >= IMPRECISE_BELOW * labelled:
        return ""
    return (
        f"{frauds} of {labelled:,} labelled hits in {PRECISION_DAYS} days were fraud,"
        f" {100 * frauds / labelled:.1f}%."
    )


def _overlap(overlap: Mapping[str, Any]) -> str:
    if not overlap or overlap["hits"] < ENOUGH_HITS or overlap["share"] < OVERLAP_FROM:
        return ""
    return (
        f"{overlap['both']:,} of its {overlap['hits']:,} hits in {DAYS} days are hits of"
        f" {overlap['rule']} too, {100 * overlap['share']:.0f}%."
    )


def _jump(recent: Recent) -> str:
    """Hits of the last 24 hours against the usual share of decisions that it hits.

    Small counts are left to chance: it takes JUMP_HITS hits, JUMP_TIMES the usual number, and so many
    deviations of a Poisson count above it.
    """
    before = [day for day in recent.days[:-2] if day.events]
    if len(before) < JUMP_DAYS or not recent.events_24h:
        return ""
    usual = median(day.hits / day.events for day in before[-28:]) * recent.events_24h
    limit = max(JUMP_TIMES * usual, usual + JUMP_DEVIATIONS * sqrt(max(usual, 1.0)), JUMP_HITS)
    if recent.hits_24h < limit:
        return ""
    return f"{recent.hits_24h:,} hits in 24 h; usual {usual:,.1f} for as many decisions."


def _since(days: Sequence[RuleDay], now: datetime, count: int) -> list[RuleDay]:
    first = timezone.localdate(now) - timedelta(days=count - 1)
    return [day for day in days if day.day >= first]
