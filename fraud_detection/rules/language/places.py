"""Where each part of an expression stands in its text: what a try-out shows beside the part's value."""

from dataclasses import dataclass

from .lexer import Token, tokenize
from .names import check_names
from .parser import checked
from .scope import Scope
from .translation import VARIABLE_PREFIX, Translation
from .tree import Call, IsMissing, Kind, Node
from .typed import TreeBuilder
from .wire import Expression

_OPENING = {")": "(", "]": "["}


@dataclass(frozen=True)
class Place:
    """A part of an expression: its tree, its text, where it begins (from 1), how deep it stands."""

    node: Node
    text: str
    line: int
    column: int
    depth: int


def places(source: str, scope: Scope, result: Kind = Kind.BOOL) -> tuple[Place, ...]:
    """Every part with a value of its own (literals have none), a whole before its parts, in reading order.

    RuleSyntaxError when the expression is not valid.
    """
    tokens = tokenize(source)
    translation = Translation(source, tokens, check_names(tokens, scope, source))
    root, positions = checked(translation, scope)
    finder = _Finder(translation, scope, positions)
    finder.visit(root, 0)
    found = [_place(source, tokens, *part) for part in finder.parts]
    if found and found[0].node.kind is not result:
        raise ValueError(f"a {found[0].node.kind} where a {result} should stand")
    return tuple(found)


class _Finder:
    """Walks CEL's tree and keeps for each part its first and last token."""

    def __init__(self, translation: Translation, scope: Scope, positions: dict[int, int]) -> None:
        self.parts: list[tuple[Node, int, int, int]] = []
        self._translation = translation
        self._tokens = translation.tokens
        self._index = {id(token): index for index, token in enumerate(self._tokens)}
        self._positions = positions
        self._builder = TreeBuilder(scope, lambda message, key: translation.refuse(message, positions[key]))

    def visit(self, expression: Expression, depth: int) -> tuple[int, int]:
        """The (first, last) token of an expression, whose parts are kept on the way."""
        at = self._own(expression)
        if expression.what in ("constant", "name"):
            # CEL places `p.name` at its dot
            span = (at - 1, at + 1) if self._tokens[at].text == "." else (at, at)
            if expression.what == "name" and not self._is_list(expression):
                self.parts.append((self._builder.build(expression), *span, depth))
            return span
        if expression.what == "list":
            return self._balanced(at, max((self._own(e) for e in expression.elements()), default=at) + 1)
        place = len(self.parts)
        self.parts.append(None)
        spans = [self.visit(term, depth + 1) for term in self._terms(expression)]
        first, last = min([at, *(s for s, _ in spans)]), max([at, *(e for _, e in spans)])
        node = self._builder.build(expression)
        if self._tokens[first].kind == "name" and first == at:
            last = max(last, first + 1)  # a function: up to the bracket that closes it
        span = self._balanced(first, last)
        if isinstance(node, Call | IsMissing):
            self.parts[place] = (node, *span, depth)
        else:
            self.parts.pop(place)  # timestamp("...") is a literal
        return span

    def _terms(self, expression: Expression) -> list[Expression]:
        """The arguments; `a && b && c` is one part with three, as in our tree."""
        function, arguments = expression.call()
        if function not in ("_&&_", "_||_"):
            return arguments
        terms = []
        for argument in arguments:
            same = argument.what == "call" and argument.call()[0] == function
            terms += self._terms(argument) if same else [argument]
        return terms

    def _own(self, expression: Expression) -> int:
        token = self._translation.token_at(self._positions.get(expression.id, 0))
        return self._index[id(token)] if token is not None else len(self._tokens) - 1

    def _is_list(self, expression: Expression) -> bool:
        return expression.name().removeprefix(VARIABLE_PREFIX) in self._builder.scope.lists

    def _balanced(self, first: int, last: int) -> tuple[int, int]:
        """Grown until every bracket in it has its partner."""
        while True:
            opened: list[str] = []
            stray = False
            for token in self._tokens[first : last + 1]:
                if token.text in ("(", "["):
                    opened.append(token.text)
                elif token.text in _OPENING:
                    stray = stray or not opened
                    opened = opened[:-1]
            if stray and first > 0:
                first -= 1
            elif opened and last < len(self._tokens) - 1:
                last += 1
            else:
                return first, last


def _place(source: str, tokens: list[Token], node: Node, first: int, last: int, depth: int) -> Place:
    start = tokens[first].start
    end = tokens[last].start + len(tokens[last].text)
    line = source.count("\n", 0, start) + 1
    return Place(node, source[start:end], line, start - source.rfind("\n", 0, start), depth)
