"""Verifying, and writing down that it was done and what it found."""

from collections.abc import Sequence
from dataclasses import asdict

from logs.models import Level, SystemEvent
from logs.services.chain.heads import Head
from logs.services.chain.verifying import Report, verify_audit
from logs.services.system_events import note

KIND = "audit.verified"
TOLD = 20  # findings kept with the event


def verify_and_note(heads: Sequence[Head] = ()) -> Report:
    """Verify against these heads and the one that the last verification saw; note the result."""
    known = [*heads, *_last_head()]
    report = verify_audit(known)
    note(
        KIND,
        component="audit",
        level=Level.INFO if report.ok else Level.ERROR,
        text=_sentence(report),
        detail={
            "ok": report.ok,
            "events": report.events,
            "seals": report.seals,
            "seal": report.head.number if report.head else 0,
            "hash": report.head.hash if report.head else "",
            "unsealed": report.unsealed,
            "found": report.found,
            "findings": [asdict(finding) for finding in report.findings[:TOLD]],
        },
    )
    return report


def _last_head() -> list[Head]:
    """The head that the newest clean verification saw."""
    last = SystemEvent.objects.filter(kind=KIND, detail__ok=True).order_by("-id").first()
    return [Head(last.detail["seal"], last.detail["hash"])] if last and last.detail["seal"] else []


def _sentence(report: Report) -> str:
    if report.ok:
        return f"{report.events:,} sealed events are as they were sealed"
    first = report.findings[0].text
    more = f", and {report.found - 1:,} more" if report.found > 1 else ""
    return f"The audit trail was tampered with: {first}{more}"
