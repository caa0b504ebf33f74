"""Storing events and what becomes known about them."""

from transactions.services.copying import copy_in, copy_out
from transactions.services.labelling import record_labels
from transactions.services.prepared import prepare_once, run_prepared
from transactions.services.status import TransactionUnknown, change_status
from transactions.services.storing import (
    CurrentVersion,
    KnownCustomer,
    NewCustomer,
    Slot,
    current_version,
    ensure_customer,
    ensure_customers,
    lock_accounts,
    open_slot,
    open_slots,
    store_transaction,
    store_transactions,
    stored_event,
    supersede,
)

__all__ = [
    "CurrentVersion",
    "KnownCustomer",
    "NewCustomer",
    "Slot",
    "TransactionUnknown",
    "change_status",
    "copy_in",
    "copy_out",
    "current_version",
    "ensure_customer",
    "ensure_customers",
    "lock_accounts",
    "open_slot",
    "open_slots",
    "prepare_once",
    "record_labels",
    "run_prepared",
    "store_transaction",
    "store_transactions",
    "stored_event",
    "supersede",
]
