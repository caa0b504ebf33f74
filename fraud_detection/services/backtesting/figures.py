"""From sums to the figures of a backtest, as JSON. Amounts are minor units of the reporting currency."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import numpy as np

from fraud_detection.rules.language.tree import Constant
from fraud_detection.services.backtesting.counting import Change, Tally, Total
from fraud_detection.services.backtesting.replaying import Replayed
from fraud_detection.services.backtesting.wordings import Wordings, subject_kind
from ml.monitoring.outcomes import share

NO_LABELS = "Events of this engine carry no labels, so nothing says which hits were right."
NONE_KNOWN = "No event of this period has a label that was known at the cut-off."


@dataclass(frozen=True)
class Costs:
    """`alert` in the reporting currency; `friction`: share of a good amount held that holding it costs."""

    alert: Decimal
    friction: float


def figures(found: Replayed, wordings: Wordings, costs: Costs) -> dict[str, Any]:
    """Everything but the examples' reasons."""
    span = _span(found)
    total = found.overall
    return {
        "events": total.events.events,
        "amount": total.events.amount,
        "days_with_events": span,
        "labels": {
            "carried": found.labelled,
            "reason": _reason(found),
            "fraud": total.frauds.events,
            "fraud_amount": total.frauds.amount,
            "good": total.good.events,
            "good_amount": total.good.amount,
            "unlabelled": total.events.events - total.frauds.events - total.good.events,
        },
        "draft": _of_rule(found.draft, found, span, costs),
        "active": _of_rule(found.active, found, span, costs) if found.active else None,
        "changes": {"dropped": _change(found.dropped, found), "added": _change(found.added, found)}
        if found.active
        else None,
        "overlap": _overlap(found, wordings),
        "matrix": {
            "rules": _names(wordings),
            "both": found.together.tolist(),
        },
        "by_day": _by_day(found),
        "lacking": [
            {
                "name": name,
                "events": rows.rows,
                "filled": rows.filled,
                "share": rows.rows / total.events.events,
                "until": datetime.fromtimestamp(rows.until / 1e6, UTC).isoformat(),
            }
            for name, rows in sorted(found.lacking.items())
        ],
        "broken": list(wordings.broken),
        "notes": _notes(wordings),
        "hits_listed": found.listed.count,
        "hits_complete": found.listed.complete,
    }


def _of_rule(tally: Tally, found: Replayed, span: int, costs: Costs) -> dict[str, Any]:
    alerts = int(tally.alerts_by_day().sum())
    events = found.overall.events.events
    body: dict[str, Any] = {
        "evaluated": events - tally.insufficient - tally.not_evaluable,
        "insufficient": tally.insufficient,
        "not_evaluable": tally.not_evaluable,
        "hits": tally.hits.events,
        "hits_amount": tally.hits.amount,
        "alerts": alerts,
        "alerts_a_day": round(alerts / span, 4) if span else None,
    }
    measured = ("labelled", "coverage", "precision", "recall", "false_positive_rate", "caught", "good")
    if _reason(found):
        return body | dict.fromkeys((*measured, "alone", "new", "net_saving"))
    labelled = tally.frauds.events + tally.good.events
    total = found.overall
    return body | {
        "labelled": labelled,
        "coverage": share(labelled, tally.hits.events).as_json(),
        "precision": share(tally.frauds.events, labelled).as_json(),
        "recall": share(tally.frauds.events, total.frauds.events).as_json(),
        "false_positive_rate": share(tally.good.events, total.good.events).as_json(),
        "caught": _total(tally.frauds),
        "good": _total(tally.good),
        "alone": _total(tally.alone),
        "new": _total(tally.new),
        "net_saving": net_saving(tally.frauds.amount, alerts, tally.good.amount, costs),
    }


def net_saving(caught: int, alerts: int, good: int, costs: Costs) -> int:
    """Amount caught less the cost of the alerts less the friction on the good amount held, minor units."""
    friction = Decimal(good) * Decimal(str(costs.friction))
    saved = Decimal(caught) - 100 * costs.alert * alerts - friction
    return int(saved.quantize(Decimal(1), ROUND_HALF_EVEN))


def _reason(found: Replayed) -> str:
    """Why there are no figures from labels; empty when there are."""
    if not found.labelled:
        return NO_LABELS
    known = found.overall.frauds.events + found.overall.good.events
    return "" if known else NONE_KNOWN


def _total(total: Total) -> dict[str, int]:
    return {"events": total.events, "amount": total.amount}


def _change(change: Change, found: Replayed) -> dict[str, Any]:
    body: dict[str, Any] = {"hits": _total(change.hits)}
    if _reason(found):
        return body | dict.fromkeys(("frauds", "good", "alone"))
    return body | {
        "frauds": _total(change.frauds),
        "good": _total(change.good),
        "alone": _total(change.alone),
    }


def _names(wordings: Wordings) -> list[str]:
    """In the order of the matrix: the draft, the active version of the rule, the other active rules."""
    own = ["draft", *(["active"] if wordings.active else [])]
    return [*own, *(rule.spec.code for rule in wordings.others)]


def _overlap(found: Replayed, wordings: Wordings) -> list[dict[str, Any]]:
    """The draft beside each active rule that hits anything, most common hits first."""
    both, rows = found.together, []
    for place, name in enumerate(_names(wordings)):
        if place == 0 or not both[place, place]:
            continue
        rows.append(
            {
                "rule": name,
                "hits": int(both[place, place]),
                "both": int(both[0, place]),
                "of_draft": share(int(both[0, place]), int(both[0, 0])).as_json(),
                "of_other": share(int(both[0, place]), int(both[place, place])).as_json(),
            }
        )
    return sorted(rows, key=lambda row: (-row["both"], row["rule"]))


def _by_day(found: Replayed) -> list[dict[str, Any]]:
    """One entry for every day of the period, days without events too."""
    series: Mapping[str, np.ndarray | None] = {
        "events": found.overall.events_by_day,
        "draft_hits": found.draft.hits_by_day,
        "draft_alerts": found.draft.alerts_by_day(),
        "active_hits": found.active.hits_by_day if found.active else None,
        "active_alerts": found.active.alerts_by_day() if found.active else None,
    }
    return [
        {
            "day": day.isoformat(),
            **{name: None if values is None else int(values[at]) for name, values in series.items()},
        }
        for at, day in enumerate(found.days)
    ]


def _span(found: Replayed) -> int:
    """Days from the first to the last one with an event, both included: what `a day` is divided by."""
    days = np.flatnonzero(found.overall.events_by_day)
    return int(days[-1] - days[0] + 1) if len(days) else 0


def _notes(wordings: Wordings) -> list[str]:
    """What was simplified, in words."""
    notes = []
    if not isinstance(wordings.draft.subject, Constant):
        notes.append("The subject is an expression: alerts are counted as if each were about the customer.")
    kind = subject_kind(wordings.draft)
    notes.append(
        f"An alert is one {'customer' if kind == 'pair' else kind} on one day, however many of its events "
        "are hit; shares of a rollout and snoozes are not applied."
    )
    return notes
