"""Builds the typed tree from CEL's checked tree and refuses what the rule language leaves out."""

from collections.abc import Callable
from typing import NoReturn

from .literals import duration_microseconds, timestamp_microseconds
from .scope import METHODS, Scope
from .translation import VARIABLE_PREFIX
from .tree import Call, Constant, IsMissing, Kind, Members, NamedList, Node, Parameter, Variable
from .wire import Expression

_N, _T, _B, _TS, _D = Kind.NUMBER, Kind.TEXT, Kind.BOOL, Kind.TIMESTAMP, Kind.DURATION
_ORDERED = {(kind, kind): _B for kind in (_N, _TS, _D)}
_SAME = {(kind, kind): _B for kind in Kind}

# CEL's function -> our operator, and the result for each combination of argument kinds
SIGNATURES: dict[str, tuple[str, dict[tuple[Kind, ...], Kind]]] = {
    "_&&_": ("&&", {(_B, _B): _B}),
    "_||_": ("||", {(_B, _B): _B}),
    "!_": ("!", {(_B,): _B}),
    "_==_": ("==", _SAME),
    "_!=_": ("!=", _SAME),
    "_<_": ("<", _ORDERED),
    "_<=_": ("<=", _ORDERED),
    "_>_": (">", _ORDERED),
    "_>=_": (">=", _ORDERED),
    "_+_": ("+", {(_N, _N): _N, (_TS, _D): _TS, (_D, _TS): _TS, (_D, _D): _D}),
    "_-_": ("-", {(_N, _N): _N, (_TS, _D): _TS, (_TS, _TS): _D, (_D, _D): _D}),
    "_*_": ("*", {(_N, _N): _N}),
    "_/_": ("/", {(_N, _N): _N}),
    "-_": ("neg", {(_N,): _N}),
    "_?_:_": ("?:", {(_B, kind, kind): kind for kind in Kind}),
    "startsWith": ("startsWith", {(_T, _T): _B}),
    "endsWith": ("endsWith", {(_T, _T): _B}),
    "contains": ("contains", {(_T, _T): _B}),
    "min": ("min", {(_N, _N): _N}),
    "max": ("max", {(_N, _N): _N}),
    "abs": ("abs", {(_N,): _N}),
    "hour": ("hour", {(_TS,): _N}),
    "weekday": ("weekday", {(_TS,): _N}),
}


class TreeBuilder:
    """One expression: `refuse(message, expression id)` raises at the place of that part."""

    def __init__(self, scope: Scope, refuse: Callable[[str, int], NoReturn]) -> None:
        self.scope = scope
        self.refuse = refuse

    def build(self, expression: Expression) -> Node:
        if expression.what == "constant":
            return self._constant(expression)
        if expression.what == "name":
            return self._name(expression)
        if expression.what == "call":
            return self._call(expression)
        if expression.what == "list":
            self.refuse("a list can only stand on the right of 'in'", expression.id)
        return self.refuse(f"a {expression.what} is not allowed in a rule", expression.id)

    def _constant(self, expression: Expression) -> Constant:
        value = expression.constant()
        if value is None:
            self.refuse("this literal is not allowed in a rule", expression.id)
        kind = _B if isinstance(value, bool) else _N if isinstance(value, float) else _T
        return Constant(value, kind)

    def _name(self, expression: Expression) -> Node:
        name = expression.name()
        if name.startswith("p."):
            return Parameter(name[2:], self.scope.parameters[name[2:]])
        name = name.removeprefix(VARIABLE_PREFIX)
        if name in self.scope.lists:
            self.refuse("a list can only stand on the right of 'in'", expression.id)
        return Variable(name, self.scope.names[name])

    def _call(self, expression: Expression) -> Node:
        function, raw = expression.call()
        if function == "@in":
            return self._membership(expression, raw)
        arguments = tuple(self.build(argument) for argument in raw)
        if function in ("timestamp", "duration"):
            return self._literal_time(expression, function, arguments[0])
        if function == "missing":
            return self._missing(expression, arguments[0])
        if function not in SIGNATURES:
            self.refuse(f"'{function.strip('_@')}' is not allowed in a rule", expression.id)
        operator, results = SIGNATURES[function]
        kinds = tuple(argument.kind for argument in arguments)
        if kinds not in results:
            self.refuse(cannot_apply(operator, kinds), expression.id)
        if operator in METHODS and not isinstance(arguments[1], Constant | Parameter):
            self.refuse(f"{operator} takes a literal text or a parameter", expression.id)
        return Call(operator, _flattened(operator, arguments), results[kinds])

    def _membership(self, expression: Expression, raw: list[Expression]) -> Call:
        left, right = self.build(raw[0]), raw[1]
        if right.what == "list":
            members = self._members(right)
        elif right.what == "name" and right.name().removeprefix(VARIABLE_PREFIX) in self.scope.lists:
            members = NamedList(right.name().removeprefix(VARIABLE_PREFIX))
        else:
            self.refuse("the right side of 'in' must be a list", expression.id)
        if members.kind is not left.kind:
            self.refuse(f"a {left.kind} cannot be in a list of {members.kind}", expression.id)
        return Call("in", (left, members), _B)

    def _members(self, expression: Expression) -> Members:
        elements = [self.build(element) for element in expression.elements()]
        if not elements:
            self.refuse("a list needs at least one value", expression.id)
        if not all(isinstance(element, Constant) for element in elements):
            self.refuse("a list may hold only literals", expression.id)
        if len({element.kind for element in elements}) > 1:
            self.refuse("a list must hold values of one kind", expression.id)
        return Members(frozenset(element.value for element in elements), elements[0].kind)

    def _missing(self, expression: Expression, argument: Node) -> IsMissing:
        if not isinstance(argument, Variable):
            self.refuse("missing(...) takes the name of a value", expression.id)
        return IsMissing(argument)

    def _literal_time(self, expression: Expression, function: str, argument: Node) -> Constant:
        if not (isinstance(argument, Constant) and argument.kind is _T):
            self.refuse(f"{function}(...) takes a literal text", expression.id)
        try:
            if function == "timestamp":
                return Constant(timestamp_microseconds(argument.value), _TS)
            return Constant(duration_microseconds(argument.value), _D)
        except ValueError as error:
            return self.refuse(str(error), expression.id)


def cannot_apply(operator: str, kinds: tuple[str, ...]) -> str:
    shown = {"neg": "-"}.get(operator, operator)
    return f"'{shown}' cannot be applied to {' and '.join(kinds)}"


def _flattened(operator: str, arguments: tuple[Node, ...]) -> tuple[Node, ...]:
    if operator not in ("&&", "||"):
        return arguments
    flat: list[Node] = []
    for argument in arguments:
        same = isinstance(argument, Call) and argument.operator == operator
        flat.extend(argument.arguments if same else (argument,))
    return tuple(flat)
