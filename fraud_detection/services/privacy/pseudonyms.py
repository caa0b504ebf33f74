"""Pseudonyms: the same for the same value within one erasure, and leading back to nothing after it."""

import hashlib
import ipaddress
import re
from collections.abc import Iterable
from typing import Any

PREFIX = "erased-"
LETTERS = str.maketrans("0123456789", "ghijklmnop")
SHORTEST = 3  # characters of a value that is looked for in texts
SHORTEST_NUMBER = 5  # digits: "42" in a sentence is mostly something else
WORD = re.compile(r"[^\s,;'\"()<>\[\]{}|]+")
PIECE = re.compile(r"[^:=/?&]+")
Kinds = dict[str, str]  # kind of value by the value


class Pseudonyms:
    """Made of the secret of one erasure and the values that it erases, each with its kind."""

    def __init__(self, secret: str, values: Kinds):
        self._key = hashlib.sha256(secret.encode()).digest()
        named = {value.casefold(): self.of(kind, value) for value, kind in values.items() if _telling(value)}
        self._words = {value: other for value, other in named.items() if WORD.fullmatch(value)}
        phrases = sorted((value for value in named if value not in self._words), key=len, reverse=True)
        self._named = named
        self._phrases = re.compile("|".join(map(re.escape, phrases)), re.IGNORECASE) if phrases else None

    def of(self, kind: str, value: str) -> str:
        """The pseudonym of a value; what is one already stays, so that doing it twice changes nothing."""
        if is_pseudonym(value):
            return value
        digest = hashlib.blake2b(f"{kind}\0{value}".encode("utf-8", "surrogatepass"), key=self._key)
        if kind == "ip":
            return str(ipaddress.IPv6Address(b"\xfd" + digest.digest()[:15]))
        name = PREFIX + digest.hexdigest()[:16].translate(LETTERS)
        return f"{name}@erased.invalid" if kind == "email" else name

    def text(self, text: str) -> str:
        """The text with every value in it replaced."""
        if self._phrases is not None:
            text = self._phrases.sub(lambda found: self._named[found[0].casefold()], text)
        return WORD.sub(self._word, text)

    def json(self, value: Any) -> Any:
        """A JSON-like value with every value in its texts replaced."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(name): self.json(inner) for name, inner in value.items()}
        return [self.json(inner) for inner in value] if isinstance(value, list) else value

    def _word(self, found: re.Match[str]) -> str:
        word = found[0]
        core = word.rstrip(".!?:")
        if (known := self._words.get(core.casefold())) is not None:
            return known + word[len(core) :]
        return PIECE.sub(lambda piece: self._words.get(piece[0].casefold(), piece[0]), word)


def is_pseudonym(value: str) -> bool:
    """Whether an erasure made it."""
    return value.startswith(PREFIX) or (value.startswith("fd") and value.count(":") >= 5)


def parts_of_name(name: str) -> Iterable[str]:
    """The name and the words that it is made of: people write "Anna called"."""
    return (name, *name.split())


def blanked(value: Any) -> Any:
    """What is kept of free JSON: names, flags and small numbers; texts and long numbers tell of people."""
    if isinstance(value, dict):
        return {name: blanked(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return [blanked(inner) for inner in value]
    small = isinstance(value, bool) or (isinstance(value, int | float) and abs(value) < 1_000_000)
    return value if small else None


def _telling(value: str) -> bool:
    least = SHORTEST_NUMBER if value.isdigit() else SHORTEST
    return len(value) >= least and not is_pseudonym(value)
