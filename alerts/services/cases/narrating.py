"""The narrative of a case: who, what, when, where, why, how; every save is kept."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from alerts.models import Case, CaseNarrative, CaseStatus
from alerts.services.cases.errors import CaseConflict, CaseRefused, where_merged
from alerts.services.cases.holding import clean_text, noted
from users.models import User

FIELDS = ("who", "what", "when", "where", "why", "how")


def write_narrative(
    *, case_id: int, acting_user: User, fields: Mapping[str, str], seen_number: int, request_id: str = ""
) -> CaseNarrative:
    """Save a version of the narrative; `seen_number` is the version it is based on, 0 for the first.

    Fields that are not given stay as they were. Raises CaseConflict naming who saved one meanwhile.
    """
    if unknown := sorted(set(fields) - set(FIELDS)):
        raise CaseRefused(unknown[0][:60], f"is none of {', '.join(FIELDS)}")
    given = {name: clean_text(name, text, 10_000, required=False) for name, text in fields.items()}
    with transaction.atomic():
        case = Case.objects.select_for_update().get(pk=case_id)
        if case.merged_into_id:
            raise CaseConflict(where_merged(case))
        if case.status == CaseStatus.CLOSED:
            raise CaseConflict(f"{case.changed_by} closed {case}; reopen it first")
        latest = case.narratives.first()
        if (latest.number if latest else 0) != seen_number:
            raise CaseConflict(_meanwhile(latest))
        kept = {name: getattr(latest, name) for name in FIELDS} if latest else {}
        narrative = CaseNarrative.objects.create(
            case=case, number=seen_number + 1, written_by=acting_user.email, **(kept | given)
        )
        after = {"number": narrative.number, "fields": sorted(given)}
        noted(case, acting_user.email, "case.narrative_saved", after=after, request_id=request_id)
    return narrative


def _meanwhile(latest: CaseNarrative | None) -> str:
    if latest is None:
        return "the narrative has no version yet; send 0"
    when = timezone.localtime(latest.written_at).strftime("%H:%M:%S")
    return f"{latest.written_by} saved version {latest.number} of the narrative at {when}"
