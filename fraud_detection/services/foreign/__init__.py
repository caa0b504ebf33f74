"""Models that were trained elsewhere."""

from fraud_detection.services.foreign.features import RegistrationRefused
from fraud_detection.services.foreign.registering import Request, register_foreign

__all__ = ["RegistrationRefused", "Request", "register_foreign"]
