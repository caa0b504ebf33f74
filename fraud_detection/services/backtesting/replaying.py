"""The replay itself: every decision of a period, slice by slice, under the wordings in question."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

import numpy as np
from django.utils import timezone

from fraud_detection.engines.engine import Engine
from fraud_detection.rules.backtest import backtest
from fraud_detection.services.backtesting.blocks import Block
from fraud_detection.services.backtesting.columns import (
    Columns,
    Lacking,
    Period,
    microseconds,
    names_read,
    picked,
)
from fraud_detection.services.backtesting.counting import (
    FRAUD,
    GOOD,
    UNKNOWN,
    Change,
    Overall,
    Slice,
    Tally,
    together,
)
from fraud_detection.services.backtesting.examples import Examples
from fraud_detection.services.backtesting.listing import Listed
from fraud_detection.services.backtesting.reading import DECISIONS, KEYS, superseded_events, verdicts
from fraud_detection.services.backtesting.shelf import blocks, guarded, reach
from fraud_detection.services.backtesting.wordings import Wordings, subject_kind
from ml.features.spec import NULL

Progress = Callable[[int, int], None]


@dataclass
class Replayed:
    """Everything that was counted; `labelled` is False for an engine whose events carry no labels."""

    days: tuple[date, ...]
    labelled: bool
    overall: Overall
    draft: Tally
    active: Tally | None
    dropped: Change
    added: Change
    together: np.ndarray
    examples: Examples
    listed: Listed
    lacking: dict[str, Lacking] = field(default_factory=dict)


def replay_period(
    engine: Engine,
    wordings: Wordings,
    *,
    since: datetime,
    until: datetime,
    known_by: datetime,
    now: datetime,
    progress: Progress = lambda done, total: None,
) -> Replayed:
    """Replay the events that happened in [since, until), judged by labels known at `known_by`.

    `progress(decisions read, decisions to read)` is called after each slice and may raise to stop.
    """
    days, starts = _days(since, until)
    found = reach(engine, since, now)
    progress(0, found.decisions)
    known = verdicts(engine, known_by)
    period = Period(microseconds(since), microseconds(until), superseded_events(engine))
    columns = Columns(engine, names_read(wordings.rules, wordings.vocabulary))
    result = _empty(wordings, days, known is not None)
    done = 0
    for block in blocks(engine, found):
        guarded(block, engine, lambda one: _replay(one, wordings, period, columns, starts, known, result))
        done += block.length
        progress(min(done, found.decisions), found.decisions)
    result.lacking = columns.lacking
    return result


def _empty(wordings: Wordings, days: tuple[date, ...], labelled: bool) -> Replayed:
    count, rules = len(days), len(wordings.rules)
    return Replayed(
        days,
        labelled,
        Overall(count),
        Tally(count),
        Tally(count) if wordings.active else None,
        Change(),
        Change(),
        np.zeros((rules, rules), np.int64),
        Examples(),
        Listed(),
    )


def _replay(
    block: Block,
    wordings: Wordings,
    period: Period,
    columns: Columns,
    starts: np.ndarray,
    known: tuple[np.ndarray, np.ndarray] | None,
    result: Replayed,
) -> None:
    """Count one block. All of it is read before anything is counted: a damaged one is read again."""
    mask = period.counts(block)
    if mask is None:
        return
    part = _slice(block, mask, starts, known, columns.engine)
    read = columns.of(block, mask)
    columns.note_lacking(block, mask)
    if not read:  # a condition without any name, say `true`
        read = {"": np.zeros(len(part.ids))}
    draft = backtest([wordings.draft], read)[wordings.draft.spec.code]
    in_force = backtest(wordings.rules[1:], read)
    active = in_force.get(wordings.draft.spec.code)
    others = np.zeros(len(part.ids), bool)
    for rule in wordings.others:
        others |= in_force[rule.spec.code].hit
    result.overall.add(part)
    result.draft.add(part, draft, others, subject_kind(wordings.draft))
    if active is not None:
        result.active.add(part, active, others, subject_kind(wordings.active))
        result.dropped.add(part, active.hit & ~draft.hit, others)
        result.added.add(part, draft.hit & ~active.hit, others)
    before = None if active is None else active.hit
    result.examples.add(part, draft.hit, before)
    result.listed.add(part, draft.hit, before)
    result.together += together([draft.hit, *(masks.hit for masks in in_force.values())])


def _slice(
    block: Block,
    mask: np.ndarray,
    starts: np.ndarray,
    known: tuple[np.ndarray, np.ndarray] | None,
    engine: Engine,
) -> Slice:
    rows = {name: picked(block.rows(name), mask) for name in block.about["rows"]}
    keys = {kind: rows[column] for kind, column in KEYS[engine.link].items()}
    customer = rows["customer"]
    subjects = {kind: np.where(key == NULL, customer, key) for kind, key in keys.items()}
    return Slice(
        ids=rows["id"],
        at=rows["at"],
        day=np.searchsorted(starts, rows["at"], side="right") - 1,
        amount=rows["amount"],
        verdict=_verdict(rows["event"], known),
        stopped=rows["decision"] != DECISIONS.index("approve"),
        subjects=subjects | {"customer": customer},
    )


def _verdict(events: np.ndarray, known: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
    verdict = np.full(len(events), UNKNOWN, np.int8)
    if known is not None and len(known[0]):
        labelled, fraud = known
        at = np.minimum(np.searchsorted(labelled, events), len(labelled) - 1)
        verdict = np.where(labelled[at] == events, np.where(fraud[at] == 1, FRAUD, GOOD), verdict)
    return verdict


def _days(since: datetime, until: datetime) -> tuple[tuple[date, ...], np.ndarray]:
    """The days of the server's time zone that the period touches, and when each begins (microseconds)."""
    zone = timezone.get_default_timezone()
    first = since.astimezone(zone).date()
    last = (until - timedelta(microseconds=1)).astimezone(zone).date()
    days = tuple(first + timedelta(days=n) for n in range((last - first).days + 1))
    starts = [microseconds(datetime.combine(day, time.min, zone)) for day in days]
    return days, np.array(starts, np.int64)
