"""Claims on insurance: the default rules, and what becomes of a claim.

Conditions read the features of ml.domains.insurance.features.INSURANCE and CONTEXT. Windows include the
current claim, baselines (`earlier`, `peer`) do not. A hit is an indicator, not a proof: no claim is declined
by it, it is paid, looked at, or investigated.
"""

from fraud_detection.engines.insurance.claims import CLAIM
from fraud_detection.engines.insurance.connections import CONNECTIONS
from fraud_detection.engines.insurance.verdict import judge, respond
from fraud_detection.rules.spec import RuleSpec

RULES: tuple[RuleSpec, ...] = (*CLAIM, *CONNECTIONS)

# What the caller adds per claim beside the features: name -> (kind, unit).
CONTEXT = {"product": ("text", "text"), "cover": ("text", "text"), "peril": ("text", "text")}
REVIEW_FROM, INVESTIGATE_FROM = 35.0, 60.0

__all__ = ["CONTEXT", "INVESTIGATE_FROM", "REVIEW_FROM", "RULES", "judge", "respond"]
