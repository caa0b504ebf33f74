"""Card numbers as first six, last four and a keyed hash: `411111******1111:` and sixteen letters.

The hash tells cards apart and finds the same card again without keeping it. It is keyed: between six and
four known digits there are 100,000 cards with a right check digit, and without a key all of them are tried
in a second. It is written in letters, so that what was masked never looks like a number again.
"""

import hashlib
import re
from functools import lru_cache
from typing import Any

from django.conf import settings

from logs.redacting.finding import cards
from logs.redacting.schemes import SHORTEST

LETTERS = str.maketrans("0123456789", "ghijklmnop")
# What a text without card numbers never has: twelve digits with nothing but spaces, dashes or dots between.
SUSPECT = re.compile(rf"\d(?:[^\da-zA-Z]{{0,2}}\d){{{SHORTEST - 1}}}")
# The same of a body in JSON: most bodies fail QUICK, which costs a fifth of CLOSE, and DOTTED.
QUICK = re.compile(rf"[0-9][0-9 -]{{{SHORTEST - 1}}}", re.ASCII)
CLOSE = re.compile(rf"[0-9](?:[ -]{{0,2}}[0-9]){{{SHORTEST - 1}}}", re.ASCII)
DOTTED = re.compile(r"[._/][0-9]{4}[._/][0-9]{4}", re.ASCII)


def token_of(digits: str) -> str:
    """What is kept of a card number: the same for the same card, whatever it stood in."""
    return f"{digits[:6]}{'*' * (len(digits) - 10)}{digits[-4:]}:{keyed_hash(digits)}"


def keyed_hash(text: str) -> str:
    """Sixteen letters from a to p: 64 bits of a BLAKE2b under CARD_HASH_KEY."""
    key = _key(settings.CARD_HASH_KEY)
    digest = hashlib.blake2b(text.encode("utf-8", "surrogatepass"), key=key, digest_size=8, person=b"card")
    return digest.hexdigest().translate(LETTERS)


@lru_cache(4)
def _key(secret: str) -> bytes:
    return hashlib.sha256(b"card numbers " + secret.encode()).digest()


def may_hold_cards(body: str) -> bool:
    """Whether JSON written in ASCII is worth a closer look: half of what writing it cost."""
    if "\\" in body or DOTTED.search(body) is not None:
        return True
    return QUICK.search(body) is not None and CLOSE.search(body) is not None


def mask_cards(text: str) -> str:
    """The text with every card number masked; the very same object when there is none."""
    if SUSPECT.search(text) is None:
        return text
    parts, end = [], 0
    for start, after, digits in cards(text):
        parts += (text[end:start], token_of(digits))
        end = after
    return "".join((*parts, text[end:])) if parts else text


def mask_cards_in(value: Any, kept: frozenset[str] = frozenset()) -> Any:
    """A JSON-like value with every card number masked, in names and in whole numbers too.

    `kept` names members whose texts stay: an event's own id.
    """
    if isinstance(value, str):
        return mask_cards(value)
    if isinstance(value, dict):
        return {
            mask_cards_in(name): inner
            if name in kept and isinstance(inner, str)
            else mask_cards_in(inner, kept)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [mask_cards_in(inner, kept) for inner in value]
    if isinstance(value, int) and not isinstance(value, bool) and 10**11 <= value < 10**19:
        return _number(value)
    if isinstance(value, float) and 1e11 <= value < 1e16 and value.is_integer():
        return _number(int(value), value)
    return value


def _number(value: int, written: Any = None) -> Any:
    text = str(value)
    masked = mask_cards(text)
    if masked is not text:
        return masked
    return value if written is None else written


def fits(text: str, limit: int) -> str:
    """A masked text in a column of `limit` characters: what is cut off leaves a hash, so ids stay apart."""
    if len(text) <= limit:
        return text
    return f"{text[: limit - 17]}:{keyed_hash(text)}"
