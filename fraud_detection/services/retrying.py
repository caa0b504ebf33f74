"""Running a decision in a transaction of its own, again when another one got in its way."""

from collections.abc import Callable
from typing import TypeVar

import structlog
from django.db import DataError, IntegrityError, OperationalError, transaction

from fraud_detection.services.announcing import Decided
from fraud_detection.services.conflicts import EventConflict
from ml.domains.fields import Problem, RecordRefused

ATTEMPTS = 3
RETRIED = ("40P01", "40001", "23505")  # deadlock, serialization failure, an id taken at the same moment
T = TypeVar("T")
log = structlog.get_logger(__name__)


def retried(work: Callable[[], T]) -> T:
    """Run in a transaction of its own, again from the start when another one got in its way."""
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                return work()
        except (OperationalError, IntegrityError) as error:
            if getattr(error.__cause__, "pgcode", None) not in RETRIED or attempt == ATTEMPTS:
                raise
            log.warning("decision_retried", attempt=attempt, error=str(error))
    raise AssertionError("unreachable: the last attempt returns or raises")


def retried_or_refused(work: Callable[[], Decided], external_id: str | None) -> Decided:
    """`retried`; a value that PostgreSQL cannot hold is RecordRefused."""
    try:
        return retried(work)
    except DataError as error:
        log.exception("event_not_storable", external_id=external_id, error=str(error))
        detail = f"holds a value that cannot be stored: {str(error).splitlines()[0]}"
        raise RecordRefused([Problem("", "not_storable", detail)]) from error


def decided_or_refused(work: Callable[[], Decided]) -> Decided | EventConflict | RecordRefused:
    """What is wrong with one of many events is its result; it stops none of the others."""
    try:
        return work()
    except (EventConflict, RecordRefused) as refused:
        return refused
