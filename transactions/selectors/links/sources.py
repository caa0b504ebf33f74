"""Where entities that customers may share are named: table, role, the text shown and the indexed column."""

from typing import NamedTuple

PAYMENTS = "transactions_transaction"
APPLICATIONS = "transactions_creditapplication"
CLAIMS = "transactions_insuranceclaim"
CURRENT = {PAYMENTS: "superseded_by_id is null"}  # corrected payments count once
WORDS = {PAYMENTS: "payment", APPLICATIONS: "application", CLAIMS: "claim"}


class Source(NamedTuple):
    """One way an event names an entity.

    `role` says what the customer does with it, for an account: pays into it, or pays from it.
    `only` is a condition on the event t beside the column being given.
    """

    table: str
    kind: str
    role: str
    shown: str
    key: str
    only: str = "true"

    @property
    def word(self) -> str:
        """What one event of the table is called."""
        return WORDS[self.table]

    @property
    def current(self) -> str:
        return CURRENT.get(self.table, "true")


SOURCES = (
    Source(PAYMENTS, "device", "used", "t.device_id", "device_key"),
    Source(PAYMENTS, "ip", "used", "host(t.ip_address)", "ip_key"),
    Source(PAYMENTS, "card", "used", "t.card_token", "card_key"),
    # A merchant is paid by everybody: that ties nobody to anybody.
    Source(PAYMENTS, "account", "paid", "t.receiver_id", "receiver_key", "t.receiver_is_merchant = 0"),
    Source(PAYMENTS, "account", "paid from", "t.sender_id", "sender_key", "t.sender_is_merchant = 0"),
    Source(APPLICATIONS, "device", "used", "t.device_id", "device_key"),
    Source(APPLICATIONS, "phone", "named", "t.phone", "phone_key"),
    Source(CLAIMS, "device", "used", "t.device_id", "device_key"),
    Source(CLAIMS, "phone", "named", "t.phone", "phone_key"),
    Source(CLAIMS, "bank account", "named", "t.bank_account", "bank_key"),
    Source(CLAIMS, "address", "named", "t.address", "address"),
)
KINDS = tuple(dict.fromkeys(source.kind for source in SOURCES))
# An address of the net, or a payee, is often shared by strangers; these are not.
STRONG = frozenset({"device", "card", "phone", "bank account", "address"})
