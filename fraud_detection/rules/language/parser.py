"""parse(): from the text of an expression to its typed tree, through CEL's own parser and type checker."""

import re
from typing import NoReturn

from cel_expr_python import cel

from .errors import RuleSyntaxError
from .lexer import tokenize
from .names import check_names
from .scope import Scope
from .translation import VARIABLE_PREFIX, Translation
from .tree import Kind, Node
from .typed import TreeBuilder, cannot_apply
from .wire import Expression, read_checked

MAX_CHARACTERS = 4_000
CEL_MAX_DEPTH = 32  # fixed in cel-expr-python; chains of && and || of any length count as one level

_CEL_TYPES = {
    Kind.NUMBER: cel.Type.DOUBLE,
    Kind.TEXT: cel.Type.STRING,
    Kind.BOOL: cel.Type.BOOL,
    Kind.TIMESTAMP: cel.Type.TIMESTAMP,
    Kind.DURATION: cel.Type.DURATION,
}
_ERROR = re.compile(r"ERROR: <input>:(-?\d+):(-?\d+): (.*)")
_NO_OVERLOAD = re.compile(r"no matching overload for '([^']+)' applied to '\((.*)\)'")
_CEL_TYPE_WORDS = {
    "double": "number",
    "string": "text",
    "google.protobuf.Timestamp": "timestamp",
    "google.protobuf.Duration": "duration",
}
_RESULT_WORDS = {Kind.BOOL: "a condition must be true or false", Kind.TEXT: "this must be a text"}


def parse(source: str, scope: Scope, result: Kind | str = Kind.BOOL) -> Node:
    """The typed tree of `source`, whose value is of kind `result`; RuleSyntaxError when it is not valid."""
    result = Kind(result)
    if len(source) > MAX_CHARACTERS:
        raise RuleSyntaxError(f"longer than {MAX_CHARACTERS:,} characters", source, MAX_CHARACTERS)
    for at, character in enumerate(source):
        if "\ud800" <= character <= "\udfff" or character == "\0":
            raise RuleSyntaxError("unexpected control character", source, at)
    tokens = tokenize(source)
    if not tokens:
        raise RuleSyntaxError("the expression is empty", source)
    used = check_names(tokens, scope, source)
    tree = _checked_tree(Translation(source, tokens, used), scope)
    if tree.kind is not result:
        wanted = _RESULT_WORDS.get(result, f"this must be a {result}")
        raise RuleSyntaxError(f"{wanted}; it is a {tree.kind}", source, tokens[0].start)
    return tree


def checked(translation: Translation, scope: Scope) -> tuple[Expression, dict[int, int]]:
    """CEL's checked tree, and the offset in the translated text of each of its parts by id."""
    try:
        compiled = _environment(scope, translation.used).compile(translation.text)
    except RuntimeError as error:
        _explain(str(error), translation)
    return read_checked(compiled.serialize())


def _checked_tree(translation: Translation, scope: Scope) -> Node:
    root, positions = checked(translation, scope)
    builder = TreeBuilder(scope, lambda message, id_: translation.refuse(message, positions.get(id_, 0)))
    return builder.build(root)


def _environment(scope: Scope, used: set[str]) -> cel.Env:
    """A CEL environment that knows the names this expression uses, and our functions."""
    types = {}
    for name in used:
        if name in scope.lists:
            types[VARIABLE_PREFIX + name] = cel.Type.List(cel.Type.STRING)
        elif name.startswith("p."):
            types[name] = _CEL_TYPES[scope.parameters[name[2:]]]
        else:
            types[VARIABLE_PREFIX + name] = _CEL_TYPES[scope.names[name]]
    return cel.NewEnv(variables=types, functions=_functions())


def _functions() -> list[cel.FunctionDecl]:
    """Declarations of our functions; CEL only checks their types, so their bodies never run."""
    number, boolean, time = (_CEL_TYPES[kind] for kind in (Kind.NUMBER, Kind.BOOL, Kind.TIMESTAMP))
    signatures = [
        *(("missing", [kind], boolean) for kind in _CEL_TYPES.values()),
        *((name, [number, number], number) for name in ("min", "max")),
        ("abs", [number], number),
        *((name, [time], number) for name in ("hour", "weekday")),
    ]
    overloads: dict[str, list[cel.Overload]] = {}
    for name, arguments, result in signatures:
        known = overloads.setdefault(name, [])
        known.append(cel.Overload(f"{name}_{len(known)}", result, arguments, False, _never_called))
    return [cel.FunctionDecl(name, declared) for name, declared in overloads.items()]


def _never_called(*_: object) -> NoReturn:
    raise AssertionError("rules are not evaluated by CEL")


def _explain(report: str, translation: Translation) -> NoReturn:
    """Raise CEL's first complaint in plain words, at the place in the source."""
    found = _ERROR.search(report)
    if not found and "recursion" not in report:
        raise RuleSyntaxError(report, translation.source)
    if "recursion" in report:
        raise RuleSyntaxError(f"nested too deeply; at most {CEL_MAX_DEPTH} levels", translation.source)
    line, column, message = max(int(found[1]), 1), max(int(found[2]), 1), found[3]
    offset = translation.offset(line, column)
    overload = _NO_OVERLOAD.search(message)
    if overload:
        kinds = tuple(_kind_word(kind) for kind in overload[2].split(", "))
        translation.refuse(cannot_apply(_operator(overload[1]), kinds), offset)
    token = translation.token_at(offset)
    if token is None or "<EOF>' expecting {" in message:
        raise RuleSyntaxError("the expression ends too early", translation.source, translation.end)
    if "undeclared reference" in message:  # a known function with the wrong number of arguments
        name = message.split("'")[1]
        translation.refuse(f"wrong number of arguments for '{name}'", offset)
    translation.refuse(f"unexpected '{token.text}'", offset)


def _operator(function: str) -> str:
    """'_>_' -> '>', '_?_:_' -> '?:', '@in' -> 'in'."""
    return function.replace("_", "").replace("@", "")


def _kind_word(cel_type: str) -> str:
    inner = re.fullmatch(r"list\((.*)\)", cel_type)
    return f"list of {_kind_word(inner[1])}" if inner else _CEL_TYPE_WORDS.get(cel_type, cel_type)
