"""Why a review request is not taken or not settled."""

import re

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class ReviewRefused(ValueError):
    """What cannot be stored; `field` names it."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


class ReviewConflict(Exception):
    """The request is settled already; the message says by whom and how."""


def clean(field: str, text: str, longest: int) -> str:
    """A text as it is stored; raises ReviewRefused."""
    text = text.strip()
    if not text:
        raise ReviewRefused(field, "is required")
    if len(text) > longest or UNSTORABLE.search(text):
        raise ReviewRefused(field, f"at most {longest:,} characters, without NUL and lone surrogates")
    return text
