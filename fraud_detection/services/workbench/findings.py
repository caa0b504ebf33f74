"""One thing to say about a rule that is being written, with its place."""

import re
from dataclasses import asdict, dataclass
from typing import Any

from fraud_detection.rules.language import RuleSyntaxError

_SUGGESTION = re.compile(r"; did you mean '(.+)'\?$", re.DOTALL)
_WORD = re.compile(
    r"p\.[A-Za-z_]\w*|[A-Za-z_]\w*|[0-9.]+(?:[eE][+-]?[0-9]+)?|\"[^\"\n]*\"?|'[^'\n]*'?|&&|\|\||[<>=!]=|\S",
    re.ASCII,
)


@dataclass(frozen=True)
class Finding:
    """What is wrong or odd, and where: `line` and `column` count from 1 in the text of `field`.

    `suggestion` is the text that should probably stand in the place of the `length` characters there;
    `code` names the kind of finding for programs.
    """

    field: str
    message: str
    line: int = 1
    column: int = 1
    length: int = 1
    suggestion: str = ""
    code: str = "invalid"

    def as_data(self) -> dict[str, Any]:
        """As JSON; a lone surrogate that somebody sent is shown as '?', UTF-8 cannot carry it."""
        data = asdict(self)
        texts = {name: value for name, value in data.items() if isinstance(value, str)}
        return data | {name: text.encode("utf-8", "replace").decode() for name, text in texts.items()}


def of_error(error: RuleSyntaxError, field: str, source: str) -> Finding:
    """A finding from what the language says of `source`."""
    found = _SUGGESTION.search(error.message)
    message = _SUGGESTION.sub("", error.message)
    length = length_at(source, error.line, error.column)
    suggestion = found[1] if found else ""
    return Finding(field, message, error.line, error.column, length, suggestion)


def length_at(source: str, line: int, column: int) -> int:
    """Characters of the word or sign that begins there; 1 behind the end of a line."""
    lines = source.split("\n", line)
    match = _WORD.match(lines[line - 1], column - 1) if line <= len(lines) else None
    return min(len(match.group()), 200) if match else 1


def located(field: str, source: str, word: str, message: str, code: str) -> Finding:
    """A finding at the first place where a name or literal stands in the text; at its start if nowhere."""
    inside = r"(?<![\w.])" if word[:1].isalpha() or word[:1] == "_" else ""
    match = re.search(inside + re.escape(word) + (r"\b" if inside else ""), source)
    offset = match.start() if match else 0
    line = source.count("\n", 0, offset) + 1
    column = offset - (source.rfind("\n", 0, offset) + 1) + 1
    return Finding(field, message, line, column, len(word) if match else 1, code=code)
