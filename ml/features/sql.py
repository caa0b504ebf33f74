"""The primitives of one event as one PostgreSQL statement.

The current event is passed in as values, window starts as parameters, so that one generic plan serves
every event: prepare it once per connection under `plan_cache_mode = force_generic_plan`. The server needs
`random_page_cost = 1.1`: with the default of 4 the plan, made for the average entity, reads and sorts all
that a busy one ever did (tens of milliseconds) instead of walking the index newest first to the bound.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from ml.features.columns import DAY_COLUMN, TABLES
from ml.features.spec import AMOUNT_COLUMN, BOUND, OF_THE_EVENT, FeatureSet, Primitive, Stream

_TIMES = ("occurred_at", "known_at")


@dataclass(frozen=True)
class Statement:
    """text is the body for PREPARE; it returns one row, the primitives in order, as bigint or NULL.

    parameters  event columns, then window starts as "since.<microseconds>", in the order of $1..$n
    types       their PostgreSQL types
    """

    text: str
    parameters: tuple[str, ...]
    types: tuple[str, ...]

    def prepare(self, name: str) -> str:
        return f"prepare {name}({', '.join(self.types)}) as {self.text}"

    def execute(self, name: str) -> str:
        """Return the EXECUTE that takes `arguments` through psycopg2."""
        return f"execute {name}({', '.join(['%s'] * len(self.parameters))})"

    def arguments(self, event: Mapping[str, int | datetime | None]) -> tuple:
        """Return the parameters of one event; occurred_at is an aware datetime, absent columns are NULL."""
        at = event["occurred_at"]
        return tuple(
            at - timedelta(microseconds=int(name[6:])) if name.startswith("since.") else event.get(name)
            for name in self.parameters
        )


@lru_cache(maxsize=32)
def statement(feature_set: FeatureSet, bound: int = BOUND) -> Statement:
    """Return the statement that computes feature_set.primitives for one event."""
    writer = _Writer(feature_set, bound)
    text = writer.text()
    return Statement(text, tuple(writer.parameters), tuple(writer.parameters.values()))


class _Writer:
    def __init__(self, feature_set: FeatureSet, bound: int):
        self.feature_set = feature_set
        self.bound = bound
        self.parameters: dict[str, str] = {}
        self.source: dict[str, str] = {}  # primitive -> alias of the lateral join that yields it
        self._type_parameters()

    def _type_parameters(self) -> None:
        """Event columns first, then window starts, each once."""
        streams, primitives = self.feature_set.streams, self.feature_set.primitives
        columns = {"id", "occurred_at"} | {s.by for s in streams}
        columns |= {s.key for s in streams if s.holds_current}
        columns |= {c for s in streams for c in self._columns(s, self._primitives(s)) if s.holds_current}
        columns |= {p.column for p in primitives if p.aggregate in OF_THE_EVENT}
        types = TABLES[self.feature_set.table] | dict.fromkeys(self.feature_set.expressions, "bigint")
        self.parameters.update((c, t) for c, t in types.items() if c in columns)
        durations = {d for p in primitives for d in (p.window, p.until)} | {s.delay for s in streams}
        for duration in sorted(d for d in durations if d):
            self.parameters[f"since.{duration}"] = "timestamptz"

    def text(self) -> str:
        joins = []
        for stream in self.feature_set.streams:
            aggregates = [p for p in self._primitives(stream) if p.aggregate != "last"]
            if aggregates:
                self._join(joins, self._aggregates(stream, aggregates), aggregates)
            for newest in self._newest_groups(stream):
                self._join(joins, self._newest(stream, newest), newest)
        selected = [self._selected(p) for p in self.feature_set.primitives]
        return "select " + ",\n  ".join(selected) + "\nfrom (select 1) one\n" + "\n".join(joins)

    def _join(self, joins: list[str], query: str, primitives: list[Primitive]) -> None:
        alias = f"w{len(joins)}"
        joins.append(f"left join lateral ({query}) {alias} on true")
        self.source.update((p.name, alias) for p in primitives)

    def _selected(self, primitive: Primitive) -> str:
        if primitive.is_probe:
            return self._probe(primitive, self.feature_set.stream_by_name[primitive.stream])
        return f'{self.source[primitive.name]}."{primitive.name}"'

    def _p(self, name: str) -> str:
        return f"${list(self.parameters).index(name) + 1}"

    def _since(self, duration: int) -> str:
        return self._p(f"since.{duration}") if duration else self._p("occurred_at")

    def _primitives(self, stream: Stream) -> list[Primitive]:
        return [p for p in self.feature_set.primitives if p.stream == stream.name and not p.is_probe]

    def _columns(self, stream: Stream, read: list[Primitive]) -> list[str]:
        """Stored columns that aggregates and filters read, besides time and id."""
        columns = {p.column for p in read} | {c for p in read for c, _, _ in p.where}
        if any(p.aggregate == "same_amount" for p in read):
            columns.add(AMOUNT_COLUMN)
        if stream.is_fact and stream.arrival:
            columns.add(stream.arrival)
        return sorted(columns - {None, DAY_COLUMN, stream.time, "id"})

    def _newest_groups(self, stream: Stream) -> list[list[Primitive]]:
        """Primitives that are columns of one and the same newest row."""
        groups: dict[tuple, list[Primitive]] = {}
        for primitive in self._primitives(stream):
            if primitive.aggregate == "last":
                key = (primitive.where, primitive.window, primitive.until)
                groups.setdefault(key, []).append(primitive)
        return list(groups.values())

    # ---- rows

    def _history(self, stream: Stream) -> str:
        """Conditions on stored rows: what had arrived and happened before the current event."""
        at, event_id, key = self._p("occurred_at"), self._p("id"), self._p(stream.by)
        conditions = [f"{stream.key} = {key}"]
        if stream.arrival:
            conditions += [
                f"({stream.time}, {stream.arrival}) < ({at}, {event_id})",
                f"{stream.arrival} < {event_id}",
            ]
        if "superseded_by_id" in TABLES[stream.table]:
            conditions.append(f"(superseded_by_id is null or superseded_by_id > {event_id})")
        if stream.delay or not stream.arrival:
            conditions.append(f"{stream.time} <= {self._since(stream.delay)}")
        conditions += [row_condition(c, stream.time) for c in stream.where]
        return " and ".join(conditions)

    def _stored(self, stream: Stream, read: list[Primitive]) -> str:
        """The bounded history as (at, id, columns), newest first."""
        history = self._history(stream)
        # The bound counts from the newest row, so rows outside every window need not be read.
        if all(p.window is not None for p in read):
            history += f" and {stream.time} > {self._since(max(p.window for p in read))}"
        columns = ", ".join(
            [f"{stream.time} as at", "id", *(self._named(c) for c in self._columns(stream, read))]
        )
        order = ", ".join(f"{column} desc" for column in stream.order)
        newest_first = f"order by {order} limit {self.bound - 1}"
        return f"select {columns} from {stream.table} where {history} {newest_first}"

    def _named(self, column: str) -> str:
        """A column of a stored row; a declared one is taken out of what the client sent along."""
        expression = self.feature_set.expressions.get(column)
        return f"({expression}) as {column}" if expression else column

    def _rows(self, stream: Stream, read: list[Primitive]) -> str:
        """The bounded history as (cur, at, id, columns), and the current event when it is a row of it."""
        stored = f"select false as cur, h.* from ({self._stored(stream, read)}) h"
        if not stream.holds_current or not any(p.counts_current for p in read):
            return stored
        columns = self._columns(stream, read)
        values = [self._p("occurred_at"), self._p("id"), *(self._p(c) for c in columns)]
        itself = "" if stream.key == stream.by else f" where {self._p(stream.key)} = {self._p(stream.by)}"
        named = ", ".join(f"{v} as {c}" for v, c in zip(values, ["at", "id", *columns], strict=True))
        return f"select true as cur, {named}{itself} union all {stored}"

    def _newest(self, stream: Stream, primitives: list[Primitive]) -> str:
        """One row; the scan stops at the first that meets the filter, where an aggregate would sort all."""
        columns = ", ".join(
            f'{_integer(_expression(p.column, "at"), p.column)} as "{p.name}"' for p in primitives
        )
        rows = self._filter(primitives[0], stored_only=True)
        stored = self._stored(stream, primitives)
        order = ", ".join(f"{'at' if c == stream.time else c} desc" for c in stream.order)
        return f"select {columns} from ({stored}) h where {rows} order by {order} limit 1"

    def _aggregates(self, stream: Stream, primitives: list[Primitive]) -> str:
        aggregates = ", ".join(f'{self._aggregate(p, stream)} as "{p.name}"' for p in primitives)
        # A missing key gives no row, and so NULL in every column, without touching the table.
        key = self._p(stream.by)
        return f"select {aggregates} from ({self._rows(stream, primitives)}) w having {key} is not null"

    # ---- aggregates

    def _filter(self, primitive: Primitive, stored_only: bool = False) -> str:
        conditions = [row_condition(c, "at") for c in primitive.where]
        if primitive.window is not None:
            conditions.append(f"at > {self._since(primitive.window)}")
        if primitive.until:
            conditions.append(f"at <= {self._since(primitive.until)}")
        if not primitive.counts_current and not stored_only:
            conditions.append("not cur")
        return " and ".join(conditions) or "true"

    def _aggregate(self, primitive: Primitive, stream: Stream) -> str:
        column = _expression(primitive.column, "at") if primitive.column else ""
        rows = f"filter (where {self._filter(primitive)})"
        match primitive.aggregate:
            case "count":
                return f"count(*) {rows}"
            case "sum":
                return f"coalesce(sum({column}) {rows}, 0)::bigint"
            case "sumsq":
                return f"coalesce(sum({column}::bigint * {column}) {rows}, 0)::bigint"
            case "max" | "min" as name:
                return _integer(f"{name}({column}) {rows}", primitive.column)
            case "distinct":
                return f"count(distinct {column}) {rows}"
            case "same":
                own = self._p(primitive.column)
                same = f"count(*) filter (where {self._filter(primitive)} and {column} = {own})"
                return f"case when {own} is not null then {same} end"
            case "same_amount":
                own = self._p(primitive.column)
                same = f"sum({AMOUNT_COLUMN}) filter (where {self._filter(primitive)} and {column} = {own})"
                return f"case when {own} is not null then coalesce({same}, 0)::bigint end"
            case "since":
                return _microseconds(f"({self._p('occurred_at')} - max(at) {rows})")
            case "horizon":
                full = f"count(*) filter (where not cur) = {self.bound - 1}"
                return f"case when {full} then {_microseconds('min(at) filter (where not cur)')} end"
            case "quantile":
                # percentile_disc multiplies in floating point; nearest rank is exact in integers.
                known = f"filter (where {self._filter(primitive)} and {column} is not null)"
                rank = f"({primitive.quantile} * count(*) {known} + 99) / 100"
                return f"(array_agg({column} order by {column}) {known})[{rank}]"
        raise ValueError(f"{primitive.name}: no SQL for {primitive.aggregate}")

    def _probe(self, primitive: Primitive, stream: Stream) -> str:
        history = self._history(stream)
        if primitive.aggregate == "seen":
            own = self._p(primitive.column)
            found = f"exists (select from {stream.table} where {history} and {primitive.column} = {own})::int"
            return f"case when {self._p(stream.by)} is not null and {own} is not null then {found} end"
        time = stream.time
        first = f"(select {time} from {stream.table} where {history} order by {time}, id limit 1)"
        if stream.holds_current and not primitive.prior:
            own_row = f"{self._p(stream.key)} = {self._p(stream.by)}"
            first = f"least({first}, case when {own_row} then {self._p('occurred_at')} end)"
        return _microseconds(first)


def _microseconds(expression: str) -> str:
    """Microseconds of an interval, or since 1970-01-01 UTC of a time; extract gives exact numerics."""
    return f"(extract(epoch from {expression}) * 1000000)::bigint"


def _integer(expression: str, column: str) -> str:
    return _microseconds(expression) if column in _TIMES else expression


def _expression(column: str, time: str) -> str:
    if column == DAY_COLUMN:
        return f"floor(extract(epoch from {time}) / 86400)::bigint"
    return time if column in _TIMES else column


def row_condition(condition: tuple, time: str, expressions: Mapping[str, str] | None = None) -> str:
    """Return a condition of a spec as SQL; `time` is the expression of the row's time.

    `expressions` are those of declared columns, where the row is a stored one.
    """
    column, comparison, value = condition
    expression = f"({expressions[column]})" if column in (expressions or {}) else _expression(column, time)
    match comparison:
        case "known":
            return f"{expression} is not null"
        case "in":
            return f"{expression} in ({', '.join(map(str, value))})"
        case "multiple":
            return f"{expression} % {value} = 0"
    return f"{expression} {({'==': '=', '!=': '<>'}).get(comparison, comparison)} {value}"
