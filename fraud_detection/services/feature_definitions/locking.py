"""What every change of a definition holds, checks and leaves behind."""

from typing import Any

from django.db.models import F
from django.utils import timezone

from fraud_detection.models import DeclaredField, EngineState, FeatureDefinition
from fraud_detection.services.feature_definitions.errors import DefinitionConflict
from fraud_detection.services.serving import EngineNotInstalled
from logs.services import record
from users.models import User


def hold(engine: str) -> None:
    """Changes of one engine's features come one after the other; raises EngineNotInstalled."""
    if not EngineState.objects.select_for_update().filter(engine=engine).exists():
        raise EngineNotInstalled(engine)


def tell_processes(*engines: str) -> None:
    """Every process takes the change up within seconds."""
    EngineState.objects.filter(engine__in=engines).update(revision=F("revision") + 1)


def current(row: FeatureDefinition, seen: int) -> FeatureDefinition:
    """The row as it stands; raises DefinitionConflict when it is not what the caller saw."""
    fresh = FeatureDefinition.objects.get(pk=row.pk)
    if fresh.revision != seen:
        raise DefinitionConflict(fresh)
    return fresh


def changed(row: FeatureDefinition | DeclaredField, acting_user: User) -> None:
    """Save a row with who changed it, a revision further."""
    row.changed_at, row.changed_by = timezone.now(), acting_user.email
    row.revision += 1
    row.save()


def audit(
    action: str,
    row: FeatureDefinition | DeclaredField,
    acting_user: User,
    request_id: str,
    *,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    kind = "feature" if isinstance(row, FeatureDefinition) else "event_field"
    subject = f"{row.engine} {row}" if isinstance(row, FeatureDefinition) else str(row)
    record(
        action,
        actor_kind="user",
        actor=acting_user.email,
        subject_kind=kind,
        subject=subject,
        before=before,
        after=after,
        request_id=request_id,
    )
