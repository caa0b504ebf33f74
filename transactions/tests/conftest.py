"""A stored event, without the decision about it."""

import itertools
from datetime import UTC, datetime

import pytest


@pytest.fixture
def stored(client_system):
    """stored(amount=5) is a Transaction row of its own."""
    from transactions.models import Transaction
    from users.models import Customer

    numbers = itertools.count(1)

    def make(**changes):
        customer = Customer.objects.get_or_create(external_id="acc-1")[0]
        values = {
            "client": client_system,
            "transaction_id": f"T-{next(numbers)}",
            "body_digest": b"0" * 16,
            "customer": customer,
            "occurred_at": datetime(2026, 1, 5, tzinfo=UTC),
            "type": 1,
            "amount": 10,
            "currency": "USD",
            "sender_id": "acc-1",
            "receiver_id": "acc-2",
            "user_id": "acc-1",
            "amount_minor": 1000,
            "original_minor": 1000,
            "sender_key": 1,
            "receiver_key": 2,
            "local_hour": 0,
        }
        return Transaction.objects.create(**(values | changes))

    return make
