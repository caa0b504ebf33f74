"""What the law on personal data asks for: export, erasure, and forgetting in time."""

from fraud_detection.services.privacy.erasing import (
    ask_erasure,
    carry_out_erasure,
    erase_customer,
    run_erasures,
    withdraw_erasure,
)
from fraud_detection.services.privacy.errors import ErasureConflict, ErasureHeld, ErasureRefused, SecondPerson
from fraud_detection.services.privacy.exporting import export_customer
from fraud_detection.services.privacy.holding import holds_on
from fraud_detection.services.privacy.retention import purge_expired, retention_table

__all__ = [
    "ErasureConflict",
    "ErasureHeld",
    "ErasureRefused",
    "SecondPerson",
    "ask_erasure",
    "carry_out_erasure",
    "erase_customer",
    "export_customer",
    "holds_on",
    "purge_expired",
    "retention_table",
    "run_erasures",
    "withdraw_erasure",
]
