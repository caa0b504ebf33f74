"""Deeds done to models, and what happened to FraudGuard."""

from django.db.models import QuerySet

from logs.models import AuditEvent, SystemEvent

# What is done to a version of a model, from its training to its end.
MODEL_ACTIONS = (
    "model.registered",
    "model.refused",
    "model.file_named",
    "model.promoted",
    "model.shadowed",
    "model.retired",
    "model.rolled_back",
    "model.retrained",
    "model.retraining_refused",
)


def model_deeds() -> QuerySet[AuditEvent]:
    """Trainings, refusals and changes of stage of model versions."""
    return AuditEvent.objects.filter(action__in=MODEL_ACTIONS)


def system_kinds() -> list[str]:
    """Kinds of system events that were ever noted, in alphabetical order."""
    return sorted(SystemEvent.objects.order_by("kind").values_list("kind", flat=True).distinct())
