"""Storing judged rows: short transactions that hold the accounts of a few hundred rows each.

Everything was computed before the accounts are held. Under the locks it is checked that nobody stored an
event of these accounts in between; if somebody did, the rows are decided the ordinary way.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import structlog
from django.conf import settings
from django.db import DatabaseError, OperationalError, connection

from alerts.services.webhooks.subscribing import decisions_wanted, publish_decisions
from fraud_detection.services.announcing import MOST_ANNOUNCED, Decided
from fraud_detection.services.batch.computing import alone as computed_alone
from fraud_detection.services.bulk import wire
from fraud_detection.services.bulk.arrivals import KEYS, others, runs
from fraud_detection.services.bulk.customers import Customers, known_customers, told_by
from fraud_detection.services.bulk.judging import Judge, Judged
from fraud_detection.services.bulk.memory import Memory
from fraud_detection.services.bulk.plain import decide_plainly
from fraud_detection.services.bulk.result import ChunkResult, RowResult
from fraud_detection.services.bulk.tables import (
    ASSESSMENTS,
    EVENTS,
    Table,
    assessment_columns,
    event_columns,
)
from fraud_detection.services.judging import fresh_decision
from fraud_detection.services.payment_events import event_row
from fraud_detection.services.recording import store_hits_together
from fraud_detection.services.retrying import retried
from fraud_detection.services.shadow_rules import store_shadow_hits
from ml.domains.moments import microseconds
from ml.features.spec import NULL
from transactions.models import Transaction
from transactions.services import (
    NewCustomer,
    copy_in_binary,
    ensure_customers,
    lock_accounts,
    store_given_statuses,
)

HELD_ROWS = 500  # whose accounts one transaction holds: a live payment of theirs waits as long
OPEN = """
    select clock_timestamp(), nextval('transactions_transaction_id_seq'),
        nextval('fraud_detection_assessment_id_seq')
    from generate_series(1, %s)
"""
log = structlog.get_logger(__name__)


class Overtaken(Exception):
    """Somebody stored an event of these accounts after their history was read."""


@dataclass
class Stored:
    """Rows in the database: their places in the chunk, ids, and the customers that were made for them."""

    at: np.ndarray
    now: datetime
    ids: np.ndarray
    assessments: np.ndarray
    customers: np.ndarray
    made: dict[str, int]
    judged: Judged | None = None
    decided: list[Decided] = field(default_factory=list)


@dataclass
class Part:
    """Judged rows on their way into the database: rows of the chunk at places `at`, in order."""

    at: np.ndarray
    judged: Judged
    late: np.ndarray
    events: Table
    assessments: Table
    latency: str


class Store:
    """Stores the parts of one chunk of rows in their order."""

    def __init__(self, judge: Judge, customers: Customers, memory: Memory) -> None:
        self.judge, self.customers, self.floor = judge, customers, memory.floor
        self.state, self.client, self.rows = judge.state, judge.client, judge.rows
        self.locked = self.rows.locked()
        self.ranges = runs(memory.ids[memory.ids > memory.floor])  # what is known, or ours
        self.ids = np.full(len(self.rows), NULL)  # of events that were stored as computed
        self.done = np.zeros(len(self.rows), bool)
        self.doubted = np.empty(0, np.int64)  # accounts of rows that turned out not to be stored
        self.newest: list[Decided] = []
        self.found = ChunkResult()
        self.swift: Counter[str] = Counter()  # decisions of rows that were stored as computed

    def part(self, at: np.ndarray, judged: Judged, late: np.ndarray, latency: str) -> Part:
        """What can be written before ids are known."""
        return Part(
            at=at,
            judged=judged,
            late=late,
            events=event_columns(self.rows, at, self.client.pk),
            assessments=assessment_columns(self.state, self.rows, at, judged, self.client.pk, latency),
            latency=latency,
        )

    def store(self, part: Part) -> None:
        """Store a part, some rows at a time; those that cannot be stored so are decided the ordinary way."""
        for start in range(0, len(part.at), HELD_ROWS):
            rows = slice(start, min(start + HELD_ROWS, len(part.at)))
            try:
                stored = retried(lambda rows=rows: self._stored(part, rows))
            except OperationalError:
                raise
            except (Overtaken, DatabaseError) as error:  # say an id that was taken at the same moment
                log.info("rows_decided_plainly", rows=rows.stop - rows.start, reason=repr(error))
                self._plainly(part.at[rows])
            else:
                self._keep(stored)
            self.done[part.at[rows]] = True

    def _plainly(self, at: np.ndarray) -> None:
        """Decide rows here and now: the next ones were computed as if these were stored before them."""
        rows = [self.rows.columns.rows[place] for place in at.tolist()]
        own = ChunkResult()
        decide_plainly(self.state.engine.name, rows, self.client, own)
        self.found.add(own)
        names = [result.event_id for result in own.results if not result.replayed]
        events = Transaction.objects.filter(
            client=self.client, transaction_id__in=names, superseded_by__isnull=True
        )
        self.ranges += runs(np.array(sorted(events.values_list("pk", flat=True)), np.int64))
        missing = {row.record["transaction_id"] for row in rows} - set(names)
        for place, row in zip(at.tolist(), rows, strict=True):
            if row.record["transaction_id"] in missing:  # what comes after it was computed with it
                self.doubted = np.append(self.doubted, self.locked[place])

    def _stored(self, part: Part, rows: slice) -> Stored:
        at = part.at[rows]
        keys = self.locked[at]
        lock_accounts(keys[keys != NULL].tolist(), patience_ms=settings.BATCH_TIMEOUT_MS)
        self._check(keys)
        now, ids, assessments = self._opened(len(at))
        made, customers = self._customer_ids(at, now)
        stored = Stored(at, now, ids, assessments, customers, made)
        moment = wire.moments(np.array([microseconds(now)]))[0]
        linked = {"id": wire.integers(ids, 8), "customer_id": wire.integers(customers, 8)}
        _copy(EVENTS, part.events, linked | {"received_at": moment}, rows)
        self._store_statuses(stored)
        judged, table = part.judged.some(rows), {n: wire.part(c, rows) for n, c in part.assessments.items()}
        if part.late[rows].any():
            judged = self._with_late(judged, np.flatnonzero(part.late[rows]), stored)
            table = assessment_columns(self.state, self.rows, at, judged, self.client.pk, part.latency)
        links = {"id": wire.integers(assessments, 8), "transaction_id": linked["id"]}
        links |= {"customer_id": linked["customer_id"], "decided_at": moment}
        _copy(ASSESSMENTS, table, links, slice(0, len(at)))
        stored.judged = judged
        self._follow(stored)
        return stored

    def _check(self, keys: np.ndarray) -> None:
        found = others(self.floor, sorted(self.ranges))
        if len(found["id"]) or len(self.doubted):
            theirs = np.concatenate([*(found[name] for name in KEYS), self.doubted])
            if np.isin(theirs[theirs != NULL], keys).any():
                raise Overtaken

    def _opened(self, count: int) -> tuple[datetime, np.ndarray, np.ndarray]:
        with connection.cursor() as cursor:
            cursor.execute(OPEN, (count,))
            found = cursor.fetchall()
        ids = np.array([row[1:] for row in found], np.int64)
        self.ranges += runs(ids[:, 0])
        return found[0][0], ids[:, 0], ids[:, 1]

    def _customer_ids(self, at: np.ndarray, now: datetime) -> tuple[dict[str, int], np.ndarray]:
        """Customers that are made or told a home here, and the customer of each row."""
        names = [self.rows.columns.column("user_id")[place] for place in at.tolist()]
        wanted: dict[str, NewCustomer] = {}
        for place, name in zip(at.tolist(), names, strict=True):
            told = self.customers.wanted.get(place)
            if told is not None:
                first = wanted.get(name, told)
                wanted[name] = told._replace(name=first.name, email=first.email)
        made = ensure_customers(wanted, now)
        unknown = {name for name in names if name not in made and name not in self.customers.ids}
        if unknown:  # rows that tell of them went the ordinary way
            made |= {name: customer.id for name, customer in known_customers(unknown).items()}
            told = {n: told_by(self.rows.columns, p) for p, n in zip(at.tolist(), names, strict=True)}
            made |= ensure_customers({name: told[name] for name in unknown - made.keys()}, now)
        known = self.customers.ids
        return made, np.array([made[name] if name in made else known[name] for name in names], np.int64)

    def _store_statuses(self, stored: Stored) -> None:
        given = self.rows.columns.column("status")
        rows = [row for row, place in enumerate(stored.at.tolist()) if given[place]]
        store_given_statuses([self._event(stored, row) for row in rows])

    def _with_late(self, judged: Judged, late: np.ndarray, stored: Stored) -> Judged:
        """The same with rows judged now that could not be computed before they were stored."""
        for row in late.tolist():
            event = self._event(stored, row)
            judged.numbers[row] = computed_alone(self.state.engine.feature_set, event)
            predicted = self.state.predictor.probabilities_or_none(judged.numbers[row][None, :])
            if predicted is None:
                raise Overtaken  # the ordinary way knows what to do about the model
            place = int(stored.at[row])
            judged.probabilities[row] = predicted[0]
            judged.alone[row] = self.judge.alone(place, judged.numbers[row], predicted[0])
        return judged

    def _event(self, stored: Stored, row: int) -> dict[str, Any]:
        """A stored row as the single path has it."""
        request = self.rows.columns.request(int(stored.at[row]), self.client)
        moment = request.values["occurred_at"]
        event = event_row(request, event_id=int(stored.ids[row]), now=stored.now, moment=moment, home="")
        home = int(self.rows.integers["home_country_code"][stored.at[row]])
        event["home_country_code"] = None if home == NULL else home
        return event | {"customer_id": int(stored.customers[row])}

    def _follow(self, stored: Stored) -> None:
        """Hits, alerts, and what is told of decisions."""
        alone = sorted(stored.judged.alone.items())
        ids = [int(stored.assessments[row]) for row, _ in alone]
        scored = [one for _, (_, _, one) in alone]
        store_hits_together(self.state, ids, [self._event(stored, row) for row, _ in alone], scored)
        watched = [(number, one.would_be) for number, one in zip(ids, scored, strict=True)]
        store_shadow_hits(self.state.engine.name, watched, stored.now)
        wanted = decisions_wanted()
        first = 0 if wanted else max(0, len(self.rows) - MOST_ANNOUNCED - int(stored.at[0]))
        stored.decided = [self._decided(stored, row) for row in range(first, len(stored.at))]
        if wanted:
            publish_decisions(self.state.engine.name, [one.body for one in stored.decided])

    def _decided(self, stored: Stored, row: int) -> Decided:
        place = int(stored.at[row])
        event = {
            self.state.engine.id_field: self.rows.columns.column("transaction_id")[place],
            "received_at": stored.now,
            "amount_minor": int(self.rows.integers["amount_minor"][place]),
        }
        scored = stored.judged.scored(row)
        return fresh_decision(self.state, int(stored.assessments[row]), event, scored)

    def _keep(self, stored: Stored) -> None:
        """Remember what was committed."""
        self.customers.ids |= stored.made
        self.ids[stored.at] = stored.ids
        self.newest = [*self.newest, *stored.decided][-MOST_ANNOUNCED:]
        for result in self._results(stored):
            self.found.decided(result)
            self.swift[result.decision] += 1

    def _results(self, stored: Stored) -> list[RowResult]:
        names, judged = self.rows.columns.column("transaction_id"), stored.judged
        verdicts = [judged.verdict(row) for row in range(len(stored.at))]
        return [
            RowResult(self.rows.columns.rows[place].line, names[place], *verdict, assessment, False)
            for place, verdict, assessment in zip(
                stored.at.tolist(), verdicts, stored.assessments.tolist(), strict=True
            )
        ]


def _copy(table: str, shared: Table, own: Table, rows: slice) -> None:
    columns = {name: wire.part(column, rows) for name, column in shared.items()} | own
    copy_in_binary(table, list(columns), wire.rows_of(list(columns.values()), rows.stop - rows.start))
