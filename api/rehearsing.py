"""Calls with a test key: carried out in full and undone, with answers that a client can order by amount."""

from typing import Any

from rest_framework.request import Request

from api.authentication import KeyPrincipal

AMOUNTS = ("amount", "requested_amount", "claim_amount")
MAGIC = {"1.01": "approve", "1.02": "review", "1.03": "decline"}
STANDS_FOR = {
    "approve": {"risk_score": 5.0, "risk_level": "low", "is_fraud": False},
    "review": {"risk_score": 70.0, "risk_level": "high", "is_fraud": True},
    "decline": {"risk_score": 95.0, "risk_level": "critical", "is_fraud": True},
}


def is_test(request: Request) -> bool:
    """Whether a test key was sent."""
    return isinstance(request.user, KeyPrincipal) and request.user.key.is_test


def as_ordered(request: Request, answer: Any) -> Any:
    """The answer with the decisions that magic amounts in the request ask for."""
    body = request.data if request.method in ("POST", "PUT") else None
    if not (isinstance(answer, dict) and isinstance(body, dict)):
        return answer
    if isinstance(answer.get("results"), list) and isinstance(body.get("transactions"), list):
        pairs = zip(answer["results"], body["transactions"], strict=True)
        return answer | {"results": [_ordered(result, event) for result, event in pairs]}
    return _ordered(answer, body)


def _ordered(answer: Any, event: Any) -> Any:
    wanted = _wanted(event)
    if wanted is None or not isinstance(answer, dict) or "decision" not in answer:
        return answer
    reason = {
        "code": "TEST_AMOUNT",
        "text": f"the amount of this test asks for {wanted}",
        "contribution": 1.0,
    }
    return answer | STANDS_FOR[wanted] | {"decision": wanted, "reasons": [reason]}


def _wanted(event: Any) -> str | None:
    """The decision that the event's amount asks for: 1.01 approve, 1.02 review, 1.03 decline."""
    if not isinstance(event, dict):
        return None
    amount = next((event[name] for name in AMOUNTS if name in event), None)
    return MAGIC.get(str(amount)) if isinstance(amount, str | float | int) else None
