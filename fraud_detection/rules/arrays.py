"""Evaluates expressions over many events with numpy: backtests and bulk scoring.

Numbers are float64 with NaN for missing, times microseconds, bools a pair of masks, texts codes.
"""

from collections.abc import Callable, Mapping

import numpy as np

from .columns import Column, Texts, Truth, as_column
from .language.tree import Constant, IsMissing, Kind, Node, Variable
from .magnitude import can_overflow

CHUNK = 32_768  # rows at a time: the intermediate columns of all rules stay in the processor's cache


def evaluate(tree: Node, columns: Mapping[str, Column]) -> tuple[np.ndarray, np.ndarray]:
    """(where the bound condition is true, where it is false); neither where it is not evaluable."""
    return evaluate_many([tree], columns)[0]


def evaluate_many(trees: list[Node], columns: Mapping[str, Column]) -> list[Truth]:
    """As `evaluate`, for many conditions at once: what they have in common is computed once a chunk."""
    rows = row_count(columns)
    results = [Truth(np.zeros(rows, bool), np.zeros(rows, bool)) for _ in trees]
    for start in range(0, rows, CHUNK):
        chunk = slice(start, min(start + CHUNK, rows))
        evaluator = Evaluator(columns, chunk)
        for tree, result in zip(trees, results, strict=True):
            result.true[chunk], result.false[chunk] = evaluator.value(tree)
    return results


def row_count(columns: Mapping[str, Column]) -> int:
    first = next(iter(columns.values()))
    return len(first[0]) if isinstance(first, Truth | Texts) else len(first)


class Evaluator:
    """Values of bound expressions over one chunk of rows, each distinct part computed once."""

    def __init__(self, columns: Mapping[str, Column], rows: slice) -> None:
        self._columns, self._rows = columns, rows
        self._known: dict[Node, Column] = {}

    def value(self, node: Node) -> Column:
        """float64 for a number or time, Truth for a bool, Texts for a text; constants are 0-d."""
        found = self._known.get(node)
        if found is None:
            with np.errstate(all="ignore"):
                found = self._known[node] = self._compute(node)
        return found

    def _compute(self, node: Node) -> Column:
        if isinstance(node, Constant):
            return _constant(node)
        if isinstance(node, Variable):
            return as_column(node.kind, self._columns[node.name], self._rows)
        if isinstance(node, IsMissing):
            return _is_missing(self.value(node.variable))
        if node.operator == "in":
            return _membership(self.value(node.arguments[0]), node.arguments[1].values)
        arguments = [self.value(argument) for argument in node.arguments]
        if node.operator in ("==", "!="):
            equal = _equal(node.arguments[0].kind, *arguments)
            return equal if node.operator == "==" else Truth(equal.false, equal.true)
        if node.operator == "?:":
            return _choose(node.kind, *arguments)
        result = _OPERATIONS[node.operator](*arguments)
        if can_overflow(node):
            result = np.where(np.isfinite(result), result, np.nan)
        return result


def _is_missing(column: Column) -> Truth:
    if isinstance(column, Truth):
        missing = ~(column.true | column.false)
    elif isinstance(column, Texts):
        missing = column.codes < 0
    else:
        missing = np.isnan(column)
    return Truth(missing, ~missing)


def _constant(node: Constant) -> Column:
    if node.kind is Kind.BOOL:
        return Truth(np.bool_(node.value), np.bool_(not node.value))
    if node.kind is Kind.TEXT:
        return Texts(np.int32(0), (node.value,))
    return np.float64(node.value)


def _all(*terms: Truth) -> Truth:
    true = _fold(np.logical_and, [term.true for term in terms])
    return Truth(true, _fold(np.logical_or, [term.false for term in terms]))


def _any(*terms: Truth) -> Truth:
    true = _fold(np.logical_or, [term.true for term in terms])
    return Truth(true, _fold(np.logical_and, [term.false for term in terms]))


def _fold(operation: np.ufunc, masks: list[np.ndarray]) -> np.ndarray:
    result = masks[0]
    for mask in masks[1:]:
        result = operation(result, mask)
    return result


def _compare(holds: np.ufunc, fails: np.ufunc) -> Callable[[np.ndarray, np.ndarray], Truth]:
    """Both comparisons are false for NaN, which is what not evaluable looks like."""
    return lambda left, right: Truth(holds(left, right), fails(left, right))


def _equal(kind: Kind, left: Column, right: Column) -> Truth:
    if kind is Kind.BOOL:
        same = (left.true & right.true) | (left.false & right.false)
        return Truth(same, (left.true & right.false) | (left.false & right.true))
    if kind is Kind.TEXT:
        codes = right.recoded(left.values)
        same = (left.codes == codes) & (left.codes >= 0)
        return Truth(same, ~same & (left.codes >= 0) & (codes != -1))
    return Truth(left == right, (left < right) | (left > right))


def _membership(column: Column, members: frozenset) -> Truth:
    if isinstance(column, Texts):
        return column.where(lambda text: text in members)
    if isinstance(column, Truth):
        true = (column.true & (True in members)) | (column.false & (False in members))
        return Truth(true, ~true & (column.true | column.false))
    true = np.isin(column, np.array(sorted(members), np.float64))
    return Truth(true, ~true & ~np.isnan(column))


def _choose(kind: Kind, condition: Truth, then: Column, otherwise: Column) -> Column:
    if kind is Kind.BOOL:
        true = (condition.true & then.true) | (condition.false & otherwise.true)
        return Truth(true, (condition.true & then.false) | (condition.false & otherwise.false))
    if kind is Kind.TEXT:
        values = tuple(dict.fromkeys(then.values + otherwise.values))
        pick = np.where(condition.false, otherwise.recoded(values), -1)
        return Texts(np.where(condition.true, then.recoded(values), pick), values)
    return np.where(condition.true, then, np.where(condition.false, otherwise, np.nan))


def _divide(left: np.ndarray, right: np.ndarray) -> np.ndarray:
    return np.where(right == 0, np.nan, left / right)


def _text_test(name: str) -> Callable[[Texts, Texts], Truth]:
    tests = {"startsWith": str.startswith, "endsWith": str.endswith, "contains": str.__contains__}
    return lambda texts, wanted: texts.where(lambda text: tests[name](text, wanted.values[0]))


_OPERATIONS: dict[str, Callable[..., Column]] = {
    "&&": _all,
    "||": _any,
    "!": lambda term: Truth(term.false, term.true),
    "<": _compare(np.less, np.greater_equal),
    "<=": _compare(np.less_equal, np.greater),
    ">": _compare(np.greater, np.less_equal),
    ">=": _compare(np.greater_equal, np.less),
    "+": np.add,
    "-": np.subtract,
    "*": np.multiply,
    "/": _divide,
    "neg": np.negative,
    "min": np.minimum,
    "max": np.maximum,
    "abs": np.abs,
    "hour": lambda time: time // 3_600_000_000 % 24,
    "weekday": lambda time: (time // 86_400_000_000 + 3) % 7,
    **{name: _text_test(name) for name in ("startsWith", "endsWith", "contains")},
}
