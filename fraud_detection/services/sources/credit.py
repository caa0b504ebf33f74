"""Applications for credit as events."""

from fraud_detection.services.sources.source import Source
from ml.domains.credit import schema
from transactions.models import CreditApplication
from transactions.services import Kind

CREDIT = Source(
    engine="credit",
    kind=Kind(CreditApplication, "application_id"),
    parse=schema.parse,
    encode=schema.encode,
    fields=schema.FIELDS,
    locked=("applicant_key", "phone_key", "device_key"),
    customer=("applicant_id",),
    subjects={"applicant": "applicant_id", "device": "device_id", "phone": "phone"},
)
