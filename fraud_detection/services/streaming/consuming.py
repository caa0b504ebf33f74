"""The loop of a consumer: poll, decide, bury what cannot be decided, commit. At least once, decided once."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from django.db import InterfaceError, OperationalError, close_old_connections, connection

from fraud_detection.models import ConsumerState, LetterReason
from fraud_detection.services.announcing import Decided
from fraud_detection.services.streaming.deciding import Buried, Settled, decide_run, read_all, runs
from fraud_detection.services.streaming.envelope import Event
from fraud_detection.services.streaming.letters import as_letter, keep_letters, shown
from fraud_detection.services.streaming.reporting import Reporter, Tally
from fraud_detection.services.streaming.source import Message, Source, SourceAway

ATTEMPTS = 3  # tries of one message while the database is well
MOST_DELIVERIES = 6  # consumers that one message may end before it is buried
FIRST_WAIT, LONGEST_WAIT = 0.2, 5.0
SLOW, QUICK = 2.0, 0.5  # seconds a batch takes when the next one is to be smaller, or may be larger
SMALLEST = 10
T = TypeVar("T")
log = structlog.get_logger(__name__)


class Stopping(Exception):
    """Asked to stop while something is away; what is unsettled is given out again."""


class Consumer:
    """One member of a group. `stop` may be set from a signal handler: the batch at hand is finished first.

    >>> tally = Consumer(source, name="host-1", group="fraudguard", batch=500).run(idle_seconds=10)
    """

    def __init__(
        self, source: Source, *, name: str, group: str, batch: int, stop: threading.Event | None = None
    ):
        self.source, self.batch, self.most = source, batch, batch
        self.stop = stop or threading.Event()
        self.tally = Tally()
        self.reporter = Reporter(source, name=name, group=group, tally=self.tally)

    def run(self, *, idle_seconds: float | None = None) -> Tally:
        """Consume until asked to stop, or until nothing came for `idle_seconds`."""
        came = time.monotonic()
        try:
            while not self.stop.is_set() and not _idle(came, idle_seconds):
                if messages := self._polled():
                    self._settle(messages)
                    came = time.monotonic()
                self.reporter.report()
        except Stopping:
            log.info("consumer_stopped_waiting", events=self.tally.events)
        finally:
            self.reporter.report_now(ConsumerState.STOPPED)
            self.source.close()
        return self.tally

    def _polled(self) -> list[Message]:
        try:
            return self.source.poll(self.most)
        except SourceAway as error:
            self._wait_for_source(error)
            return []

    def _settle(self, messages: Sequence[Message]) -> None:
        started = time.monotonic()
        settled = self._settled(messages)
        self._bury([one for one in settled if isinstance(one, Buried)])
        try:
            self.source.commit(messages)
        except SourceAway as error:  # decided, and found decided when they are given out again
            log.warning("messages_not_committed", messages=len(messages), error=str(error))
        for one in settled:
            self._count(one)
        self._adapt(time.monotonic() - started, len(messages))

    def _settled(self, messages: Sequence[Message]) -> list[Settled]:
        """Everything decided or known to be undecidable; waits for as long as the database is away."""
        ended = [one for one in messages if one.deliveries >= MOST_DELIVERIES]
        events, settled = read_all(one for one in messages if one.deliveries < MOST_DELIVERIES)
        found: list[Settled] = [*settled, *map(_ended_consumers, ended)]
        for part in runs(events):
            found += self._run(part)
            self._keep()
        return found

    def _run(self, events: list[Event]) -> list[Settled]:
        try:
            return self._with_database(lambda: decide_run(events))
        except Exception as error:
            # Whatever one of them did, the others are decided: one by one shows which it was.
            log.exception("part_fell_back", events=len(events), error=str(error))
            return [self._alone(event) for event in events]

    def _alone(self, event: Event) -> Settled:
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._with_database(lambda: decide_run([event])[0])
            except Exception as error:
                log.exception("event_failed", event=event.event_id, attempt=attempt)
                problem = f"{type(error).__name__}: {error}"
        return Buried(
            event.message, LetterReason.FAILED, problem, event.engine, event.event_id, attempts=ATTEMPTS
        )

    def _with_database(self, work: Callable[[], T]) -> T:
        """Carried out as soon as the database can; what it refuses while it is well is raised."""
        wait = FIRST_WAIT
        while True:
            try:
                return work()
            except (OperationalError, InterfaceError) as error:
                if database_answers():
                    raise
                self._pause(wait, f"PostgreSQL: {type(error).__name__}")
                wait = min(wait * 2, LONGEST_WAIT)

    def _bury(self, buried: list[Buried]) -> None:
        if not buried:
            return
        kind = self.source.kind
        self._with_database(lambda: keep_letters(kind, buried))
        for one in buried:
            log.warning("message_buried", stream=one.message.stream.name, reason=str(one.reason))
            try:
                self.source.bury(one.message, shown(as_letter(kind, one)))
            except SourceAway as error:  # the letter stands in the database, which is what is replayed
                log.warning("dead_letter_not_told", position=one.message.position, error=str(error))

    def _count(self, one: Settled) -> None:
        if isinstance(one, Decided):
            self.tally.repeated += one.replayed
            self.tally.events += not one.replayed
        else:
            self.tally.buried += 1

    def _adapt(self, seconds: float, messages: int) -> None:
        """Smaller batches while the database is slow, so that a stop or a takeover never waits long."""
        if seconds > SLOW:
            self.most = max(min(self.most, messages) // 2, min(SMALLEST, self.batch))
        elif seconds < QUICK:
            self.most = min(self.most * 2, self.batch)

    def _wait_for_source(self, error: SourceAway) -> None:
        log.warning("stream_away", error=str(error))
        self.reporter.report(ConsumerState.WAITING, f"{self.source.kind}: {error}")
        self.stop.wait(1.0)

    def _pause(self, seconds: float, what: str) -> None:
        log.warning("consumer_waits", what=what, seconds=seconds)
        if self.stop.wait(seconds):
            raise Stopping
        self._keep()

    def _keep(self) -> None:
        try:
            self.source.keep()
        except SourceAway as error:
            log.warning("stream_away", error=str(error))


def _idle(came: float, seconds: float | None) -> bool:
    return seconds is not None and time.monotonic() - came >= seconds


def database_answers() -> bool:
    """Whether PostgreSQL is there; a connection that died is given up, so that the next try makes another."""
    try:
        close_old_connections()
        if not connection.is_usable():
            connection.close()
        with connection.cursor() as cursor:
            cursor.execute("select not pg_is_in_recovery()")
            return bool(cursor.fetchone()[0])
    except (OperationalError, InterfaceError):
        connection.close()
        return False


def _ended_consumers(message: Message) -> Buried:
    detail = f"{message.deliveries} consumers ended while they held it; it is not tried any more"
    return Buried(message, LetterReason.CRASHED, detail, attempts=message.deliveries)
