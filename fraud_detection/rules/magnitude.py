"""Which arithmetic can overflow: only there do the executors pay for a check of the result.

A result that is not finite is not evaluable, never compared: infinity would be a false hit.
"""

from fraud_detection.rules.language.tree import Call, Constant, Kind, Node

LARGEST_FEATURE = 1e30  # no feature comes near: money in minor units is below 1e19
_LARGEST = 1.7e308


def can_overflow(node: Node) -> bool:
    """Whether the arithmetic node itself (its arguments being finite) may give infinity."""
    return isinstance(node, Call) and node.kind is Kind.NUMBER and _result(node) >= _LARGEST


def _magnitude(node: Node) -> float:
    """An upper bound of the absolute value, once a result that can overflow was checked."""
    if isinstance(node, Constant):
        return abs(float(node.value))
    if isinstance(node, Call):
        return min(_result(node), _LARGEST)
    return LARGEST_FEATURE


def _result(node: Call) -> float:
    if node.operator in ("hour", "weekday"):
        return 24.0
    if node.operator == "?:":
        return max(_magnitude(argument) for argument in node.arguments[1:])
    sizes = [_magnitude(argument) for argument in node.arguments]
    if node.operator in ("+", "-"):
        return sizes[0] + sizes[1]
    if node.operator == "*":
        return sizes[0] * sizes[1]
    if node.operator == "/":
        divisor = node.arguments[1]
        known = isinstance(divisor, Constant) and divisor.value != 0
        return sizes[0] / sizes[1] if known else _LARGEST
    return max(sizes)  # min, max, abs and neg keep the magnitude
