"""What becomes of the events of an erased customer, and of others' events that name them.

Amounts, times, countries, channels and outcomes stay: counts, rates and models are what they were.
"""

import os
from typing import Any

from fraud_detection.services.privacy.identity import OWN
from fraud_detection.services.privacy.pseudonyms import blanked
from fraud_detection.services.privacy.rewriting import Change
from fraud_detection.services.privacy.scope import Scope
from ml.domains.market.schema import BUY, SELL, account_key
from ml.domains.payments.schema import KEYS
from ml.features.keys import entity_key
from transactions.models import CreditApplication, InsuranceClaim, MarketEvent, Transaction

COLUMNS = {
    model: {name: kind for m, _, columns in OWN if m is model for name, kind in columns.items()}
    for model, _, _ in OWN
}
PARTY = ("sender_id", "receiver_id", "sender_name", "receiver_name", "merchant_id")


def own_payment(row: Transaction, scope: Scope) -> Change:
    """All that is the customer's: ids, names, devices, addresses, the place on earth, free data."""
    side = "receiver" if row.user_id == row.receiver_id else "sender"
    theirs = ("user_id", "card_token", "device_id", "ip_address", "email", f"{side}_id", f"{side}_name")
    new = {name: _other(row, name, COLUMNS[Transaction][name], scope) for name in theirs}
    new |= _named(row, scope, [name for name in PARTY if name not in new])
    place = dict.fromkeys(("latitude", "longitude", "latitude_e6", "longitude_e6"))
    return _payment(row, new) | place | {"metadata": blanked(row.metadata)}


def others_payment(row: Transaction, scope: Scope) -> Change:
    """Somebody else's payment: only the side on which the customer stands changes."""
    new = {}
    for side in ("sender", "receiver"):
        if getattr(row, f"{side}_id") in scope.accounts:
            new[f"{side}_id"] = scope.pseudonyms.of("id", getattr(row, f"{side}_id"))
            new[f"{side}_name"] = _other(row, f"{side}_name", "name", scope)
    new |= _named(row, scope, [name for name in PARTY if name not in new])
    kept = {
        name: getattr(row, name) for name in ("user_id", "card_token", "device_id", "ip_address", "email")
    }
    place = {name: getattr(row, name) for name in ("latitude", "longitude", "latitude_e6", "longitude_e6")}
    return _payment(row, kept | new) | place | {"metadata": scope.pseudonyms.json(row.metadata)}


def application(row: CreditApplication, scope: Scope) -> Change:
    new = {name: _other(row, name, kind, scope) for name, kind in COLUMNS[CreditApplication].items()}
    identity = new["identity_hash"] or new["applicant_id"]
    return new | {
        "applicant_key": entity_key("applicant", new["applicant_id"]),
        "identity_key": entity_key("identity", identity),
        "phone_key": _key("phone", new["phone"]),
        "device_key": _key("device", new["device_id"]),
        "body_digest": os.urandom(16),
    }


def claim(row: InsuranceClaim, scope: Scope) -> Change:
    new = {name: _other(row, name, kind, scope) for name, kind in COLUMNS[InsuranceClaim].items()}
    who = ("claimant", new["claimant_id"]) if new["claimant_id"] else ("policy", new["policy_id"])
    return new | {
        "claimant_key": entity_key(*who),
        "policy_key": entity_key("policy", new["policy_id"]),
        "device_key": _key("device", new["device_id"]),
        "phone_key": _key("phone", new["phone"]),
        "bank_key": _key("bank", new["bank_account"]),
        "object_key": _key("object", new["object_id"]),
        "document_key": _key("document", new["document_hash"]),
        "body_digest": os.urandom(16),
    }


def own_order(row: MarketEvent, scope: Scope) -> Change:
    new: dict[str, Any] = {
        name: _other(row, name, kind, scope) for name, kind in COLUMNS[MarketEvent].items()
    }
    trader, symbol = new["trader_id"], row.symbol
    owner = new["owner_group"] or trader
    order = f"{symbol}\0{trader}\0{new['order_id']}" if new["order_id"] else None
    own = account_key(symbol, trader)
    return new | {
        "counterparty_id": row.counterparty_id,
        "counterparty_key": row.counterparty_key,
        "trader_key": entity_key("trader", trader),
        "owner_key": entity_key("owner", owner),
        "owner_symbol_key": owner_symbol_key(symbol, owner),
        "order_key": entity_key("order", order) if order else None,
        "seller_symbol_key": own if _trades(row, SELL) else row.seller_symbol_key,
        "buyer_symbol_key": own if _trades(row, BUY) else row.buyer_symbol_key,
        "body_digest": os.urandom(16),
    }


def others_order(row: MarketEvent, scope: Scope) -> Change:
    """A trade against the customer."""
    other = scope.pseudonyms.of("id", row.counterparty_id)
    their = account_key(row.symbol, other)
    return {
        "counterparty_id": other,
        "counterparty_key": entity_key("trader", other),
        "seller_symbol_key": their if _trades(row, BUY) else row.seller_symbol_key,
        "buyer_symbol_key": their if _trades(row, SELL) else row.buyer_symbol_key,
    }


def owner_symbol_key(symbol: str, owner: str) -> int:
    return entity_key("owner", f"{symbol}\0{owner}")


def _payment(row: Transaction, new: dict[str, Any]) -> dict[str, Any]:
    """The integer columns follow the texts, as they do when an event is stored."""
    texts = {field: new.get(field, getattr(row, field)) for _, field in KEYS.values()}
    keys = {name: _key(kind, texts[field]) for name, (kind, field) in KEYS.items()}
    return new | keys | {"merchant_key": _key("merchant", new["merchant_id"]), "body_digest": os.urandom(16)}


def _named(row: Transaction, scope: Scope, columns: list[str]) -> dict[str, Any]:
    """Other columns that hold one of the customer's own values: a transfer between their accounts."""
    known = {value for value, kind in scope.values.items() if kind in ("id", "name")}
    new = {}
    for name in columns:
        value = getattr(row, name)
        new[name] = scope.pseudonyms.of(scope.values[value], value) if value in known else value
    return new


def _other(row: Any, name: str, kind: str, scope: Scope) -> str | None:
    value = getattr(row, name)
    return scope.pseudonyms.of(kind, str(value)) if value else value


def _key(kind: str, text: str | None) -> int | None:
    return entity_key(kind, text) if text is not None else None


def _trades(row: MarketEvent, side: int) -> bool:
    known = row.seller_symbol_key is not None or row.buyer_symbol_key is not None
    return known and row.side_code == side
