"""Why a draft or a change of stage may not be."""

from django.utils import timezone

from fraud_detection.models import RuleDraft, RuleStanding


class RuleRefused(ValueError):
    """A wording or value that cannot be taken; `faults` are (field, what is wrong and what would help)."""

    def __init__(self, *faults: tuple[str, str]):
        self.faults = faults
        super().__init__("; ".join(f"{field}: {told}" if field else told for field, told in faults))


class RuleStageRefused(ValueError):
    """A change that this stage does not allow; the message says why and what would help."""


class RuleFourEyesRefused(RuleStageRefused):
    """Whoever approves a wording took no part in writing or submitting it."""


class DraftConflict(Exception):
    """The draft changed since the caller looked; the message says who changed which fields, and when."""

    def __init__(self, draft: RuleDraft | None, seen: int):
        self.draft = draft
        super().__init__(_told(draft, seen) if draft else "the draft is gone: it was frozen or discarded")


class RuleConflict(Exception):
    """The version's stage changed since the caller looked; the message says who did what, and when."""

    def __init__(self, standing: RuleStanding):
        by = standing.changed_by or "somebody"
        super().__init__(
            f"{by} made {standing.version} {standing.get_stage_display().lower()} at"
            f" {clock(standing.changed_at)}; it is now at version {standing.revision}"
        )


def clock(moment) -> str:
    """In local time, with the day: it may be days ago."""
    return timezone.localtime(moment).strftime("%H:%M:%S on %-d %b %Y")


def _told(draft: RuleDraft, seen: int) -> str:
    since = [save for save in draft.saves if save[0] > seen]
    fields = sorted({field for save in since for field in save[3]}) or ["its wording"]
    people = list(dict.fromkeys(save[1] for save in since)) or [draft.saved_by]
    return (
        f"{' and '.join(people)} saved {', '.join(fields)} at {clock(draft.saved_at)};"
        f" the draft is now at version {draft.revision}"
    )
