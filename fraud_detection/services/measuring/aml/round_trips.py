"""Money that comes back to where it left: a search in time order for 3 to 6 hops that an event closes.

It goes forward from the receiver, up to two hops, and backward from the sender, up to three, and joins where
they meet. At every account it follows only the newest movements whose amounts fit, so that its work is
bounded whatever the accounts do.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import connection

from ml.domains.codes import CASH_IN
from ml.domains.moments import microseconds
from ml.features.columns import EVENT_TABLE
from ml.features.durations import DAY
from transactions.services import run_prepared

WINDOW = 7 * DAY
LEAST_START = 100_000  # minor units
KEPT, OF = 4, 5  # each hop passes on at least four fifths of the one before
MOST_HOPS = 6
MILLION = 1_000_000
AFTER_ALL = 2**62  # an id: what happened at the very moment a window begins lies outside it
FORWARD, BACKWARD = ("sender_key", "receiver_key"), ("receiver_key", "sender_key")


@dataclass(frozen=True)
class Reach:
    """How far a search goes: edges followed and movements read of an account, accounts asked at a level."""

    edges: int
    movements: int
    accounts: int


IN_REQUEST = Reach(edges=10, movements=200, accounts=100)
DEEP = Reach(edges=100, movements=5_000, accounts=2_000)


class Edge(NamedTuple):
    """One stored movement; `at` in microseconds, `amount` in minor units."""

    id: int
    at: int
    sender: int
    receiver: int
    amount: int


Path = tuple[Edge, ...]


@dataclass(frozen=True)
class RoundTrip:
    """What was found: the earlier hops of the shortest round trip, if any; `cut`: something was left out."""

    path: Path
    cut: bool

    @property
    def hops(self) -> int:
        """With the closing event; 0 when there is none."""
        return len(self.path) + 1 if self.path else 0

    def lowest(self, closing: int) -> int:
        """The lowest amount of a hop over the one before, parts per million; `closing` is the last amount."""
        amounts = [*(edge.amount for edge in self.path), closing]
        return min(MILLION * after // before for before, after in pairwise(amounts))


NONE = RoundTrip((), False)


def round_trip(event: Mapping[str, Any], reach: Reach = IN_REQUEST) -> RoundTrip:
    """The round trip that a stored event closes: the fewest hops, then the largest start, then the newest."""
    if not _can_close(event):
        return NONE
    return _Search(event, reach).found()


def _can_close(event: Mapping[str, Any]) -> bool:
    least = LEAST_START * KEPT ** (MOST_HOPS - 1) // OF ** (MOST_HOPS - 1)
    moves = event["type"] != CASH_IN and event["sender_key"] != event["receiver_key"]
    return moves and event["amount_minor"] >= least


class _Search:
    def __init__(self, event: Mapping[str, Any], reach: Reach):
        self.reach = reach
        self.id = event["id"]
        self.at = microseconds(event["occurred_at"])
        self.since = self.at - WINDOW
        self.sender, self.receiver = event["sender_key"], event["receiver_key"]
        self.amount = event["amount_minor"]
        self.cut = {FORWARD: False, BACKWARD: False}  # what could not be followed, by direction

    def found(self) -> RoundTrip:
        """Level by level, so that what is near is found without looking far."""
        out = self._forward([()])
        into = self._backward([()]) if out or self.cut[FORWARD] else []
        if not (out or self.cut[FORWARD]) or not (into or self.cut[BACKWARD]):
            return NONE
        for left, right in self._meetings(out, into):
            if path := self._joined(left, right):
                return RoundTrip(path, False)
        return RoundTrip((), any(self.cut.values()))

    def _meetings(self, out: list[Path], into: list[Path]) -> Iterator[tuple[list[Path], list[Path]]]:
        """Half paths to join, in order of the hops that they make: 3, 4, 5, 6."""
        yield out, into
        further = self._backward(into)
        yield out, further
        out = self._forward(out)
        yield out, further
        yield out, self._backward(further) if out else []

    def _joined(self, left: Sequence[Path], right: Sequence[Path]) -> Path:
        begins: dict[int, list[Path]] = {}
        for path in right:
            begins.setdefault(path[0].sender, []).append(path)
        joined = [
            one + other
            for one in left
            for other in begins.get(one[-1].receiver, ())
            if _follows(one[-1], other[0]) and self._is_simple(one + other)
        ]
        return max(joined, key=lambda path: (path[0].amount, path[0].at, path[0].id), default=())

    def _is_simple(self, path: Path) -> bool:
        """No account stands in it twice, and what left is enough."""
        accounts = [edge.sender for edge in path] + [self.sender]
        return len(set(accounts)) == len(accounts) and path[0].amount >= LEAST_START

    def _forward(self, paths: Sequence[Path]) -> list[Path]:
        """Every path with one more hop; the first hops leave the receiver of the event."""
        asked = []
        for path in paths:
            if not path:
                most = self.amount * OF ** (MOST_HOPS - 1) // KEPT ** (MOST_HOPS - 1)
                asked.append((self.receiver, self.since, AFTER_ALL, self.at, self.id, self.amount, most))
            else:
                last = path[-1]
                least = max(self.amount, -(-last.amount * KEPT // OF))
                asked.append((last.receiver, last.at, last.id, self.at, self.id, least, last.amount))
        return [
            (*path, edge)
            for path, edges in zip(paths, self._edges(asked, FORWARD), strict=False)
            for edge in edges
            if edge.receiver not in (self.sender, self.receiver)
        ]

    def _backward(self, paths: Sequence[Path]) -> list[Path]:
        """Every path with one hop before it; the last hops reach the sender of the event."""
        asked = []
        for path in paths:
            if not path:
                account, at, event_id, amount = self.sender, self.at, self.id, self.amount
            else:
                account, at, event_id, amount = path[0].sender, path[0].at, path[0].id, path[0].amount
            asked.append((account, self.since, AFTER_ALL, at, event_id, amount, amount * OF // KEPT))
        return [
            (edge, *path)
            for path, edges in zip(paths, self._edges(asked, BACKWARD), strict=False)
            for edge in edges
            if edge.sender not in (self.sender, self.receiver)
        ]

    def _edges(self, asked: list[tuple], direction: tuple[str, str]) -> list[list[Edge]]:
        if len(asked) > self.reach.accounts:
            self.cut[direction], asked = True, asked[: self.reach.accounts]
        if not asked:
            return []
        key, other = direction
        with connection.cursor() as cursor:
            text = _QUERY.format(key=key, other=other, **_TIMES)
            run_prepared(cursor, f"round_trip_{key}", text, self._arguments(asked))
            return [self._followed(direction, row) for row in cursor.fetchall()]

    def _followed(self, direction: tuple[str, str], row: tuple) -> list[Edge]:
        """The movements to follow from one account, the newest first."""
        own, looked_at, *columns = row
        fitting = list(zip(*(column or () for column in columns), strict=True))
        most = self.reach.edges
        self.cut[direction] |= looked_at >= self.reach.movements or len(fitting) > most
        if direction is FORWARD:
            return [Edge(row_id, at, own, account, amount) for row_id, at, account, amount in fitting[:most]]
        return [Edge(row_id, at, account, own, amount) for row_id, at, account, amount in fitting[:most]]

    def _arguments(self, asked: list[tuple]) -> tuple:
        columns = [list(column) for column in zip(*asked, strict=True)]
        last = self.reach.edges + 1
        return (*columns, last, last, last, last, self.id, self.id, self.reach.movements)


def _follows(before: Edge, after: Edge) -> bool:
    """In time, and as much of the money as a hop must pass on."""
    in_time = (before.at, before.id) < (after.at, after.id)
    return in_time and before.amount * KEPT <= after.amount * OF and after.amount <= before.amount


# The bound is on what is read, newest first; amounts are compared after it, so that an account whose
# movements never fit costs no more than one whose do. An aggregate keeps the order of what it is given.
_TIMES = {
    name: f"'epoch'::timestamptz + asked.{name} * interval '1 microsecond'" for name in ("before", "after")
}
_FITS = f"filter (where h.amount_minor between asked.least and asked.most and h.type <> {CASH_IN})"
_QUERY = f"""
    select asked.key, newest.*
    from unnest(
        %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[], %s::bigint[]
    ) with ordinality as asked(key, after, after_id, before, before_id, least, most, place)
    cross join lateral (
        select count(*) as looked_at, (array_agg(h.id) {_FITS})[1:%s],
            (array_agg((extract(epoch from h.occurred_at) * 1000000)::bigint) {_FITS})[1:%s],
            (array_agg(h.{{other}}) {_FITS})[1:%s], (array_agg(h.amount_minor) {_FITS})[1:%s]
        from (
            select id, occurred_at, amount_minor, type, {{other}} from {EVENT_TABLE}
            where {{key}} = asked.key
              and (occurred_at, id) < ({{before}}, asked.before_id)
              and (occurred_at, id) > ({{after}}, asked.after_id)
              and id < %s::bigint and (superseded_by_id is null or superseded_by_id > %s::bigint)
            order by occurred_at desc, id desc limit %s
        ) h
    ) newest
    order by asked.place
"""
