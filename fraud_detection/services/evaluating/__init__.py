"""How much of planted or labelled fraud an engine finds, and at what price in false alerts."""

from fraud_detection.services.evaluating.apart import apart
from fraud_detection.services.evaluating.outcome import Evaluation, evaluate, from_file, generated_week

__all__ = ["Evaluation", "apart", "evaluate", "from_file", "generated_week"]
