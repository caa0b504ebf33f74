"""Storing events and what becomes known about them."""

from transactions.services.claim_counts import count_for_provider
from transactions.services.copying import EPOCH_2000, array_text, copy_in, copy_in_binary, copy_out
from transactions.services.event_storing import Kind, open_event_slot, store_event
from transactions.services.given_status import store_given_statuses
from transactions.services.labelling import record_labels
from transactions.services.market_counts import count_market_event, store_market_pattern
from transactions.services.prepared import prepare_once, run_prepared
from transactions.services.status import TransactionUnknown, change_status
from transactions.services.storing import (
    CurrentVersion,
    KnownCustomer,
    NewCustomer,
    Slot,
    Slots,
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
from transactions.services.withdrawing import withdraw_labels

__all__ = [
    "EPOCH_2000",
    "CurrentVersion",
    "Kind",
    "KnownCustomer",
    "NewCustomer",
    "Slot",
    "Slots",
    "TransactionUnknown",
    "array_text",
    "change_status",
    "copy_in",
    "copy_in_binary",
    "copy_out",
    "count_for_provider",
    "count_market_event",
    "current_version",
    "ensure_customer",
    "ensure_customers",
    "lock_accounts",
    "open_event_slot",
    "open_slot",
    "open_slots",
    "prepare_once",
    "record_labels",
    "run_prepared",
    "store_event",
    "store_given_statuses",
    "store_market_pattern",
    "store_transaction",
    "store_transactions",
    "stored_event",
    "supersede",
    "withdraw_labels",
]
