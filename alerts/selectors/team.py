"""How the team does: what waits, how long verdicts take, how often they find fraud, what was prevented.

Figures of a period look at alerts closed in it; the backlog is that of the moment. A share is given with its
number and a 95% Wilson interval, and with fewer than 20 verdicts it is "not enough data", never 0%.

Prevented loss is the amount of events behind alerts closed as confirmed fraud that were not let through
(declined, or held for review), each event once; missed loss that of those which were approved.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import connection

from alerts.models import Disposition
from alerts.selectors.shares import ENOUGH, Share, share

BACKLOG = """
    select count(*), count(*) filter (where due_at < %(now)s),
           count(*) filter (where snoozed_until > %(now)s),
           count(*) filter (where assignee_id is null), coalesce(sum(amount_minor), 0),
           percentile_cont(0.5) within group (order by extract(epoch from %(now)s - opened_at)),
           percentile_cont(0.9) within group (order by extract(epoch from %(now)s - opened_at))
    from alerts_alert where status = 'open'
"""
CLOSED = """
    select count(*), count(*) filter (where resolved_at > due_at),
           count(*) filter (where disposition = 'confirmed_fraud'),
           count(*) filter (where disposition = 'false_positive'),
           percentile_cont(0.5) within group (order by extract(epoch from resolved_at - opened_at)),
           percentile_cont(0.9) within group (order by extract(epoch from resolved_at - opened_at))
    from alerts_alert where status = 'resolved' and resolved_at >= %(start)s and resolved_at < %(end)s
"""
BY = """
    select case when count(*) over (partition by {name}) > 1 then {name} || ', ' || {of} else {name} end,
           count(*), count(*) filter (where disposition = 'confirmed_fraud'),
           count(*) filter (where disposition = 'false_positive'),
           count(*) filter (where resolved_at > due_at),
           percentile_cont(0.5) within group (order by extract(epoch from resolved_at - opened_at))
    from alerts_alert {join}
    where status = 'resolved' and resolved_at >= %(start)s and resolved_at < %(end)s
    group by {key} order by 2 desc, 1 limit 200
"""
LOSS = """
    select coalesce(sum(amount_minor) filter (where decision <> 'approve'), 0),
           coalesce(sum(amount_minor) filter (where decision = 'approve'), 0)
    from (
        select distinct on (a.client_id, a.external_id) a.amount_minor, a.decision
        from alerts_alert l join {hits} h on h.alert_id = l.id join {assessments} a on a.id = h.assessment_id
        where l.status = 'resolved' and l.disposition = %(fraud)s
          and l.resolved_at >= %(start)s and l.resolved_at < %(end)s
        order by a.client_id, a.external_id, a.decision <> 'approve' desc
    ) events
"""  # an event that any engine stopped was stopped
# Rules of two engines, or two people, may be called alike: then the engine, or the e-mail, tells them apart.
OPENED = "select count(*) from alerts_alert where opened_at >= %(start)s and opened_at < %(end)s"


@dataclass(frozen=True)
class Group:
    """Closed alerts of one rule or by one person; times in seconds."""

    name: str
    closed: int
    late: int
    precision: Share
    p50_s: float | None


@dataclass(frozen=True)
class Team:
    """All figures of one period; ages and times in seconds, None where there is nothing to tell."""

    start: datetime
    end: datetime
    open: int
    overdue: int
    snoozed: int
    unassigned: int
    at_stake_minor: int
    age_p50_s: float | None
    age_p90_s: float | None
    opened: int
    closed: int
    late: int
    precision: Share
    disposition_p50_s: float | None
    disposition_p90_s: float | None
    prevented_minor: int
    missed_minor: int
    rules: list[Group] = field(default_factory=list)
    analysts: list[Group] = field(default_factory=list)


def team_figures(*, start: datetime, end: datetime, now: datetime) -> Team:
    """The figures of alerts closed from `start` until before `end`, and the backlog at `now`."""
    period = {"start": start, "end": end, "now": now, "fraud": Disposition.CONFIRMED_FRAUD.value}
    is_open, overdue, snoozed, unassigned, stake, age50, age90 = _row(BACKLOG, period)
    closed, late, fraud, cleared, took50, took90 = _row(CLOSED, period)
    prevented, missed = _row(_loss(), period)
    return Team(
        start, end, is_open, overdue, snoozed, unassigned, int(stake), age50, age90,
        _row(OPENED, period)[0], closed, late, share(fraud, fraud + cleared), took50, took90,
        int(prevented), int(missed),
        rules=_groups(BY.format(name="rule", of="engine", key="rule, engine", join=""), period),
        analysts=_groups(
            BY.format(
                name="coalesce(nullif(u.name, ''), u.email)",
                of="u.email",
                key="u.id",
                join="join users_user u on u.id = resolved_by_id",
            ),
            period,
        ),
    )  # fmt: skip


def _loss() -> str:
    """Hits and decisions stand above alerts; their tables are known through the relation."""
    from alerts.models import Alert

    hit = Alert._meta.get_field("hits").related_model
    decided = hit._meta.get_field("assessment").related_model
    return LOSS.format(hits=hit._meta.db_table, assessments=decided._meta.db_table)


def _row(statement: str, values: dict[str, Any]) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()


def _groups(statement: str, values: dict[str, Any]) -> list[Group]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        return [
            Group(name, closed, late, share(fraud, fraud + cleared), p50)
            for name, closed, fraud, cleared, late, p50 in cursor.fetchall()
        ]


def as_rows(team: Team) -> list[tuple[str, str, str, str]]:
    """(section, name, figure, value) of everything, for CSV; empty where there is nothing to tell."""
    whole = [
        ("backlog", "", "open", team.open), ("backlog", "", "overdue", team.overdue),
        ("backlog", "", "snoozed", team.snoozed), ("backlog", "", "unassigned", team.unassigned),
        ("backlog", "", "at_stake", f"{team.at_stake_minor / 100:.2f}"),
        ("backlog", "", "age_p50_s", _seconds(team.age_p50_s)),
        ("backlog", "", "age_p90_s", _seconds(team.age_p90_s)),
        ("period", "", "opened", team.opened), ("period", "", "closed", team.closed),
        ("period", "", "closed_late", team.late),
        ("period", "", "time_to_disposition_p50_s", _seconds(team.disposition_p50_s)),
        ("period", "", "time_to_disposition_p90_s", _seconds(team.disposition_p90_s)),
        ("period", "", "prevented_loss", f"{team.prevented_minor / 100:.2f}"),
        ("period", "", "missed_loss", f"{team.missed_minor / 100:.2f}"),
        *_precision_rows("period", "", team.precision),
    ]  # fmt: skip
    for section, groups in (("rule", team.rules), ("analyst", team.analysts)):
        for group in groups:
            whole += [
                (section, group.name, "closed", group.closed),
                (section, group.name, "closed_late", group.late),
                (section, group.name, "time_to_disposition_p50_s", _seconds(group.p50_s)),
                *_precision_rows(section, group.name, group.precision),
            ]  # fmt: skip
    return [(section, name, figure, str(value)) for section, name, figure, value in whole]


def _precision_rows(section: str, name: str, found: Share) -> list[tuple[str, str, str, Any]]:
    rows = [(section, name, "verdicts", found.n), (section, name, "confirmed_fraud", found.hits)]
    if not found.enough:
        return [
            *rows,
            (section, name, "precision_percent", f"not enough data, {found.n} of {ENOUGH} verdicts"),
        ]
    return [
        *rows,
        (section, name, "precision_percent", f"{found.value:.1f}"),
        (section, name, "precision_low_95", f"{found.low:.1f}"),
        (section, name, "precision_high_95", f"{found.high:.1f}"),
    ]


def _seconds(value: float | None) -> str:
    return "" if value is None else f"{value:.0f}"
