"""What is odd about a rule as it stands, before any event is looked at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fraud_detection.rules.compiled import Lists
from fraud_detection.rules.language import Node, bind, depends_on
from fraud_detection.rules.language.tree import Call, Constant, NamedList, Parameter, Variable, walk
from fraud_detection.rules.reasons import placeholders
from fraud_detection.services.workbench.findings import Finding, located
from fraud_detection.services.workbench.ranges import Ranges
from fraud_detection.services.workbench.reading import Reading
from fraud_detection.services.workbench.showing import shown

CONDITIONS = ("condition", "requires")


@dataclass(frozen=True)
class Part:
    """A part of a condition: as it was written, and with its parameters and lists filled in."""

    field: str
    source: str
    written: Node
    bound: Node

    @classmethod
    def of(cls, reading: Reading, name: str, lists: Lists) -> "Part":
        tree = reading.trees[name]
        return cls(name, reading.text(name), tree, bind(tree, reading.params, lists))

    def below(self) -> Iterator["Part"]:
        if isinstance(self.written, Call):
            for written, bound in zip(self.written.arguments, self.bound.arguments, strict=True):
                yield Part(self.field, self.source, written, bound)

    def everything(self) -> Iterator["Part"]:
        yield self
        for part in self.below():
            yield from part.everything()

    def warn(self, message: str, code: str, word: str = "") -> Finding:
        """A finding at the word, or at the first name of this part."""
        return located(self.field, self.source, word or _first_word(self.written), message, code)


def suspicions(reading: Reading, lists: Lists, units: Mapping[str, str]) -> list[Finding]:
    """Always true or false, a division by zero, parameters without use, lists without entries."""
    ranges = Ranges(units)
    parts = [Part.of(reading, name, lists) for name in CONDITIONS if name in reading.trees]
    found = [finding for part in parts for finding in _constant_parts(part, ranges, whole=True)]
    found += [finding for part in parts for finding in _divisions(part, parts, ranges)]
    found += _unused(reading)
    return found + _empty_lists(reading, lists)


def _constant_parts(part: Part, ranges: Ranges, *, whole: bool = False) -> Iterator[Finding]:
    """The largest parts whose truth no event can change."""
    truth = ranges.truth(part.bound)
    if truth is not None:
        if isinstance(part.bound, Constant) and not whole:
            return
        what = f"the {part.field}" if whole else f"'{shown(part.written)}'"
        known = " whenever its values are known" if depends_on(part.bound) else ""
        word = "true" if truth else "false"
        yield part.warn(f"{what} is always {word}{known}", f"always_{word}")
        return
    if isinstance(part.bound, Call) and part.bound.operator in ("&&", "||", "!", "?:"):
        for each in part.below():
            yield from _constant_parts(each, ranges)


def _divisions(part: Part, conditions: list[Part], ranges: Ranges) -> Iterator[Finding]:
    for each in part.everything():
        if not (isinstance(each.bound, Call) and each.bound.operator == "/"):
            continue
        divisor = list(each.below())[1]
        limits = ranges.of(divisor.bound)
        if isinstance(divisor.bound, Variable):
            name = divisor.bound.name
            for condition in conditions:
                limits = limits.within(ranges.limits(condition.bound).get(name, limits))
        if limits.low == limits.high == 0:
            yield each.warn("division by zero: never evaluable, so never a hit", "division")
        elif limits.holds(0.0):
            text = shown(divisor.written)
            message = f"'{text}' may be 0: the rule is not evaluable there; ask '{text} > 0' first"
            yield each.warn(message, "division", _first_word(divisor.written))


def _unused(reading: Reading) -> list[Finding]:
    if any(name not in reading.trees for name in _expected(reading)):
        return []  # an expression that is not understood may use it
    used = {
        node.name for tree in reading.trees.values() for node in walk(tree) if isinstance(node, Parameter)
    }
    try:
        used |= {name[2:] for name, _, _ in placeholders(reading.text("reason")) if name.startswith("p.")}
    except ValueError:
        return []
    unused = [name for name in reading.params if name not in used]
    return [
        Finding("params", f"parameter '{name}' is not used", length=len(name), code="unused")
        for name in unused
    ]


def _expected(reading: Reading) -> list[str]:
    """Fields that hold an expression, whether it was understood or not."""
    maybe = ("subject", "severity")
    given = [name for name in maybe if "?" in reading.text(name)]
    given += [name for name in ("requires", "confidence", "weight") if reading.text(name)]
    return ["condition", *given]


def _empty_lists(reading: Reading, lists: Lists) -> list[Finding]:
    found = []
    for name, tree in reading.trees.items():
        empty = {node.name for node in walk(tree) if isinstance(node, NamedList) and not lists[node.name]}
        for each in sorted(empty):
            message = f"the list '{each}' has no entries now: nothing is on it"
            found.append(located(name, reading.text(name), each, message, "empty_list"))
    return found


def _first_word(node: Node) -> str:
    """The name or literal by which the place of a part is found in the text."""
    for each in walk(node):
        if isinstance(each, Variable | NamedList):
            return each.name
        if isinstance(each, Parameter):
            return f"p.{each.name}"
        if not isinstance(each, Call) and not isinstance(each, Constant):
            return getattr(getattr(each, "variable", None), "name", "")
    return shown(node) if isinstance(node, Constant) else ""
