"""The columns that feature sets may read, with their PostgreSQL types."""

EVENT_TABLE = "transactions_transaction"
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

# Facts are what became known about events later; their history is ordered by when that was.
FACT_TABLES = (LABEL_TABLE, STATUS_TABLE)
TABLES = {EVENT_TABLE: EVENT_COLUMNS, LABEL_TABLE: LABEL_COLUMNS, STATUS_TABLE: STATUS_COLUMNS}

# The column that says which event a row arrived with: it counts only for events with a greater id. A label
# arrives on its own, so the time it became known says all.
ARRIVALS = {EVENT_TABLE: "id", STATUS_TABLE: "transaction_id"}

# Computed from the event time by every executor: whole days since 1970-01-01 UTC.
DAY_COLUMN = "day"

# Key columns that name the same kind of thing, so that one may look up the other.
KEY_KINDS = {
    "sender_key": "account",
    "receiver_key": "account",
    "card_key": "card",
    "device_key": "device",
    "ip_key": "ip",
    "merchant_key": "merchant",
}
