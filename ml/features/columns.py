"""The columns that feature sets may read, with their PostgreSQL types."""

EVENT_TABLE = "transactions_transaction"
APPLICATION_TABLE = "transactions_creditapplication"
CLAIM_TABLE = "transactions_insuranceclaim"
MARKET_TABLE = "transactions_marketevent"
LABEL_TABLE = "transactions_label"
STATUS_TABLE = "transactions_statuschange"

# Columns of EVENT_TABLE that history may be filtered, grouped and aggregated on.
EVENT_COLUMNS = {
    "id": "bigint",
    "occurred_at": "timestamptz",
    "type": "smallint",
    "amount_minor": "bigint",
    "amount_ln": "integer",
    "original_minor": "bigint",
    "sender_key": "bigint",
    "receiver_key": "bigint",
    "card_key": "bigint",
    "device_key": "bigint",
    "ip_key": "bigint",
    "merchant_key": "bigint",
    "country_code": "integer",
    "region_key": "bigint",
    "branch_key": "bigint",
    "channel": "smallint",
    "latitude_e6": "integer",
    "longitude_e6": "integer",
    "local_hour": "smallint",
    "sender_is_merchant": "smallint",
    "receiver_is_merchant": "smallint",
    "sender_before_minor": "bigint",
    "sender_after_minor": "bigint",
    "receiver_before_minor": "bigint",
    "receiver_after_minor": "bigint",
    "superseded_by_id": "bigint",
}

# Given with the current event, not stored on it: history cannot be filtered by these.
CONTEXT_COLUMNS = {
    "home_country_code": "integer",
    "sender_country_code": "integer",
    "receiver_country_code": "integer",
    "ip_country_code": "integer",
}

LABEL_COLUMNS = {
    "id": "bigint",
    "known_at": "timestamptz",
    "fraud_delta": "smallint",
    "receiver_key": "bigint",
    "device_key": "bigint",
    "ip_key": "bigint",
    "merchant_key": "bigint",
}

STATUS_COLUMNS = {
    "id": "bigint",
    "transaction_id": "bigint",
    "known_at": "timestamptz",
    "declined_delta": "smallint",
    "sender_key": "bigint",
    "card_key": "bigint",
    "device_key": "bigint",
    "ip_key": "bigint",
}

# A domain with events of its own: what its history is filtered, grouped and aggregated on.
APPLICATION_COLUMNS = {
    "id": "bigint",
    "occurred_at": "timestamptz",
    "amount_minor": "bigint",
    "applicant_key": "bigint",
    "phone_key": "bigint",
    "device_key": "bigint",
    "identity_key": "bigint",
}
CLAIM_COLUMNS = {
    "id": "bigint",
    "occurred_at": "timestamptz",
    "amount_minor": "bigint",
    "amount_ln": "integer",
    "claimant_key": "bigint",
    "policy_key": "bigint",
    "provider_key": "bigint",
    "device_key": "bigint",
    "phone_key": "bigint",
    "bank_key": "bigint",
    "object_key": "bigint",
    "document_key": "bigint",
    "peril_key": "bigint",
    "cover_key": "bigint",
    "product_key": "bigint",
}
MARKET_COLUMNS = {
    "id": "bigint",
    "occurred_at": "timestamptz",
    "event_code": "smallint",
    "side_code": "smallint",
    "price_e8": "bigint",
    "volume_e6": "bigint",
    "side_depth_e6": "bigint",
    "amount_minor": "bigint",
    "symbol_key": "bigint",
    "trader_key": "bigint",
    "owner_key": "bigint",
    "owner_symbol_key": "bigint",
    "counterparty_key": "bigint",
    "order_key": "bigint",
}
EVENT_TABLES = {
    EVENT_TABLE: EVENT_COLUMNS,
    APPLICATION_TABLE: APPLICATION_COLUMNS,
    CLAIM_TABLE: CLAIM_COLUMNS,
    MARKET_TABLE: MARKET_COLUMNS,
}

# Facts are what became known about events later; their history is ordered by when that was.
FACT_TABLES = (LABEL_TABLE, STATUS_TABLE)
TABLES = EVENT_TABLES | {LABEL_TABLE: LABEL_COLUMNS, STATUS_TABLE: STATUS_COLUMNS}

# The column that says which event a row arrived with: it counts only for events with a greater id. A label
# arrives on its own, so the time it became known says all.
ARRIVALS = dict.fromkeys(EVENT_TABLES, "id") | {STATUS_TABLE: "transaction_id"}

# Computed from the event time by every executor: whole days since 1970-01-01 UTC.
DAY_COLUMN = "day"

# Key columns that name the same kind of thing, so that one may look up the other.
KEY_KINDS = {
    "symbol_key": "symbol",
    "trader_key": "trader",
    "counterparty_key": "trader",
    "owner_key": "owner",
    "owner_symbol_key": "owner within a symbol",
    "order_key": "order",
    "sender_key": "account",
    "receiver_key": "account",
    "card_key": "card",
    "device_key": "device",
    "ip_key": "ip",
    "merchant_key": "merchant",
    "applicant_key": "applicant",
    "phone_key": "phone",
    "identity_key": "identity",
    "claimant_key": "claimant",
    "policy_key": "policy",
    "provider_key": "provider",
    "bank_key": "bank",
    "object_key": "object",
    "document_key": "document",
    "peril_key": "peril",
    "cover_key": "cover",
    "product_key": "product",
}
