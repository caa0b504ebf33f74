"""Conditions as phrases: every comparison a leaf of words, joined by "and", "or" and "if"."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.conf import settings

from fraud_detection.rules.compiled import Lists
from fraud_detection.rules.language import Kind, Node
from fraud_detection.rules.language.tree import (
    Call,
    Constant,
    IsMissing,
    Members,
    NamedList,
    Parameter,
    Value,
    Variable,
)
from fraud_detection.rules.reasons import format_value
from fraud_detection.services.workbench.wording import Noun, Wording

_NEGATED = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_HOW = {">=": "at least", ">": "more than", "<=": "at most", "<": "less than", "==": "exactly"}
_TESTS = {"startsWith": "starts with", "endsWith": "ends with", "contains": "contains"}
_TESTS_NOT = {
    "startsWith": "does not start with",
    "endsWith": "does not end with",
    "contains": "does not contain",
}
_ARITHMETIC = {"+": "plus", "-": "minus", "/": "divided by"}
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Leaf:
    """One comparison in words. `unless`: what would hold instead, when that reads better.

    `about` is what is compared and `briefly` the rest, for a neighbour that is about the same.
    """

    text: str
    unless: str = ""
    about: str = ""
    briefly: str = ""


@dataclass(frozen=True)
class Group:
    """Parts joined by `and` or `or`; of `if`: the condition, what then, what otherwise."""

    joined: str
    parts: tuple["Leaf | Group", ...]


Phrase = Leaf | Group


class Phrasing:
    """Phrases of unbound trees: parameters by their values, lists by their names."""

    def __init__(self, wording: Wording, params: Mapping[str, Value], lists: Lists) -> None:
        self._wording, self._params, self._lists = wording, params, lists

    def condition(self, node: Node, *, negated: bool = False) -> Phrase:
        """A condition, or its opposite: "not" is carried down to the comparisons, so it cannot be misread."""
        if isinstance(node, Call):
            if node.operator == "!":
                return self.condition(node.arguments[0], negated=not negated)
            if node.operator in ("&&", "||"):
                joined = "and" if (node.operator == "&&") is not negated else "or"
                return Group(joined, tuple(self.condition(each, negated=negated) for each in node.arguments))
            if node.operator == "?:":
                first, *rest = node.arguments
                parts = (self.condition(each, negated=negated) for each in rest)
                return Group("if", (self.condition(first), *parts))
        return self._leaf(node, negated)

    def value(self, node: Node, unit: str = "") -> str:
        """A number or text as words; `unit` is that of what it is compared with."""
        if isinstance(node, Constant):
            return self._literal(node.value, unit)
        if isinstance(node, Parameter):
            return self._literal(self._params[node.name], unit)
        if isinstance(node, Variable):
            return self._wording.noun(node.name).as_number
        if isinstance(node, Call):
            return self._computed(node, unit)
        return node.name

    def _leaf(self, node: Node, negated: bool) -> Leaf:
        if isinstance(node, Variable):
            return Leaf(self._wording.yes_no(node.name, negated=negated))
        if isinstance(node, IsMissing):
            return Leaf(self._missing(node.variable, negated))
        if isinstance(node, Constant | Parameter):
            value = node.value if isinstance(node, Constant) else self._params[node.name]
            return Leaf("always" if bool(value) is not negated else "never")
        if node.operator == "in":
            return self._membership(node, negated)
        if node.operator in _TESTS:
            subject, wanted = node.arguments
            words = (_TESTS_NOT if negated else _TESTS)[node.operator]
            return Leaf(f"{self.value(subject)} {words} {self.value(wanted)}")
        left, right = node.arguments
        operator = _NEGATED[node.operator] if negated else node.operator
        if isinstance(left, Constant | Parameter) and not isinstance(right, Constant | Parameter):
            left, right, operator = right, left, _MIRRORED[operator]
        if left.kind is Kind.BOOL:
            return self._same_truth(left, right, operator)
        return self._compared(left, operator, right)

    def _missing(self, variable: Variable, negated: bool) -> str:
        known = "known" if negated else "not known"
        if variable.kind is Kind.BOOL:
            return f"whether {self._wording.yes_no(variable.name, negated=False)} is {known}"
        return f"{self._wording.noun(variable.name).as_number} is {known}"

    def _same_truth(self, left: Node, right: Node, operator: str) -> Leaf:
        if isinstance(right, Constant | Parameter):
            value = right.value if isinstance(right, Constant) else self._params[right.name]
            return self._flat(self.condition(left, negated=bool(value) is not (operator == "==")))
        agree = "agree" if operator == "==" else "do not agree"
        both = " and ".join(f"“{self._flat(self.condition(each)).text}”" for each in (left, right))
        return Leaf(f"{both} {agree}")

    def _flat(self, phrase: Phrase) -> Leaf:
        if isinstance(phrase, Leaf):
            return phrase
        first, *rest = (self._flat(part).text for part in phrase.parts)
        if phrase.joined == "if":
            return Leaf(f"(if {first} then {rest[0]}, otherwise {rest[1]})")
        return Leaf(f"({f' {phrase.joined} '.join((first, *rest))})")

    def _membership(self, node: Call, negated: bool) -> Leaf:
        subject, members = node.arguments
        what = self.value(subject)
        if isinstance(members, NamedList):
            entries = len(self._lists.get(members.name, ()))
            name = members.name.replace("_", " ")
            on = f"on the list {name} ({entries:,} {'entry' if entries == 1 else 'entries'})"
            return Leaf(f"{what} is not {on}", f"{what} is {on}") if negated else Leaf(f"{what} is {on}")
        values = [self._literal(value, self._unit(subject)) for value in _ordered(members)]
        among = (
            values[0]
            if len(values) == 1
            else f"{', '.join(values[:-1])} {'nor' if negated else 'or'} {values[-1]}"
        )
        neither = "neither " if negated and len(values) > 1 else "not " if negated else ""
        return Leaf(f"{what} is {neither}{among}")

    def _compared(self, left: Node, operator: str, right: Node) -> Leaf:
        unit = self._unit(left) or self._unit(right)
        is_number = isinstance(right, Constant | Parameter)
        if isinstance(left, Variable) and is_number:
            noun = self._wording.noun(left.name)
            if noun.counted:
                return _counted(noun, operator, self.value(right, unit))
            if noun.over:
                return _said(noun.text, operator, _multiple(self.value(right, unit), unit, noun.over))
        subject, other = self.value(left, unit), self.value(right, unit)
        if isinstance(left, Call) and left.operator == "weekday" and isinstance(right, Constant):
            other = _DAYS[int(right.value)] if right.value in range(7) else other
        return _said(subject, operator, other)

    def _computed(self, node: Call, unit: str) -> str:
        if node.operator == "?:":
            then, otherwise = (self.value(each, unit) for each in node.arguments[1:])
            return f"({then} if {self._flat(self.condition(node.arguments[0])).text}, otherwise {otherwise})"
        if node.operator in ("min", "max"):
            one, two = (self.value(each, unit) for each in node.arguments)
            return f"the {'smaller' if node.operator == 'min' else 'larger'} of {one} and {two}"
        if node.operator == "abs":
            return f"the size of {self.value(node.arguments[0], unit)}"
        if node.operator == "hour":
            return f"the hour (UTC) of {self.value(node.arguments[0])}"
        if node.operator == "weekday":
            return f"the day of the week (UTC) of {self.value(node.arguments[0])}"
        if node.operator == "neg":
            return f"minus {self._within(node.arguments[0], unit)}"
        one, two = node.arguments
        if node.operator == "*":
            if not isinstance(one, Constant | Parameter):
                one, two = two, one
            return f"{self._within(one, '')} times {self._within(two, unit)}"
        by = "" if node.operator == "/" else unit
        return f"{self._within(one, unit)} {_ARITHMETIC[node.operator]} {self._within(two, by)}"

    def _within(self, node: Node, unit: str) -> str:
        """A part of arithmetic: what is computed itself stands in brackets, but for products in a sum."""
        text = self.value(node, unit)
        computed = isinstance(node, Call) and node.operator in ("+", "-", "/", "neg", "?:")
        return f"({text})" if computed and not text.startswith("(") else text

    def _unit(self, node: Node) -> str:
        if isinstance(node, Variable):
            return self._wording.units.get(node.name, "")
        if isinstance(node, Call) and node.operator in ("+", "-", "min", "max", "abs", "neg", "?:"):
            arguments = node.arguments[1:] if node.operator == "?:" else node.arguments
            return next(filter(None, map(self._unit, arguments)), "")
        if isinstance(node, Call) and node.operator == "*":
            units = [unit for unit in map(self._unit, node.arguments) if unit]
            return units[0] if len(units) == 1 else ""
        return ""

    def _literal(self, value: Value, unit: str) -> str:
        if isinstance(value, str):
            return f"“{value}”"
        if isinstance(value, bool):
            return "true" if value else "false"
        text = format_value(float(value), unit)
        return f"{text} {settings.REPORTING_CURRENCY}" if unit == "money" else text


def _ordered(members: Members) -> list[Value]:
    return sorted(members.values)


def _said(subject: str, operator: str, other: str) -> Leaf:
    """`briefly` only where nothing but the limit differs: "at least 5 and at most 9"."""
    if operator in ("==", "!="):
        return Leaf(f"{subject} is {'not ' if operator == '!=' else ''}{other}")
    how = f"{_HOW[operator]} {other}"
    return Leaf(f"{subject} is {how}", about=subject, briefly=how)


def _multiple(number: str, unit: str, over: str) -> str:
    if unit == "share":
        return f"{number} of {over}"
    times = number.removesuffix("×")
    return over if times == "1" else f"{times} times {over}"


def _counted(noun: Noun, operator: str, number: str) -> Leaf:
    if (operator, number) in ((">", "0"), (">=", "1")):
        how = "one or more"
    elif (operator, number) in (("==", "0"), ("<", "1"), ("<=", "0")):
        how = "no"
    elif operator == "<":
        how = f"fewer than {number}"
    elif operator == "!=":
        how = f"more or fewer than {number}"
    else:
        how = f"{_HOW[operator]} {number}"
    text = f"{noun.owner} has {how} {noun.text}" if noun.owner else f"there are {how} {noun.text}"
    return Leaf(text, about=noun.as_number, briefly="" if how == "no" else how)
