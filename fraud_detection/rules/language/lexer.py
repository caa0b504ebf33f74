"""Splits an expression into tokens and refuses, with a plain message, what is not in the language."""

import re
from dataclasses import dataclass

from .errors import RuleSyntaxError

_TOKEN = re.compile(
    r"""
      (?P<space>   [ \t\r\n]+ | //[^\n]* )
    | (?P<text>    "(?:\\.|[^"\\\n])*" | '(?:\\.|[^'\\\n])*' )
    | (?P<number>  (?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
    | (?P<name>    [A-Za-z_][A-Za-z0-9_]* )
    | (?P<symbol>  && | \|\| | == | != | <= | >= | <> | [<>+\-*/!?:()\[\],.=&|%{}\#;] )
    """,
    re.VERBOSE,
)
_REFUSED_SYMBOLS = {
    "=": "unexpected '='; did you mean '=='?",
    "<>": "unexpected '<>'; did you mean '!='?",
    "&": "unexpected '&'; did you mean '&&'?",
    "|": "unexpected '|'; did you mean '||'?",
    "%": "'%' is not allowed in a rule",
    "{": "maps are not allowed in a rule",
    "}": "maps are not allowed in a rule",
    "#": "unexpected '#'; a comment starts with //",
    ";": "unexpected ';'; a rule is one expression",
}
_CLOSING = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class Token:
    kind: str  # text, number, name or symbol
    text: str
    start: int  # offset in the source


def tokenize(source: str) -> list[Token]:
    """The tokens of an expression, comments and blanks left out, its brackets known to match."""
    tokens, at = [], 0
    while at < len(source):
        match = _TOKEN.match(source, at)
        if not match:
            raise RuleSyntaxError(_unknown_character(source[at]), source, at)
        at = match.end()
        if match.lastgroup != "space":
            token = Token(match.lastgroup, match.group(), match.start())
            _refuse_joined(token, tokens, source, at)
            tokens.append(token)
    _check_brackets(tokens, source)
    return tokens


def _unknown_character(character: str) -> str:
    if character in "\"'":
        return "this text is never closed"
    return f"unexpected '{character}'" if character.isprintable() else "unexpected control character"


def _refuse_joined(token: Token, before: list[Token], source: str, end: int) -> None:
    """Refuse single symbols of other languages, '5u', '0x1F', '5.', r'raw' and triple-quoted texts."""
    if token.text in _REFUSED_SYMBOLS:
        raise RuleSyntaxError(_REFUSED_SYMBOLS[token.text], source, token.start)
    if token.kind == "number" and re.match(r"[A-Za-z_0-9.]", source[end : end + 1]):
        whole = re.match(r"[A-Za-z_0-9.]+", source[token.start :]).group()
        raise RuleSyntaxError(f"'{whole}' is not a number", source, token.start)
    if token.kind == "text" and before:
        previous = before[-1]
        touches = previous.start + len(previous.text) == token.start
        if touches and previous.kind in ("name", "text") and previous.text != "in":
            raise RuleSyntaxError("write a text in one pair of plain quotes", source, previous.start)


def _check_brackets(tokens: list[Token], source: str) -> None:
    opened: list[tuple[int, bool]] = []  # index of the bracket, and whether commas may stand in it
    for index, token in enumerate(tokens):
        if token.kind != "symbol":
            continue
        if token.text in _CLOSING:
            opened.append((index, token.text == "[" or is_call(tokens, index)))
        elif token.text in _CLOSING.values():
            if not opened or _CLOSING[tokens[opened.pop()[0]].text] != token.text:
                raise RuleSyntaxError(f"unexpected '{token.text}'", source, token.start)
        elif token.text == "," and not (opened and opened[-1][1]):
            bracket = opened[-1][0] if opened else 0
            raise RuleSyntaxError(_stray_comma(tokens, index, bracket), source, token.start)
    if opened:
        bracket = tokens[opened[-1][0]]
        raise RuleSyntaxError(f"this '{bracket.text}' is never closed", source, bracket.start)


def is_call(tokens: list[Token], index: int) -> bool:
    """Whether the token is the opening bracket of a function's arguments."""
    if tokens[index].text != "(" or index == 0:
        return False
    return tokens[index - 1].kind == "name" and tokens[index - 1].text != "in"


def _stray_comma(tokens: list[Token], index: int, bracket: int) -> str:
    if bracket and tokens[bracket - 1].text == "in":
        return "a list is written [a, b]"
    left, right = tokens[index - 1], tokens[min(index + 1, len(tokens) - 1)]
    if left.kind == right.kind == "number" and re.fullmatch("[0-9]{3}", right.text):
        return f"write {left.text}{right.text}, not {left.text},{right.text}"
    return "unexpected ','"
