"""The head of the chain kept elsewhere: what shows that the newest part was cut off, or the whole rebuilt."""

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple

from logs.models import AuditSeal
from logs.services.chain.findings import Findings

HASH = re.compile(r"[0-9a-f]{64}")
LARGEST_FILE = 10_000


class Head(NamedTuple):
    """Number and hash of a seal; number 0: only the hash is known."""

    number: int
    hash: str


class HeadRefused(ValueError):
    """What was given is no head; says what one looks like."""


def exported(seal: AuditSeal | None) -> dict[str, Any]:
    """A head as it is handed out: {seal, hash, last_event, sealed_at}; an empty chain has none of them."""
    if seal is None:
        return {"seal": 0, "hash": "", "last_event": 0, "sealed_at": None}
    return {
        "seal": seal.number,
        "hash": seal.hash,
        "last_event": seal.last_id,
        "sealed_at": seal.sealed_at.isoformat(),
    }


def read_head(given: str) -> Head:
    """A hash, NUMBER:HASH, or the name of a file with an exported head; raises HeadRefused."""
    number, _, digest = given.rpartition(":")
    if HASH.fullmatch(digest) and (not number or number.isdecimal()):
        return Head(int(number or 0), digest)
    path = Path(given)
    if not path.is_file():
        raise HeadRefused(f"{given!r} is neither a file nor a hash of 64 digits (0-9, a-f)")
    with path.open("rb") as file:
        return _from_json(given, file.read(LARGEST_FILE))


def _from_json(name: str, content: bytes) -> Head:
    try:
        told = json.loads(content)
        head = Head(int(told["seal"]), str(told["hash"]))
    except (ValueError, KeyError, TypeError, RecursionError):
        raise HeadRefused(f"{name}: this is no exported head of the audit chain") from None
    if head.number and not HASH.fullmatch(head.hash):
        raise HeadRefused(f"{name}: its hash is not 64 digits (0-9, a-f)")
    return head


def compare(heads: Iterable[Head], newest: Head | None, findings: Findings) -> None:
    """Every head that was exported must still stand in the chain as it was."""
    for head in heads:
        if not head.hash:
            continue  # of an empty chain: any chain continues it
        if not head.number:
            if not AuditSeal.objects.filter(hash=head.hash).exists():
                findings.add(
                    "head", f"no seal has the hash {head.hash[:16]}...: the chain was cut or rebuilt"
                )
        elif newest is None or head.number > newest.number:
            reached = newest.number if newest else 0
            text = f"seal {head.number} was exported, but the chain ends at seal {reached}: it was truncated"
            findings.add("truncated", text, seal=head.number)
        elif not AuditSeal.objects.filter(number=head.number, hash=head.hash).exists():
            text = f"seal {head.number} is not the one that was exported: the chain was rebuilt"
            findings.add("head", text, seal=head.number)
