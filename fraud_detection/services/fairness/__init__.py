"""The four-fifths report: approval rates of groups, compared. Read by auditors; nothing here decides."""

from fraud_detection.services.fairness.groups import load_groups
from fraud_detection.services.fairness.report import GroupRate, four_fifths

__all__ = ["GroupRate", "four_fifths", "load_groups"]
