"""What goes to logs, samples and error details: no card numbers, and no secrets either."""

import re
from typing import Any

from logs.redacting.masking import mask_cards, mask_cards_in

HIDDEN = "[hidden]"
NAMES = re.compile(
    r"(?:.*[_-])?(?:passwords?\d?|passwd|passphrase|secrets?|api[_-]?keys?|(?:x-)?authorization|otp|totp|cookie"
    r"|csrfmiddlewaretoken|recovery[_-]?codes?|private[_-]?key|(?<!card_)(?<!card-)token|hash_key)",
    re.IGNORECASE,
)
PAIR = (
    r"(?P<name>(?:[\w-]*(?:password|passwd|secret|api[_-]?key|authorization|otp)\w*|(?:access|refresh|auth)?_?token)"
    r"[\"']?\s*[=:]\s*[\"']?(?:(?:bearer|basic)\s+)?)(?P<value>[^\s\"',;&}]+)"
)
KEY = r"\bfgt?_[A-Za-z0-9]{4,32}_[A-Za-z0-9_-]{8,}"
JWT = r"\beyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"
BEARER = r"(?<=[Bb]earer )[\w.~+/=-]{8,}"
SIGNING = r"\bwhsec_[A-Za-z0-9+/=]{8,}"
LOGIN = r"(?<=://)[^/\s:@]*:[^/\s@]+(?=@)"
SECRETS = re.compile(f"{PAIR}|{KEY}|{JWT}|{BEARER}|{SIGNING}|{LOGIN}", re.IGNORECASE)
HINT = re.compile(r"passw|secret|key|authoriz|bearer|otp|token|fgt?_|eyj|://", re.IGNORECASE)


def redact_text(text: str) -> str:
    """A text without secrets and card numbers."""
    if HINT.search(text) is not None:
        text = SECRETS.sub(_hidden, text)
    return mask_cards(text)


def redact(value: Any) -> Any:
    """A JSON-like value without secrets and card numbers; other objects are left as they are."""
    if isinstance(value, str):
        return redact_text(value)
    if isinstance(value, dict):
        return {_name(name): _inner(name, inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [redact(inner) for inner in value]
    return mask_cards_in(value)


def _name(name: Any) -> Any:
    return mask_cards(name) if isinstance(name, str) else name


def _inner(name: Any, value: Any) -> Any:
    if isinstance(name, str) and value and not isinstance(value, bool) and NAMES.fullmatch(name):
        return HIDDEN
    return redact(value)


def _hidden(match: re.Match[str]) -> str:
    return (match["name"] or "") + HIDDEN
