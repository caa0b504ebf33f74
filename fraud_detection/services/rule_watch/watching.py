"""Watching on schedule: days are counted as they grow, flags are looked at anew, jumps are told."""

from datetime import date, datetime, timedelta

import structlog
from django.db import connection
from django.utils import timezone

from alerts.services import clear_system_alert, raise_system_alert
from fraud_detection.models import EngineState, Rule, RuleDay, RuleWatch, RuleWatchMark
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.rule_watch.costs import costs
from fraud_detection.services.rule_watch.counting import count_days, labelled_days, newest_label
from fraud_detection.services.rule_watch.flagging import (
    JUMP,
    PRECISION_DAYS,
    Recent,
    active_since,
    flags_of,
    overlaps,
)

KEPT_DAYS = 400
LATE_COMMITS = 1_000  # labels below the mark that are read again: ids are given before rows are seen
HOURLY = timedelta(hours=1)
ALARM = "rule.jump"
LAST_24H = """
    select h.rule, count(*) from fraud_detection_assessment a
    join fraud_detection_rulehit h on h.assessment_id = a.id
    where a.engine = %(engine)s and a.decided_at > %(since)s and a.decided_at <= %(now)s
      and h.rule_version is not null
    group by h.rule
"""
EVENTS_24H = """
    select count(*) from fraud_detection_assessment
    where engine = %(engine)s and decided_at > %(since)s and decided_at <= %(now)s
"""
log = structlog.get_logger(__name__)


def watch_rules(now: datetime) -> dict[str, list[str]]:
    """Bring days, costs and flags of every installed engine up to date; the flagged rules by engine."""
    engines = EngineState.objects.filter(engine__in=_engines()).order_by("engine")
    return {state.engine: _watch(state.engine, now) for state in engines}


def rebuild_days(engine: str, *, days: int, now: datetime) -> int:
    """Count the last `days` days of an engine anew, whatever was counted before; how many days."""
    today = timezone.localdate(now)
    return count_days(engine, {today - timedelta(days=back) for back in range(days)})


def _engines() -> list[str]:
    return list(Rule.objects.order_by("engine").values_list("engine", flat=True).distinct())


def _watch(engine: str, now: datetime) -> list[str]:
    mark, _ = RuleWatchMark.objects.get_or_create(engine=engine)
    newest = newest_label()
    count_days(engine, _grown(engine, mark, now))
    mark.label_id, mark.counted_until = newest, now
    hourly = mark.overlaps_at is None or now - mark.overlaps_at >= HOURLY
    if hourly:
        mark.overlaps_at = now
        RuleDay.objects.filter(
            rule__engine=engine, day__lt=timezone.localdate(now) - timedelta(days=KEPT_DAYS)
        ).delete()
    mark.save()
    flagged = _looked_at(engine, now, hourly)
    _tell_of_jumps(engine, flagged, now)
    return sorted(rule for rule, flags in flagged.items() if flags)


def _grown(engine: str, mark: RuleWatchMark, now: datetime) -> set[date]:
    """Today and what was not counted to its end, and the days of events that were labelled since."""
    today = timezone.localdate(now)
    oldest = now - timedelta(days=PRECISION_DAYS)
    first = max(mark.counted_until or oldest, oldest)
    back = (today - timezone.localdate(first)).days
    grown = {today - timedelta(days=days) for days in range(back + 1)}
    if now - timezone.make_aware(datetime.combine(today, datetime.min.time())) < HOURLY:
        grown.add(today - timedelta(days=1))  # decisions of the last minutes may have been committed since
    return grown | labelled_days(engine, mark.label_id - LATE_COMMITS, oldest)


def _looked_at(engine: str, now: datetime, hourly: bool) -> dict[str, dict[str, str]]:
    span = {"engine": engine, "since": now - timedelta(hours=24), "now": now}
    with connection.cursor() as cursor:
        cursor.execute(LAST_24H, span)
        hits = dict(cursor.fetchall())
        cursor.execute(EVENTS_24H, span)
        (events,) = cursor.fetchone()
    since = active_since(engine)
    pairs = overlaps(engine, now) if hourly else {}
    timed, over = costs(engine, custom_lists(now)) if hourly else ({}, 0)
    days = _days(engine, now)
    flagged = {}
    for rule in Rule.objects.filter(engine=engine, versions__isnull=False).distinct():
        watch = RuleWatch.objects.filter(rule=rule).first() or RuleWatch(rule=rule)
        if hourly:
            watch.overlap = pairs.get(rule.code, {})
        if rule.pk in timed:
            watch.cost_us, watch.cost_events, watch.cost_at = timed[rule.pk], over, now
        mine = days.get(rule.pk, [])
        watch.hits_24h, watch.looked_at = hits.get(rule.code, 0), now
        watch.last_hit_at = max((d.last_hit_at for d in mine if d.last_hit_at), default=watch.last_hit_at)
        recent = Recent(mine, watch.hits_24h, events, since.get(rule.pk))
        watch.flags = flagged[rule.code] = flags_of(recent, watch.overlap, now)
        watch.save()
    return flagged


def _days(engine: str, now: datetime) -> dict[int, list[RuleDay]]:
    first = timezone.localdate(now) - timedelta(days=PRECISION_DAYS)
    found: dict[int, list[RuleDay]] = {}
    for day in RuleDay.objects.filter(rule__engine=engine, day__gte=first).order_by("day"):
        found.setdefault(day.rule_id, []).append(day)
    return found


def _tell_of_jumps(engine: str, flagged: dict[str, dict[str, str]], now: datetime) -> None:
    jumped = {rule: flags[JUMP] for rule, flags in sorted(flagged.items()) if JUMP in flags}
    if not jumped:
        clear_system_alert(engine=engine, kind=ALARM, message="Hits are as usual again", at=now)
        return
    told = "; ".join(f"{rule}: {why.rstrip('.')}" for rule, why in jumped.items())
    raise_system_alert(
        engine=engine, kind=ALARM, subject=", ".join(jumped)[:128], severity="medium", message=told, at=now
    )
