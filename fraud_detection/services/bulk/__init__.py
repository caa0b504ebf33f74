"""Many rows of a file at once, with the decisions they would get one by one."""

from fraud_detection.services.bulk.deciding import ROWS, decide_rows
from fraud_detection.services.bulk.result import ChunkResult, Refusal, RowResult

__all__ = ["ROWS", "ChunkResult", "Refusal", "RowResult", "decide_rows"]
