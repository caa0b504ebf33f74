"""Why a definition or a declared field cannot change as asked."""

from django.utils import timezone

from fraud_detection.models import DeclaredField, FeatureDefinition


class DefinitionStageRefused(ValueError):
    """A change that the stage does not allow; the message says which does."""


class DefinitionFourEyesRefused(ValueError):
    """Whoever approves a feature must not have written or submitted it."""


class DefinitionInUse(ValueError):
    """What still reads a feature or field; the message names it."""

    def __init__(self, what: str, readers: list[str], remedy: str):
        shown = ", ".join(readers[:10]) + (f" and {len(readers) - 10} more" if len(readers) > 10 else "")
        super().__init__(f"{what} is read by {shown}; {remedy}")


class DefinitionConflict(Exception):
    """It changed since the caller looked; the message says who did it, and when."""

    def __init__(self, row: FeatureDefinition | DeclaredField):
        when = timezone.localtime(row.changed_at).strftime("%H:%M:%S")
        by = row.changed_by or "somebody"
        super().__init__(f"{by} changed {row} at {when}; it is now at version {row.revision}")
