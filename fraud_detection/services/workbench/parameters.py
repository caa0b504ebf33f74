"""What a parameter is measured in: the unit of what it is compared with."""

from collections.abc import Iterable, Mapping

from fraud_detection.rules.language import Node
from fraud_detection.rules.language.tree import Call, Parameter, Variable, walk

COMPARISONS = ("<", "<=", ">", ">=", "==", "!=")


def parameter_units(trees: Iterable[Node], units: Mapping[str, str]) -> dict[str, str]:
    """Units by parameter; none for one that is only a factor."""
    found: dict[str, str] = {}
    for tree in trees:
        for node in walk(tree):
            if isinstance(node, Call) and node.operator in COMPARISONS:
                left, right = node.arguments
                for one, other in ((left, right), (right, left)):
                    if isinstance(one, Parameter) and isinstance(other, Variable):
                        found.setdefault(one.name, units.get(other.name, ""))
    return found
