"""What a look at one thing found."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """`wrong` is empty when all is well; `well` is said when an alert of this kind ends."""

    kind: str
    wrong: str
    well: str
    severity: str = "high"
    subject: str = "FraudGuard"
