"""What a new installation starts with: due times, reason codes and the default queue.

Called after every migration; what people changed or switched off stays.
"""

from django.db import connection

from alerts.models import Disposition, DuePolicy, ReasonCode
from alerts.services.due import SHIPPED_MINUTES
from alerts.services.placing import default_queue

REASONS = {
    Disposition.CONFIRMED_FRAUD: (
        ("customer_denied", "Customer denied the payments"),
        ("known_fraud", "Linked to known fraud"),
        ("takeover", "Takeover pattern, customer not reached"),
    ),
    Disposition.FALSE_POSITIVE: (
        ("customer_confirmed", "Customer confirmed the payments"),
        ("usual_behaviour", "Usual behaviour of this customer"),
        ("rule_too_sensitive", "Rule too sensitive here"),
    ),
    Disposition.INCONCLUSIVE: (
        ("not_reached", "Customer not reached"),
        ("not_enough_evidence", "Not enough evidence"),
        ("waiting_elsewhere", "Waiting for information from another bank"),
    ),
    Disposition.DUPLICATE: (
        ("same_events", "Same events in another alert"),
        ("under_review", "Same customer already under review"),
        ("test_data", "Test data"),
    ),
}
TABLES = {"alerts_reasoncode", "alerts_duepolicy", "alerts_queue"}


def ship(**_signal: object) -> None:
    """Idempotent; does nothing while the tables are not there (a migration back to an older version)."""
    if not set(connection.introspection.table_names()) >= TABLES:
        return
    DuePolicy.objects.bulk_create(
        [DuePolicy(severity=severity, minutes=minutes) for severity, minutes in SHIPPED_MINUTES.items()],
        ignore_conflicts=True,
    )
    ReasonCode.objects.bulk_create(
        [
            ReasonCode(disposition=disposition, code=code, text=text, position=10 * (place + 1))
            for disposition, reasons in REASONS.items()
            for place, (code, text) in enumerate(reasons)
        ],
        ignore_conflicts=True,
    )
    default_queue()
