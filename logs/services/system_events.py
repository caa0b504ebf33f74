"""Writing down what happens to FraudGuard itself."""

from typing import Any

import structlog
from django.db import Error, transaction

from logs.models import Level, SystemEvent
from logs.redacting import redact, redact_text

log = structlog.get_logger(__name__)


def note(
    kind: str, *, component: str, text: str, level: str = Level.INFO, detail: dict[str, Any] | None = None
) -> SystemEvent:
    """Append one event; kinds are named like deeds, thing.happened."""
    return SystemEvent.objects.create(
        kind=kind[:48],
        component=component[:48],
        level=level,
        text=redact_text(text)[:500],
        detail=_kept(detail or {}),
    )


def _kept(detail: dict[str, Any]) -> dict[str, Any]:
    """A hash is no card, whatever its digits."""
    return redact(detail) | {name: detail[name] for name in ("hash",) if name in detail}


def note_if_possible(kind: str, **told: Any) -> None:
    """The same for those who must go on without a database: a start, a stop. What fails is only logged."""
    try:
        with transaction.atomic():
            note(kind, **told)
    except Error as error:
        log.warning("system_event_not_noted", kind=kind, error=str(error).strip())
