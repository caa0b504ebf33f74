"""Verifying the audit trail every night: people are told when it is not as it was sealed."""

from datetime import datetime

from alerts.services.system import clear_system_alert, raise_system_alert
from logs.services.chain.sealing import seal_events
from logs.services.chain.verified import verify_and_note

WHERE = {"engine": "system", "kind": "audit_trail"}


def verify_trail(now: datetime) -> bool:
    """Seal what is closed, then verify everything; False, and an alert, when something is wrong."""
    seal_events()
    report = verify_and_note()
    if report.ok:
        clear_system_alert(**WHERE, message="The audit trail is as it was sealed again.", at=now)
        return True
    first = report.findings[0].text
    raise_system_alert(
        **WHERE,
        subject="FraudGuard",
        severity="critical",
        message=f"The audit trail is not as it was sealed: {first}. Run manage.py verify_audit.",
        at=now,
    )
    return False
