"""A part of a condition as the text of the language again, for messages about it."""

from fraud_detection.rules.language import Node
from fraud_detection.rules.language.tree import Call, Constant, IsMissing, Kind, Members, NamedList, Parameter

_BINDS = {"?:": 0, "||": 1, "&&": 2, "in": 3, "==": 3, "!=": 3, "<": 3, "<=": 3, ">": 3, ">=": 3, "+": 4}
_BINDS |= {"-": 4, "*": 5, "/": 5, "!": 6, "neg": 6}
_LONGEST = 120


def shown(node: Node) -> str:
    """The text, cut short when it is long."""
    text = _text(node)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def _text(node: Node, outer: int = 0) -> str:
    if isinstance(node, Constant):
        return _literal(node)
    if isinstance(node, Parameter):
        return f"p.{node.name}"
    if isinstance(node, IsMissing):
        return f"missing({node.variable.name})"
    if isinstance(node, Members):
        return f"[{', '.join(_literal(Constant(value, node.kind)) for value in sorted(node.values)[:8])}]"
    if isinstance(node, NamedList) or not isinstance(node, Call):
        return node.name
    binds = _BINDS.get(node.operator, 9)
    text = _call(node, binds)
    return f"({text})" if binds < outer else text


def _call(node: Call, binds: int) -> str:
    if node.operator == "?:":
        condition, then, otherwise = (_text(each, 1) for each in node.arguments)
        return f"{condition} ? {then} : {otherwise}"
    if node.operator in ("!", "neg"):
        return f"{'!' if node.operator == '!' else '-'}{_text(node.arguments[0], binds)}"
    if node.operator in ("startsWith", "endsWith", "contains"):
        return f"{_text(node.arguments[0], 9)}.{node.operator}({_text(node.arguments[1])})"
    if binds == 9:
        return f"{node.operator}({', '.join(_text(each) for each in node.arguments)})"
    first, *rest = node.arguments
    others = [_text(each, binds + 1) for each in rest]  # a - (b - c) keeps its brackets
    return f" {node.operator} ".join((_text(first, binds), *others))


def _literal(node: Constant) -> str:
    if node.kind is Kind.TEXT:
        return '"' + str(node.value).replace("\\", "\\\\").replace('"', '\\"') + '"'
    if node.kind is Kind.BOOL:
        return "true" if node.value else "false"
    value = float(node.value)
    return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
