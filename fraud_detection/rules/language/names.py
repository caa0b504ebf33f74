"""Checks every name of an expression against its scope, before CEL sees it."""

from .errors import RuleSyntaxError
from .lexer import Token
from .scope import FUNCTIONS, METHODS, Scope

_HINTS = {
    "and": "did you mean '&&'?",
    "or": "did you mean '||'?",
    "not": "did you mean '!'?",
    "is": "did you mean '=='?",
    "true": "did you mean 'true'?",
    "false": "did you mean 'false'?",
    "none": "to ask whether a value is absent write missing(name)",
    "null": "to ask whether a value is absent write missing(name)",
}
_MACROS = frozenset(("all", "exists", "exists_one", "map", "filter", "has"))
_CONVERSIONS = frozenset(("int", "uint", "double", "string", "bytes", "bool", "dyn", "type"))


def check_names(tokens: list[Token], scope: Scope, source: str) -> set[str]:
    """Names of variables, lists and parameters (`p.name`) used; RuleSyntaxError for any other name."""
    used, is_parameter = set(), False
    for index, token in enumerate(tokens):
        if token.kind != "name" or token.text in ("true", "false", "in"):
            continue
        before = tokens[index - 1].text if index else ""
        after = tokens[index + 1].text if index + 1 < len(tokens) else ""
        if is_parameter:
            is_parameter = False
        elif before == ".":
            _check_method(token, after, source)
        elif token.text == "p" and after == ".":
            used.add(_parameter(tokens, index, scope, source))
            is_parameter = True
        elif after == "(":
            _check_function(token, scope, source)
        elif token.text in scope.names or token.text in scope.lists:
            used.add(token.text)
        else:
            raise RuleSyntaxError(_unknown(token.text, scope), source, token.start)
    return used


def _parameter(tokens: list[Token], index: int, scope: Scope, source: str) -> str:
    following = tokens[index + 2] if index + 2 < len(tokens) else None
    if following is None or following.kind != "name":
        raise RuleSyntaxError("a parameter is written p.name", source, tokens[index].start)
    if following.text not in scope.parameters:
        name = f"p.{following.text}"
        message = _with_nearest(f"unknown parameter '{name}'", scope.nearest(name))
        raise RuleSyntaxError(message, source, tokens[index].start)
    return f"p.{following.text}"


def _unknown(name: str, scope: Scope) -> str:
    hint = _HINTS.get(name.lower())
    if hint:
        return f"unexpected '{name}'; {hint}"
    return _with_nearest(f"unknown name '{name}'", scope.nearest(name))


def _check_method(token: Token, after: str, source: str) -> None:
    if after != "(":
        raise RuleSyntaxError(f"values have no fields: '.{token.text}'", source, token.start)
    _refuse_call(token, source)
    if token.text in FUNCTIONS:
        raise RuleSyntaxError(f"write {token.text}(...), without a dot", source, token.start)
    if token.text not in METHODS:
        raise RuleSyntaxError(f"unknown function '{token.text}'", source, token.start)


def _check_function(token: Token, scope: Scope, source: str) -> None:
    if token.text.lower() in _HINTS:
        raise RuleSyntaxError(_unknown(token.text, scope), source, token.start)
    _refuse_call(token, source)
    if token.text in METHODS:
        raise RuleSyntaxError(f"write text.{token.text}(...), with a dot", source, token.start)
    if token.text not in FUNCTIONS:
        nearest = scope.nearest_function(token.text)
        raise RuleSyntaxError(_with_nearest(f"unknown function '{token.text}'", nearest), source, token.start)


def _refuse_call(token: Token, source: str) -> None:
    if token.text in _MACROS:
        raise RuleSyntaxError(f"'{token.text}' is not allowed in a rule: no macros", source, token.start)
    if token.text in _CONVERSIONS:
        raise RuleSyntaxError(f"'{token.text}' is not allowed in a rule: no conversions", source, token.start)
    if token.text == "matches":
        message = "'matches' is not allowed in a rule; use startsWith, endsWith or contains"
        raise RuleSyntaxError(message, source, token.start)


def _with_nearest(message: str, nearest: str | None) -> str:
    return f"{message}; did you mean '{nearest}'?" if nearest else message
