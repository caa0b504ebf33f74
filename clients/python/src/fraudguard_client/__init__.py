"""Client of the FraudGuard API.

>>> from fraudguard_client import FraudGuard
>>> with FraudGuard("https://fraud.example", api_key="fg_...") as fraud:  # doctest: +SKIP
...     decision = fraud.decide({"transaction_id": "T-1", "amount": 9.5, "sender_id": "A"})
"""

from fraudguard_client.client import FraudGuard
from fraudguard_client.problems import (
    ApiProblem,
    Conflict,
    JobNotEnded,
    NotAllowed,
    NotFound,
    Refused,
    TooManyRequests,
    Unavailable,
)
from fraudguard_client.retrying import Retrying
from fraudguard_client.shapes import Decision, Fault, Problem, Reason, RuleAlert
from fraudguard_client.webhooks import WebhookRefused, verify_webhook

__all__ = [
    "ApiProblem",
    "Conflict",
    "Decision",
    "Fault",
    "FraudGuard",
    "JobNotEnded",
    "NotAllowed",
    "NotFound",
    "Problem",
    "Reason",
    "Refused",
    "Retrying",
    "RuleAlert",
    "TooManyRequests",
    "Unavailable",
    "WebhookRefused",
    "verify_webhook",
]
