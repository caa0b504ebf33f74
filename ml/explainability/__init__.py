"""Why a model scored as it did: exact contributions, reason codes and plain sentences."""

from ml.explainability.reasons import Contribution, Reason, reason_code, reasons, top_contributions
from ml.explainability.wording import phrase

__all__ = ["Contribution", "Reason", "phrase", "reason_code", "reasons", "top_contributions"]
