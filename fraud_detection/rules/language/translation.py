"""The text of an expression as CEL gets it, and the way back from CEL's positions to the source."""

import bisect
import math
from typing import NoReturn

from .errors import RuleSyntaxError
from .lexer import Token, is_call

VARIABLE_PREFIX = "v_"


class Translation:
    """`text` is what CEL parses.

    Every number becomes a double: CEL keeps integers apart, and `amount > 9` would be a type error.
    Every name gets a prefix: `type` and other names are already taken in CEL.
    """

    def __init__(self, source: str, tokens: list[Token], used: set[str]) -> None:
        self.source, self.tokens, self.used = source, tokens, used
        self.starts: list[int] = []  # offset of each token in the translated text
        pieces, length, copied = [], 0, 0
        for index, token in enumerate(tokens):
            gap = source[copied : token.start]
            self.starts.append(length + len(gap))
            text = self._translated(index)
            pieces += [gap, text]
            length += len(gap) + len(text)
            copied = token.start + len(token.text)
        self.text = "".join(pieces)

    def _translated(self, index: int) -> str:
        token = self.tokens[index]
        if token.kind == "number":
            return self._as_double(token)
        is_member = index > 0 and self.tokens[index - 1].text == "."
        if token.kind == "name" and token.text in self.used and not is_member and not self._is_called(index):
            return VARIABLE_PREFIX + token.text
        return token.text

    def _is_called(self, index: int) -> bool:
        return index + 1 < len(self.tokens) and is_call(self.tokens, index + 1)

    def _as_double(self, token: Token) -> str:
        if not math.isfinite(float(token.text)):
            raise RuleSyntaxError("this number is too large", self.source, token.start)
        return f"{token.text}.0" if token.text.isdigit() else token.text

    def token_at(self, offset: int) -> Token | None:
        """The token at an offset of the translated text; None behind the last one."""
        if offset >= len(self.text):
            return None
        index = max(bisect.bisect_right(self.starts, offset) - 1, 0)
        if is_call(self.tokens, index):  # CEL places a call at its bracket; people look for its name
            index -= 1
        return self.tokens[index]

    def offset(self, line: int, column: int) -> int:
        """Offset in the translated text of a place that CEL reports; both count from 1."""
        lines = self.text.split("\n")
        return sum(len(text) + 1 for text in lines[: line - 1]) + column - 1

    def refuse(self, message: str, offset: int) -> NoReturn:
        """Raise for an offset of the translated text, at its place in the source."""
        token = self.token_at(offset)
        raise RuleSyntaxError(message, self.source, token.start if token else self.end)

    @property
    def end(self) -> int:
        """Where the last token of the source ends."""
        return self.tokens[-1].start + len(self.tokens[-1].text)
