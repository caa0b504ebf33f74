"""Credit: a scorecard decides, overrides refer or decline, a default model may refer.

The scorecard stands in the policy's settings, so every version of it is on record with its decisions.
"""

from fraud_detection.engines.credit.rules import RULES
from fraud_detection.engines.credit.verdict import SETTINGS, check_settings, judge, respond

__all__ = ["RULES", "SETTINGS", "check_settings", "judge", "respond"]
