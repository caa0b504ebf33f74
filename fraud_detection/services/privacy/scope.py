"""What one erasure is about, sealed when it began: nothing of it can be read from the rows again."""

import json
import secrets
from dataclasses import dataclass, field

from alerts.services.sealing import seal, unseal
from fraud_detection.models import ErasureRequest
from fraud_detection.services.privacy.identity import values_of
from fraud_detection.services.privacy.pseudonyms import Kinds, Pseudonyms
from fraud_detection.services.privacy.sections import Subject
from ml.features.keys import entity_key
from users.models import Customer

STRONG = ("id", "email", "name")  # kinds that texts are searched for in whole tables
MOST_SEARCHED = 60


@dataclass
class Scope:
    """The customer, what is erased, and the pseudonyms that take its place."""

    request: ErasureRequest
    values: Kinds
    accounts: list[str]
    pseudonyms: Pseudonyms
    old_keys: list[int] = field(default_factory=list)
    new_keys: list[int] = field(default_factory=list)

    @property
    def customer_id(self) -> int:
        return self.request.customer_id

    @property
    def trader_keys(self) -> list[int]:
        return [entity_key("trader", value) for value, kind in self.values.items() if kind == "id"]

    @property
    def searched(self) -> list[str]:
        """Values that are looked for in tables of texts, where no column names the customer."""
        strong = [v for v, kind in self.values.items() if kind in STRONG and len(v) >= 5 and " " not in v]
        names = [v for v, kind in self.values.items() if kind == "name" and " " in v]
        return [*names, *sorted(strong, key=len, reverse=True)][:MOST_SEARCHED]


def sealed_scope(customer: Customer) -> str:
    """Gathers what names the customer; encrypted."""
    told = {
        "secret": secrets.token_hex(32),
        "values": values_of(customer),
        "accounts": Subject(customer).accounts,
    }
    return seal(json.dumps(told))


def opened_scope(request: ErasureRequest) -> Scope:
    told = json.loads(unseal(request.sealed))
    pseudonyms = Pseudonyms(told["secret"], told["values"])
    others = [pseudonyms.of("id", account) for account in told["accounts"]]
    return Scope(
        request,
        told["values"],
        told["accounts"],
        pseudonyms,
        [entity_key("account", account) for account in told["accounts"]],
        [entity_key("account", account) for account in others],
    )
