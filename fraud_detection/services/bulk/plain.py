"""Deciding rows through the ordinary paths: any engine, any row."""

from collections.abc import Sequence

from fraud_detection.services.announcing import Decided
from fraud_detection.services.bulk.result import ChunkResult, RowResult
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.file_labels import label_decided
from fraud_detection.services.sources import decide_events
from fraud_detection.services.sources.registry import SOURCES
from fraud_detection.services.transaction_files import Row
from users.models import ClientSystem


def decide_plainly(engine: str, rows: Sequence[Row], client: ClientSystem, into: ChunkResult) -> None:
    """Decide rows without a problem of their own in their order, and label those that say what they were."""
    records = [row.record for row in rows]
    if engine in SOURCES:
        results = decide_events(engine, records, client=client, text=True)
    else:
        results = decide_payments(records, client=client, text=True, engine=engine)
    verdicts: dict[int, bool] = {}
    for row, result in zip(rows, results, strict=True):
        if isinstance(result, Decided):
            into.decided(_row_result(row, result))
            if row.is_fraud is not None:
                verdicts[result.assessment_id] = row.is_fraud
        else:
            into.refuse_for(row.line, result)
    if engine == "payments":
        label_decided(verdicts)


def _row_result(row: Row, decided: Decided) -> RowResult:
    body = decided.body
    return RowResult(
        line=row.line,
        event_id=body["transaction_id"],
        decision=body["decision"],
        risk_score=body["risk_score"],
        risk_level=body["risk_level"],
        assessment_id=decided.assessment_id,
        replayed=decided.replayed,
    )
