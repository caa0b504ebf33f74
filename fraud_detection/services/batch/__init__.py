"""Many events in one transaction, vectorised, with the decisions they would get one by one."""

from fraud_detection.services.batch.deciding import decide_batch

__all__ = ["decide_batch"]
