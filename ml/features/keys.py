"""Integers that stand for texts in event columns."""

from hashlib import blake2b

KINDS = (
    *("account", "card", "device", "ip", "merchant", "region", "branch"),
    *("event", "applicant", "phone", "identity"),  # event: the client's own id, held while it is decided
    *("claimant", "policy", "provider", "object", "document", "bank", "address", "peril", "product", "cover"),
    *("symbol", "trader", "owner", "order", "venue"),
)


def entity_key(kind: str, text: str) -> int:
    """Return the 64-bit key of an entity; sender and receiver share the kind "account".

    >>> entity_key("account", "C1") == entity_key("account", "C1")
    True
    """
    if kind not in KINDS:
        raise ValueError(f"unknown kind of entity {kind!r}; one of {', '.join(KINDS)}")
    # The text's length cannot be confused with the kind: no kind contains a NUL.
    digest = blake2b(f"{kind}\0{text}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    key = int.from_bytes(digest, "big", signed=True)
    # The smallest int64 is the missing value of the numpy executors.
    return key if key != -(2**63) else 0


def country_code(text: str) -> int:
    """Return ord(a) * 256 + ord(b) of a two-letter ISO country code in upper case."""
    if len(text) != 2 or not text.isascii() or not text.isalpha():
        raise ValueError(f"not a two-letter country code: {text!r}")
    upper = text.upper()
    return ord(upper[0]) * 256 + ord(upper[1])


def country_text(code: int) -> str:
    """Return the two letters of a country code."""
    return chr(code // 256) + chr(code % 256)
