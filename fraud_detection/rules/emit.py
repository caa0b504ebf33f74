"""Writes a bound expression as Python source, for the fused function of an engine's rules.

Two forms: the fast one has no checks at all (a missing value raises); the Kleene one, run only when
the fast one raised, lets `&&` and `||` be decided by their other terms.
"""

import math
from collections.abc import Callable

from .language.tree import Call, Constant, IsMissing, Kind, Members, Node, Variable, depends_on, walk
from .magnitude import can_overflow
from .missing import MISSING, NOT_EVALUABLE_ERRORS, MissingValue

_HOUR, _DAY = 3_600_000_000, 86_400_000_000
_LOGIC = {"&&": (" and ", "all_of"), "||": (" or ", "any_of")}
_METHODS = {"startsWith": "startswith", "endsWith": "endswith"}


class Emitter:
    """Python source for one set of expressions; literal lists are collected in `constants`."""

    def __init__(self) -> None:
        self.constants: dict[str, frozenset] = {}

    def fast(self, node: Node) -> str:
        """A Python expression over locals `v_<name>`; it raises NOT_EVALUABLE_ERRORS for missing."""
        return self._emit(node, self.fast)

    def exact(self, node: Node) -> str:
        """As `fast`, but `&&` and `||` inside are Kleene's."""
        if has_choice(node) and node.kind is Kind.BOOL:
            return f"known({self.kleene(node)})"
        return self._emit(node, self.exact)

    def kleene(self, node: Node) -> str:
        """A Python expression for a bool that gives True, False or None and never raises for missing."""
        if isinstance(node, Call) and node.operator in _LOGIC:
            return f"{_LOGIC[node.operator][1]}({', '.join(self.kleene(term) for term in node.arguments)})"
        if isinstance(node, Call) and node.operator == "!":
            return f"negated({self.kleene(node.arguments[0])})"
        if isinstance(node, Call) and node.operator == "?:":
            condition, then, otherwise = (self.kleene(argument) for argument in node.arguments)
            return f"chosen({condition}, {then}, {otherwise})"
        if can_fail(node):
            return f"attempt(lambda: {self._emit(node, self.exact)})"
        missing = " or ".join(f"v_{name} is MISSING" for name in sorted(depends_on(node)))
        if isinstance(node, IsMissing) or not missing:
            return self.fast(node)
        return f"(None if {missing} else {self.fast(node)})"

    def _emit(self, node: Node, inner: Callable[[Node], str]) -> str:
        if isinstance(node, Constant):
            return repr(node.value)
        if isinstance(node, Variable):
            # bools arrive as True/False or 1.0/0.0; the comparison makes them bools (and raises for missing)
            return f"(v_{node.name} == 1)" if node.kind is Kind.BOOL else f"v_{node.name}"
        if isinstance(node, IsMissing):
            return f"(v_{node.variable.name} is MISSING)"
        if isinstance(node, Members):
            return self._constant(node.values)
        return _call(node, [inner(argument) for argument in node.arguments])

    def _constant(self, values: frozenset) -> str:
        name = f"members_{len(self.constants)}"
        self.constants[name] = values
        return name


def _call(node: Call, parts: list[str]) -> str:
    operator = node.operator
    if operator in _LOGIC:
        return f"({_LOGIC[operator][0].join(parts)})"
    if operator == "!":
        return f"(not {parts[0]})"
    if operator == "neg":
        return f"(-{parts[0]})"
    if operator == "?:":
        return f"({parts[1]} if {parts[0]} else {parts[2]})"
    if operator in _METHODS:
        return f"{parts[0]}.{_METHODS[operator]}({parts[1]})"
    if operator == "contains":
        return f"({parts[1]} in {parts[0]})"
    if operator in ("min", "max", "abs", "hour", "weekday"):
        return f"{operator}({', '.join(parts)})"
    text = f"({parts[0]} {operator} {parts[1]})"
    return f"finite{text}" if can_overflow(node) else text


def has_choice(node: Node) -> bool:
    """Whether the Kleene form can differ from the fast one: only `&&` and `||` absorb a missing value."""
    return any(isinstance(part, Call) and part.operator in _LOGIC for part in walk(node))


def can_fail(node: Node) -> bool:
    """Whether a bool may raise although nothing below it is missing, or be known although something is."""
    return any(_is_partial(part) or (isinstance(part, IsMissing) and part is not node) for part in walk(node))


def _is_partial(part: Node) -> bool:
    return isinstance(part, Call) and (part.operator in ("?:", "/", *_LOGIC) or can_overflow(part))


def all_of(*terms: bool | None) -> bool | None:
    """Kleene `&&`: false as soon as one term is false, whatever cannot be evaluated."""
    if False in terms:
        return False
    return None if None in terms else True


def any_of(*terms: bool | None) -> bool | None:
    """Kleene `||`: true as soon as one term is true."""
    if True in terms:
        return True
    return None if None in terms else False


def negated(term: bool | None) -> bool | None:
    return None if term is None else not term


def chosen(condition: bool | None, then: bool | None, otherwise: bool | None) -> bool | None:
    return None if condition is None else then if condition else otherwise


def attempt(term: Callable[[], bool]) -> bool | None:
    try:
        return term()
    except NOT_EVALUABLE_ERRORS:
        return None


def known(term: bool | None) -> bool:
    """The other way round: what is not evaluable raises, inside a larger expression."""
    if term is None:
        raise MissingValue
    return term


def hour(microseconds: int) -> float:
    """Hour of day in UTC, 0-23."""
    return float(microseconds // _HOUR % 24)


def weekday(microseconds: int) -> float:
    """Day of the week in UTC, Monday 0."""
    return float((microseconds // _DAY + 3) % 7)


def finite(value: float) -> float:
    if math.isfinite(value):
        return value
    raise MissingValue


RUNTIME = {
    "MISSING": MISSING,
    "NOT_EVALUABLE_ERRORS": NOT_EVALUABLE_ERRORS,
    "all_of": all_of,
    "any_of": any_of,
    "negated": negated,
    "chosen": chosen,
    "attempt": attempt,
    "known": known,
    "hour": hour,
    "weekday": weekday,
    "finite": finite,
}
