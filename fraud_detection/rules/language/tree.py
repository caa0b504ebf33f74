"""The typed tree of an expression: what both executors (fused Python, numpy) read."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property


class Kind(StrEnum):
    """The types of the language. A number is a double; times and durations are microseconds."""

    NUMBER = "number"
    TEXT = "text"
    BOOL = "bool"
    TIMESTAMP = "timestamp"
    DURATION = "duration"


Value = float | str | bool | int


@dataclass(frozen=True)
class Constant:
    value: Value
    kind: Kind


@dataclass(frozen=True)
class Variable:
    name: str
    kind: Kind


@dataclass(frozen=True)
class Parameter:
    name: str
    kind: Kind


@dataclass(frozen=True)
class Members:
    """A literal list, only ever the right side of `in`; `kind` is that of its elements."""

    values: frozenset[Value]
    kind: Kind


@dataclass(frozen=True)
class NamedList:
    name: str
    kind: Kind = Kind.TEXT


@dataclass(frozen=True)
class IsMissing:
    variable: Variable
    kind: Kind = Kind.BOOL


@dataclass(frozen=True)
class Call:
    """An operator (`&&`, `>=`, `?:`, `neg`) or function (`min`, `startsWith`) over arguments.

    `&&` and `||` are flattened: they have two arguments or more.
    """

    operator: str
    arguments: tuple["Node", ...]
    kind: Kind

    @cached_property
    def _hash(self) -> int:
        return hash((self.operator, self.arguments))

    def __hash__(self) -> int:
        return self._hash


Node = Constant | Variable | Parameter | Members | NamedList | IsMissing | Call


def walk(node: Node) -> Iterator[Node]:
    """The node and everything below it."""
    yield node
    if isinstance(node, Call):
        for argument in node.arguments:
            yield from walk(argument)


def depends_on(node: Node) -> frozenset[str]:
    """Names of the variables that the expression reads, `missing(x)` included."""
    parts = (part.variable if isinstance(part, IsMissing) else part for part in walk(node))
    return frozenset(part.name for part in parts if isinstance(part, Variable))


def bind(node: Node, parameters: Mapping[str, Value], lists: Mapping[str, frozenset[str]]) -> Node:
    """The same tree with parameters and named lists replaced by their values."""
    if isinstance(node, Parameter):
        value = parameters[node.name]
        return Constant(float(value) if node.kind is Kind.NUMBER else value, node.kind)
    if isinstance(node, NamedList):
        return Members(frozenset(lists[node.name]), node.kind)
    if isinstance(node, Call):
        arguments = tuple(bind(argument, parameters, lists) for argument in node.arguments)
        return Call(node.operator, arguments, node.kind)
    return node
