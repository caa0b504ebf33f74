"""The verdicts an analyst can give on an alert, with their keys and usual reasons."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from django.http import QueryDict
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from alerts.models import Disposition, ReasonCode


@dataclass(frozen=True)
class Choice:
    """One button of the action bar, with the reasons that admins keep for it."""

    disposition: str
    key: str
    label: str
    short: str
    effect: str
    reasons: tuple[ReasonCode, ...] = ()


CHOICES = (
    Choice(
        Disposition.CONFIRMED_FRAUD, "a", "Confirm fraud", "Fraud",
        "labels every event of this alert as fraud.",
    ),
    Choice(
        Disposition.FALSE_POSITIVE, "r", "False positive", "False pos.", "labels every event as legitimate.",
    ),
    Choice(Disposition.INCONCLUSIVE, "i", "Inconclusive", "Inconcl.", "closes without a label."),
    Choice(Disposition.DUPLICATE, "d", "Duplicate", "Duplicate", "closes without a label."),
)  # fmt: skip


def choices() -> list[Choice]:
    """The four verdicts; at most nine reasons each, since a digit chooses one."""
    found: dict[str, list[ReasonCode]] = {}
    for reason in ReasonCode.objects.filter(active=True):
        found.setdefault(reason.disposition, []).append(reason)
    return [replace(choice, reasons=tuple(found.get(choice.disposition, ())[:9])) for choice in CHOICES]


@dataclass(frozen=True)
class Verdict:
    """A posted verdict: the chosen reason and the free text make one note."""

    disposition: str
    note: str
    reason_code: str
    duplicate_of: int | None
    seen_version: int

    @classmethod
    def read(cls, form: QueryDict) -> "Verdict":
        """A version that is no number matches none, so it is answered as a stale edit."""
        parts = [form.get("reason", "").strip(), form.get("note", "").strip()]
        disposition = form.get("disposition", "")
        duplicate = disposition == Disposition.DUPLICATE
        return cls(
            disposition=disposition,
            note=": ".join(part for part in parts if part),
            reason_code=form.get("reason_code", ""),
            duplicate_of=alert_number(form.get("duplicate_of", "")) if duplicate else None,
            seen_version=seen_version(form),
        )


def seen_version(form: QueryDict) -> int:
    """-1, which matches none, for what is no number."""
    version = form.get("version", "")
    return int(version) if version.isdecimal() and len(version) < 10 else -1


def alert_number(text: str) -> int | None:
    """A-123 or 123; None for what is neither."""
    number = text.strip().upper().removeprefix("A-")
    return int(number) if number.isascii() and number.isdigit() and len(number) < 19 else None


def moment_of(form: QueryDict) -> datetime | None:
    """When a snooze ends: minutes from now, or a local date and time; None for what is neither."""
    minutes, text = form.get("minutes", ""), form.get("until", "")
    if text:
        try:
            at = parse_datetime(text)
        except ValueError:
            return None
        return timezone.make_aware(at) if at and timezone.is_naive(at) else at
    if minutes.isascii() and minutes.isdigit() and 0 < int(minutes[:7]) <= 200_000:
        return timezone.now() + timedelta(minutes=int(minutes[:7]))
    return None


def selected(form: QueryDict) -> list[tuple[int, int]]:
    """(alert id, version seen) of ticked rows; what is neither is passed over."""
    pairs = [value.partition(":") for value in form.getlist("selected")]
    usable = [(a, b) for a, _, b in pairs if a.isdecimal() and b.isdecimal() and len(a) < 19 and len(b) < 10]
    return [(int(alert_id), int(version)) for alert_id, version in usable]
