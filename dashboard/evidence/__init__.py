"""What an engine's evidence looks like: one room for each engine that has more to show than values.

SHOWN: engine -> show(assessment, hits), the context of dashboard/templates/dashboard/evidence/<engine>.html,
or None when there is nothing to show. Included by the alert page and the decision's page.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dashboard.evidence import aml, credit, insurance, market
from fraud_detection.models import Assessment, RuleHit

Show = Callable[[Assessment, Sequence[RuleHit]], dict[str, Any] | None]
SHOWN: dict[str, Show] = {
    "aml": aml.show,
    "credit": credit.show,
    "insurance": insurance.show,
    "market": market.show,
}


@dataclass(frozen=True)
class Evidence:
    """A template and what it shows."""

    template: str
    shown: dict[str, Any]


def evidence_of(assessment: Assessment, hits: Sequence[RuleHit]) -> Evidence | None:
    """The engine's own evidence for a decision; None where values say all."""
    show = SHOWN.get(assessment.engine)
    shown = show(assessment, hits) if show else None
    return Evidence(f"dashboard/evidence/{assessment.engine}.html", shown) if shown else None
