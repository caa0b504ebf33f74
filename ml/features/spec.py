"""The meaning of features: streams of events, integers taken from them, arithmetic on those.

A Stream says whose history is read, a Primitive which integer is taken from it, a Feature what is
computed from primitives, columns of the current event and other features. The executors (sql, bulk) and
the kernel carry the spec out; none of them knows a domain.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import blake2b

from ml.features.columns import ARRIVALS, CONTEXT_COLUMNS, EVENT_TABLE, FACT_TABLES
from ml.features.durations import duration_text

NULL = -(2**63)  # missing, in int64 arrays

BOUND = 500  # the newest 499 earlier events of an entity, and the current one

AGGREGATES = (
    "count", "sum", "sumsq", "max", "min", "distinct", "same", "same_amount", "since", "last", "quantile",
    "horizon", "seen", "oldest",
)  # fmt: skip
OF_THE_EVENT = ("seen", "same", "same_amount")  # compare with the current event's own value
PROBES = ("seen", "oldest")  # answered from all history, not from the bounded part
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=", "in", "multiple", "known")
AMOUNT_COLUMN = "amount_minor"
KINDS = ("number", "bool", "text")

Condition = tuple  # (column, comparison, value); value is a tuple of ints for "in", None for "known"


@dataclass(frozen=True)
class Stream:
    """The history rows whose `key` column equals the current event's `by` column.

    table   the table of events that the feature set is about, or a table of facts
    delay   only rows at least this old (microseconds); the bound counts from there
    where   conditions every row of the stream meets, applied before the bound
    """

    name: str
    key: str
    by: str
    table: str = EVENT_TABLE
    delay: int = 0
    where: tuple[Condition, ...] = ()

    @property
    def is_fact(self) -> bool:
        return self.table in FACT_TABLES

    @property
    def time(self) -> str:
        return "known_at" if self.is_fact else "occurred_at"

    @property
    def arrival(self) -> str | None:
        """The column that must be smaller than the current event's id, when the time does not say all."""
        return ARRIVALS.get(self.table)

    @property
    def order(self) -> tuple[str, ...]:
        """The columns that rows stand in order of: time, arrival, id."""
        return tuple(dict.fromkeys(c for c in (self.time, self.arrival, "id") if c))

    @property
    def holds_current(self) -> bool:
        """Whether the current event can be a row of its own stream."""
        return not self.is_fact and not self.delay


@dataclass(frozen=True)
class Primitive:
    """One integer taken from a stream, missing (NULL) when the stream's key is.

    count, sum, sumsq, max, min, distinct   of `column` over the rows in the window that meet `where`
    same      rows whose `column` equals the current event's; missing when that is missing
    same_amount  sum of amount_minor over those rows
    since     microseconds since the newest earlier row
    last      `column` of the newest earlier row that meets `where`, NULL included
    quantile  nearest-rank `quantile` per cent of `column`
    horizon   time of the oldest row of the bounded history when the bound is reached, else missing
    seen      1 when the current event's `column` stood in any earlier row, else 0 (all history)
    oldest    time of the oldest row (all history, current event included)

    The window is (t - window, t], or (t - window, t - until] without the current event when `until` is
    given; `prior` leaves the current event out. Times are microseconds.
    """

    name: str
    stream: str
    aggregate: str
    column: str | None = None
    window: int | None = None
    until: int = 0
    where: tuple[Condition, ...] = ()
    prior: bool = False
    quantile: int | None = None

    @property
    def is_probe(self) -> bool:
        return self.aggregate in PROBES

    @property
    def counts_current(self) -> bool:
        """Whether the current event's own values enter the aggregate."""
        earlier_only = ("same", "same_amount", "since", "last", "horizon", "seen")
        return not self.prior and not self.until and self.aggregate not in earlier_only


@dataclass(frozen=True)
class Measure:
    """An integer that no window over one entity gives (a path, a rank among peers): the domain asks for it.

    It enters the kernel as a primitive does, missing (NULL) where it was not asked for, as in bulk.
    """

    name: str
    meaning: str


@dataclass(frozen=True)
class Extra:
    """A column that people declared: an integer taken from what clients send along with an event.

    `expression` is its SQL over a stored row; the current event brings it as a value of that name.
    """

    name: str
    expression: str


@dataclass(frozen=True)
class Feature:
    """A named value that rules, models and people read.

    op and operands say how the kernel computes it; an operand is the name of a primitive, of a measure,
    of another feature, or "event.<column>". `choices` maps the integers of a text feature to its texts.
    """

    name: str
    kind: str
    unit: str
    meaning: str
    op: str
    operands: tuple[str, ...]
    parameters: tuple[float, ...] = ()
    choices: tuple[tuple[int, str], ...] = ()


@dataclass(frozen=True)
class FeatureSet:
    """Everything one domain computes about an event. Raises ValueError when it does not hold together.

    table     where its events are stored
    context   columns given with the current event that history cannot be asked for
    extras    columns that people declared
    base      version of the shipped set that this one adds to, "" for a shipped one
    added     names of the features it adds
    """

    name: str
    streams: tuple[Stream, ...]
    primitives: tuple[Primitive, ...]
    features: tuple[Feature, ...]
    measures: tuple[Measure, ...] = ()
    table: str = EVENT_TABLE
    context: tuple[str, ...] = tuple(CONTEXT_COLUMNS)
    extras: tuple[Extra, ...] = ()
    base: str = ""
    added: tuple[str, ...] = ()

    def __post_init__(self):
        from ml.features.validation import check

        check(self)

    def __hash__(self) -> int:
        # Compiled forms are cached by feature set: hashing the whole spec at each look-up would cost more.
        return self._identity

    @cached_property
    def _identity(self) -> int:
        return int(self.digest, 16)

    @cached_property
    def digest(self) -> str:
        """Twelve hex digits that change whenever any definition does."""
        content = repr((self.name, BOUND, self.streams, self.primitives, self.features))
        if self.measures:
            content += repr(self.measures)
        if self.extras:
            content += repr(self.extras)
        return blake2b(content.encode(), digest_size=6).hexdigest()

    @cached_property
    def version(self) -> str:
        return f"{self.name}-{self.digest}"

    @cached_property
    def expressions(self) -> dict[str, str]:
        """SQL of the declared columns by name."""
        return {extra.name: extra.expression for extra in self.extras}

    @cached_property
    def numbers(self) -> tuple[str, ...]:
        """Names held in the float64 vector, in order; bools are 0.0 and 1.0, missing is NaN."""
        return tuple(f.name for f in self.features if f.kind != "text")

    @cached_property
    def texts(self) -> tuple[str, ...]:
        return tuple(f.name for f in self.features if f.kind == "text")

    @cached_property
    def names(self) -> tuple[str, ...]:
        return self.numbers + self.texts

    @cached_property
    def _features(self) -> dict[str, Feature]:
        return {f.name: f for f in self.features}

    @cached_property
    def _primitives(self) -> dict[str, Primitive]:
        return {p.name: p for p in self.primitives}

    @cached_property
    def stream_by_name(self) -> dict[str, Stream]:
        return {s.name: s for s in self.streams}

    def feature(self, name: str) -> Feature:
        """Return a feature; KeyError when there is none of that name."""
        return self._features[name]

    def primitives_of(self, name: str) -> tuple[Primitive, ...]:
        """Return every primitive a feature is computed from, directly or through other features."""
        found: dict[str, Primitive] = {}
        for operand in self.feature(name).operands:
            if operand in self._primitives:
                found[operand] = self._primitives[operand]
            elif operand in self._features:
                found.update((p.name, p) for p in self.primitives_of(operand))
        return tuple(found.values())

    def only(self, names: tuple[str, ...]) -> "FeatureSet":
        """The set of these features alone, with what they are computed from."""
        wanted = set(names)
        for feature in reversed(self.features):
            if feature.name in wanted:
                wanted |= {operand for operand in feature.operands if operand in self._features}
        features = tuple(f for f in self.features if f.name in wanted)
        operands = {operand for f in features for operand in f.operands}
        primitives = tuple(p for p in self.primitives if p.name in operands)
        streams = {p.stream for p in primitives}
        return replace(
            self,
            streams=tuple(s for s in self.streams if s.name in streams),
            primitives=primitives,
            features=features,
            measures=tuple(m for m in self.measures if m.name in operands),
        )

    def meaning_digest(self, name: str) -> str:
        """Twelve hex digits of one feature: they change whenever what it computes does, and only then."""
        part = self.only((name,))
        arithmetic = [(f.name, f.kind, f.op, f.operands, f.parameters) for f in part.features]
        content = repr((BOUND, part.streams, part.primitives, arithmetic))
        return blake2b(content.encode(), digest_size=6).hexdigest()

    def meanings(self, names: Iterable[str]) -> dict[str, str]:
        """`meaning_digest` of those names that were added; shipped ones are told by the version."""
        return {name: self.meaning_digest(name) for name in names if name in self.added}

    def is_measured(self, name: str) -> bool:
        """Whether a feature needs a measure, directly or through other features."""
        measures = {measure.name for measure in self.measures}
        operands = self.feature(name).operands
        return any(o in measures or (o in self._features and self.is_measured(o)) for o in operands)

    def streams_of(self, name: str) -> tuple[str, ...]:
        """Return the names of the streams a feature reads."""
        return tuple(dict.fromkeys(p.stream for p in self.primitives_of(name)))

    def window_of(self, name: str) -> str:
        """Return the windows a feature looks at, as text; "event" when it needs no history.

        "measured" stands for what the domain asks of history itself.
        """
        if self.is_measured(name):
            return "measured"
        read = [p for p in self.primitives_of(name) if p.aggregate != "horizon"]
        texts = [_window_text(p, self.stream_by_name[p.stream]) for p in read]
        return ", ".join(dict.fromkeys(texts)) or "event"


def _window_text(primitive: Primitive, stream: Stream) -> str:
    if primitive.is_probe or primitive.window is None:
        return "all history" if primitive.is_probe else "bounded history"
    until = max(primitive.until, stream.delay)
    text = duration_text(primitive.window)
    if until:
        return f"{text} ago until {duration_text(until)} ago"
    return f"earlier {text}" if not primitive.counts_current else text
