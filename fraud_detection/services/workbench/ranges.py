"""Which values an expression can have at all: constant folding and intervals, before any event is seen."""

import math
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from fraud_detection.rules.language import Kind, Node
from fraud_detection.rules.language.tree import Call, Constant, IsMissing, Members, Variable

# What a unit alone says of its values. Shares, ratios, days and scores may be negative somewhere.
UNIT_RANGES = {
    "count": (0.0, math.inf),
    "seconds": (0.0, math.inf),
    "km": (0.0, math.inf),
    "km/h": (0.0, math.inf),
    "price": (0.0, math.inf),
    "quantity": (0.0, math.inf),
    "hour": (0.0, 23.0),
}
NAME_RANGES = {"amount": (0.0, math.inf)}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


class Range(NamedTuple):
    """The numbers from `low` to `high`; `open_low` and `open_high` leave the end itself out."""

    low: float = -math.inf
    high: float = math.inf
    open_low: bool = False
    open_high: bool = False

    @property
    def is_empty(self) -> bool:
        return self.low > self.high or (self.low == self.high and (self.open_low or self.open_high))

    def within(self, other: "Range") -> "Range":
        low, open_low = max((self.low, self.open_low), (other.low, other.open_low))
        high, closed = min((self.high, not self.open_high), (other.high, not other.open_high))
        return Range(low, high, open_low, not closed)

    def holds(self, value: float) -> bool:
        return not self.within(Range(value, value)).is_empty


class Ranges:
    """Ranges of bound expressions, from the units of the names they read."""

    def __init__(self, units: Mapping[str, str]) -> None:
        self._units = units

    def of_name(self, name: str) -> Range:
        return Range(*NAME_RANGES.get(name, UNIT_RANGES.get(self._units.get(name, ""), ())))

    def of(self, node: Node) -> Range:
        """Of a number; everything where nothing is known."""
        if isinstance(node, Constant) and node.kind is Kind.NUMBER:
            return Range(float(node.value), float(node.value))
        if isinstance(node, Variable):
            return self.of_name(node.name)
        if isinstance(node, Call) and node.kind is Kind.NUMBER:
            return self._of_call(node)
        return Range()

    def _of_call(self, node: Call) -> Range:
        if node.operator in ("hour", "weekday"):
            return Range(0.0, 23.0 if node.operator == "hour" else 6.0)
        numbers = [self.of(each) for each in node.arguments if each.kind is Kind.NUMBER]
        low, high = _ends(node.operator, numbers)
        return Range() if math.isnan(low) or math.isnan(high) else Range(low, high)

    def truth(self, node: Node) -> bool | None:
        """Whether a condition is the same for every event that has its values; None when it is not."""
        if isinstance(node, Constant):
            return bool(node.value)
        if isinstance(node, IsMissing) or not isinstance(node, Call):
            return None
        if node.operator == "!":
            inner = self.truth(node.arguments[0])
            return None if inner is None else not inner
        if node.operator in ("&&", "||"):
            return self._joined(node)
        if node.operator in _NEGATED:
            return self._compared(node)
        if node.operator == "in" and isinstance(node.arguments[0], Constant):
            members = node.arguments[1]
            return node.arguments[0].value in members.values if isinstance(members, Members) else None
        if node.operator == "?:":
            then, otherwise = (self.truth(each) for each in node.arguments[1:])
            return then if then == otherwise else None
        return None

    def _joined(self, node: Call) -> bool | None:
        deciding = node.operator == "||"  # one true part decides an "or", one false part an "and"
        parts = [self.truth(each) for each in node.arguments]
        if deciding in parts:
            return deciding
        if all(part is not None for part in parts):
            return not deciding
        if any(limits.is_empty for limits in self.limits(node, negated=deciding).values()):
            return deciding
        return None

    def _compared(self, node: Call) -> bool | None:
        left, right = node.arguments
        if isinstance(left, Constant) and isinstance(right, Constant):
            if left.kind in (Kind.TEXT, Kind.BOOL):
                return (left.value == right.value) is (node.operator == "==")
        elif left == right and not isinstance(left, Constant):
            return node.operator in ("==", "<=", ">=")
        if left.kind is not Kind.NUMBER:
            return None
        return _always(node.operator, self.of(left), self.of(right))

    def limits(self, node: Node, *, negated: bool = False) -> dict[str, Range]:
        """What must hold of each name for the condition (or its opposite) to hold, where that is plain."""
        found: dict[str, Range] = {}
        for term, opposite in _terms(node, negated):
            name, limit = _limit(term, opposite)
            if name:
                found[name] = found.get(name, self.of_name(name)).within(limit)
        return found


def _terms(node: Node, negated: bool) -> Iterator[tuple[Node, bool]]:
    """The parts that must all hold, each with whether its opposite is meant."""
    if isinstance(node, Call) and node.operator == "!":
        yield from _terms(node.arguments[0], not negated)
    elif isinstance(node, Call) and node.operator == ("||" if negated else "&&"):
        for each in node.arguments:
            yield from _terms(each, negated)
    else:
        yield node, negated


def _limit(node: Node, opposite: bool) -> tuple[str, Range]:
    """The name that a comparison with a constant is about, and the range it allows; ("", ...) if none."""
    if not isinstance(node, Call) or node.operator not in _NEGATED:
        return "", Range()
    left, right = node.arguments
    operator = node.operator
    if isinstance(left, Constant):
        left, right, operator = right, left, _MIRRORED[operator]
    if opposite:
        operator = _NEGATED[operator]
    if not (isinstance(left, Variable) and isinstance(right, Constant)) or left.kind is not Kind.NUMBER:
        return "", Range()
    value = float(right.value)
    allowed = {
        "<": Range(high=value, open_high=True),
        "<=": Range(high=value),
        ">": Range(low=value, open_low=True),
        ">=": Range(low=value),
        "==": Range(value, value),
    }
    return (left.name, allowed[operator]) if operator in allowed else ("", Range())


def _always(operator: str, left: Range, right: Range) -> bool | None:
    if operator in (">", ">="):
        return _always(_MIRRORED[operator], right, left)
    if operator == "<":
        return True if left.high < right.low else False if left.low >= right.high else None
    if operator == "<=":
        return True if left.high <= right.low else False if left.low > right.high else None
    apart = left.high < right.low or right.high < left.low
    same = left.low == left.high == right.low == right.high
    equal = False if apart else True if same else None
    return equal if operator == "==" or equal is None else not equal


def _ends(operator: str, numbers: list[Range]) -> tuple[float, float]:
    """Lowest and highest result; NaN where nothing is known."""
    lows, highs = [each.low for each in numbers], [each.high for each in numbers]
    if operator == "neg":
        return -highs[0], -lows[0]
    if operator == "+":
        return sum(lows), sum(highs)
    if operator == "-":
        return lows[0] - highs[1], highs[0] - lows[1]
    if operator in ("min", "max"):
        pick = min if operator == "min" else max
        return pick(lows), pick(highs)
    if operator == "abs":
        return (0.0 if numbers[0].holds(0.0) else min(abs(lows[0]), abs(highs[0]))), max(-lows[0], highs[0])
    if operator == "?:":
        return min(lows), max(highs)
    if operator == "*":
        products = [
            0.0 if 0.0 in (one, two) else one * two for one in numbers[0][:2] for two in numbers[1][:2]
        ]
        return min(products), max(products)
    return math.nan, math.nan
