"""Loading files of payments: validated, stored, scored and labelled in chunks; a rerun adds nothing."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from pathlib import Path

from django.db.models import F

from fraud_detection.services.announcing import Decided
from fraud_detection.services.decisions import BATCH, decide_payments
from fraud_detection.services.engine_in_use import engine_in_use
from fraud_detection.services.error_file import ErrorFile
from fraud_detection.services.transaction_files import Row, check_file, read_rows
from logs.services import record
from transactions.models import Label, LabelSource, Transaction, Verdict
from users.services import client_system

LABEL_DELAY = timedelta(days=7)


@dataclass
class Loaded:
    """What became of the rows of a file."""

    rows: int = 0
    stored: int = 0
    repeated: int = 0
    failed: int = 0
    decisions: dict[str, int] = field(default_factory=dict)
    errors: Path | None = None  # where the refused rows stand

    def count(self, decided: Decided) -> None:
        """Enter one decision."""
        if decided.replayed:
            self.repeated += 1
            return
        self.stored += 1
        decision = decided.body["decision"]
        self.decisions[decision] = self.decisions.get(decision, 0) + 1

    def told(self) -> str:
        """One line for people."""
        decisions = ", ".join(f"{count:,} {name}" for name, count in sorted(self.decisions.items()))
        return (
            f"{self.rows:,} rows: {self.stored:,} stored, {self.repeated:,} already there,"
            f" {self.failed:,} refused; {decisions or 'no new decisions'}"
        )


def load_payments(
    path: Path, *, client_name: str, errors: Path, acting: str, progress: Callable[[int, int], None]
) -> Loaded:
    """Load a file; refused rows go to the CSV `errors` (line, column, reason). Raises FileRefused.

    `progress(done, total)` is told after every chunk.
    """
    declared = frozenset(field.name for field in engine_in_use("payments").fields)
    total = check_file(path, declared)
    client = client_system(client_name)
    loaded = Loaded()
    rows = read_rows(path, declared)
    with ErrorFile(errors) as refused:
        while chunk := list(islice(rows, BATCH)):
            _load_chunk(chunk, client, loaded, refused)
            progress(loaded.rows, total)
        loaded.errors = refused.path if loaded.failed else None
    record(
        "transactions.loaded",
        actor_kind="system",
        actor=acting,
        subject_kind="file",
        subject=path.name,
        after={"rows": loaded.rows, "stored": loaded.stored, "failed": loaded.failed},
    )
    return loaded


def _load_chunk(chunk: list[Row], client, loaded: Loaded, refused: ErrorFile) -> None:
    good = [row for row in chunk if row.problem is None]
    for row in chunk:
        if row.problem is not None:
            refused.write(row.line, row.column, row.problem)
            loaded.failed += 1
    results = decide_payments([row.record for row in good], client=client, text=True)
    verdicts: dict[int, bool] = {}
    for row, result in zip(good, results, strict=True):
        if isinstance(result, Decided):
            loaded.count(result)
            if row.is_fraud is not None:
                verdicts[result.assessment_id] = row.is_fraud
        else:
            loaded.failed += 1
            refused.write_refusal(row.line, result)
    loaded.rows += len(chunk)
    label_decided(verdicts)


def label_decided(verdicts: dict[int, bool], known_by: datetime | None = None) -> None:
    """Label the events of these assessments, once each, as known seven days after they happened.

    With `known_by`, only events whose label was known by then.
    """
    events = Transaction.objects.filter(assessments__in=verdicts, labels__isnull=True)
    if known_by is not None:
        events = events.filter(occurred_at__lte=known_by - LABEL_DELAY)
    Label.objects.bulk_create(
        Label(
            transaction=event,
            verdict=Verdict.FRAUD if verdicts[event.assessment_id] else Verdict.LEGITIMATE,
            source=LabelSource.IMPORT,
            known_at=event.occurred_at + LABEL_DELAY,
            fraud_delta=int(verdicts[event.assessment_id]),
            receiver_key=event.receiver_key,
            device_key=event.device_key,
            ip_key=event.ip_key,
            merchant_key=event.merchant_key,
        )
        for event in events.annotate(assessment_id=F("assessments__id"))
    )
