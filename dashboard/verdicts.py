"""The verdicts an analyst can give on an alert, with their keys and usual reasons."""

from dataclasses import dataclass

from django.http import QueryDict

from alerts.models import Disposition


@dataclass(frozen=True)
class Choice:
    """One button of the action bar; the last reason is free text."""

    disposition: str
    key: str
    label: str
    short: str
    effect: str
    reasons: tuple[str, ...]


CHOICES = (
    Choice(
        Disposition.CONFIRMED_FRAUD, "a", "Confirm fraud", "Fraud",
        "labels every event of this alert as fraud.",
        ("Customer denied the payments", "Linked to known fraud", "Takeover pattern, customer not reached"),
    ),
    Choice(
        Disposition.FALSE_POSITIVE, "r", "False positive", "False pos.", "labels every event as legitimate.",
        ("Customer confirmed the payments", "Usual behaviour of this customer", "Rule too sensitive here"),
    ),
    Choice(
        Disposition.INCONCLUSIVE, "i", "Inconclusive", "Inconcl.", "closes without a label.",
        ("Customer not reached", "Not enough evidence", "Waiting for information from another bank"),
    ),
    Choice(
        Disposition.DUPLICATE, "d", "Duplicate", "Duplicate", "closes without a label.",
        ("Same events in another alert", "Same customer already under review", "Test data"),
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    """A posted verdict: the chosen reason and the free text make one note."""

    disposition: str
    note: str
    seen_version: int

    @classmethod
    def read(cls, form: QueryDict) -> "Verdict":
        """A version that is no number matches none, so it is answered as a stale edit."""
        version = form.get("version", "")
        parts = [form.get("reason", "").strip(), form.get("note", "").strip()]
        return cls(
            disposition=form.get("disposition", ""),
            note=": ".join(part for part in parts if part),
            seen_version=int(version) if version.isdecimal() and len(version) < 10 else -1,
        )


def selected(form: QueryDict) -> list[tuple[int, int]]:
    """(alert id, version seen) of ticked rows; what is neither is passed over."""
    pairs = [value.partition(":") for value in form.getlist("selected")]
    usable = [(a, b) for a, _, b in pairs if a.isdecimal() and b.isdecimal() and len(a) < 19 and len(b) < 10]
    return [(int(alert_id), int(version)) for alert_id, version in usable]
