"""Why an edit of a case is refused."""

from django.utils import timezone

from alerts.models import Case


class CaseConflict(Exception):
    """The case changed since the caller looked, or stands in the way; the message says who, what and when."""


class CaseRefused(ValueError):
    """Input that cannot be accepted; `field` names what is wrong."""

    def __init__(self, field: str, message: str):
        self.field = field
        super().__init__(message)


class SecondPersonNeeded(Exception):
    """Whoever proposed a closing may not approve it."""


def what_happened(case: Case) -> str:
    """The latest edit of a case in words, as a conflict tells it."""
    when = timezone.localtime(case.changed_at).strftime("%H:%M:%S")
    return f"{case} changed since you looked: {case.changed_by} {case.change} at {when}"


def where_merged(case: Case) -> str:
    """That a case was merged, and into which."""
    when = timezone.localtime(case.changed_at).strftime("%H:%M:%S")
    return f"{case.changed_by} merged {case} into K-{case.merged_into_id} at {when}; work on that one"
