"""Events, labels, predictions."""

from typing import Any

from api.v1.customer_predictions import EXAMPLE as CUSTOMER
from api.v1.external_predictions import EXAMPLE as EXTERNAL
from api.v1.labels import EXAMPLE as LABEL
from api.v1.payment_request import EXAMPLE as PAYMENT

EXAMPLES: dict[str, Any] = {
    "decide_transaction": PAYMENT,
    "correct_transaction": PAYMENT | {"amount": "910.00", "sender_balance_after": "8190.00"},
    "update_transaction_status": {"status": "reversed"},
    "predict_transaction": PAYMENT,
    "score_transactions": {"transactions": [PAYMENT, PAYMENT | {"transaction_id": "TXN-1002", "amount": 25}]},
    "label_transactions": LABEL,
    "store_external_prediction": EXTERNAL,
    "request_erasure": {"reason": "By letter of 2026-02-03, identity checked."},
    "request_review": {"reason": "The customer says the payment was hers."},
    "resolve_review_request": {"outcome": "overturned", "note": "She showed the receipt of the shop."},
    "predict_customer": CUSTOMER,
    "detect_money_laundering": {
        "transaction_id": "TXN-1001",
        "user_id": "U-1",
        "amount": 9800,
        "sender_id": "S-1",
        "receiver_id": "R-1",
    },
    "assess_credit": {"applicant_id": "USER-101", "monthly_income": 4200, "employment_length": 24},
    "detect_insurance_fraud": {
        "claim_id": "CLM-001",
        "policy_id": "POL-9",
        "claim_amount": 45000,
        "estimated_value": 52000,
    },
    "detect_market_manipulation": {
        "symbol": "MSFT",
        "price": 425.5,
        "volume": 12000,
        "trader_id": "TR-99",
    },
}
