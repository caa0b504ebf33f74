"""What names a customer: the values that are erased, each with its kind."""

from collections.abc import Iterable

from django.db.models import F, Q, QuerySet

from fraud_detection.services.privacy.pseudonyms import Kinds, parts_of_name
from transactions.models import CreditApplication, InsuranceClaim, MarketEvent, Transaction
from users.models import Customer

SENT, RECEIVED = ~Q(user_id=F("receiver_id")) | Q(user_id=F("sender_id")), Q(user_id=F("receiver_id"))
# column -> kind, of events that are the customer's own; (model, rows of theirs, columns)
OWN: tuple[tuple[type, Q, dict[str, str]], ...] = (
    (
        Transaction,
        Q(),
        {"user_id": "id", "card_token": "card", "device_id": "device", "ip_address": "ip", "email": "email"},
    ),
    (Transaction, SENT, {"sender_id": "id", "sender_name": "name"}),
    (Transaction, RECEIVED, {"receiver_id": "id", "receiver_name": "name"}),
    (
        CreditApplication,
        Q(),
        {"applicant_id": "id", "phone": "phone", "device_id": "device", "identity_hash": "document"},
    ),
    (
        InsuranceClaim,
        Q(),
        {
            "claimant_id": "id", "policy_id": "policy", "address": "address", "phone": "phone",
            "bank_account": "bank", "device_id": "device", "object_id": "object", "document_hash": "document",
        },
    ),
    (MarketEvent, Q(), {"trader_id": "id", "owner_group": "group", "order_id": "order"}),
)  # fmt: skip
ACCOUNTS = ("id",)


def rows_of(model: type, customer_id: int) -> QuerySet:
    return model.objects.filter(customer=customer_id)


def values_of(customer: Customer) -> Kinds:
    """Every value that names the customer, by what is stored of them."""
    found: Kinds = {}
    for value in _told(customer.name):
        found[value] = "name"
    for model, condition, columns in OWN:
        own = rows_of(model, customer.pk).filter(condition).order_by()
        for column, kind in columns.items():
            values = own.exclude(**{f"{column}__isnull": True}).values_list(column, flat=True).distinct()
            for value in values.iterator(chunk_size=10_000):
                for part in _told(value) if kind == "name" else (value,):
                    found.setdefault(part, kind)
    if customer.email:
        found[customer.email] = "email"
    for value in _texts(customer.attributes):
        found.setdefault(value, "attribute")
    return {value: kind for value, kind in found.items() if value} | {customer.external_id: "id"}


def _told(name: str) -> Iterable[str]:
    return parts_of_name(name) if name else ()


def _texts(attributes: object) -> Iterable[str]:
    """Longer texts of the profile; a word like "tenant" stands in other texts with another meaning."""
    values = attributes.values() if isinstance(attributes, dict) else ()
    return (value for value in values if isinstance(value, str) and len(value) >= 12)
