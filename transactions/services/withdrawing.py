"""Taking back what somebody said about events by mistake: rows are added, nothing is erased."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import NamedTuple

from django.db import transaction

from transactions.models import Label, Transaction, Verdict
from transactions.services.labelling import record_labels


class Saying(NamedTuple):
    """What a label says."""

    verdict: str
    source: str
    reason: str


@transaction.atomic
def withdraw_labels(
    transaction_ids: Collection[int], *, taken_back: Collection[datetime],
    standing: Mapping[int, Collection[datetime]], source: str, withdrawn_by: str, reason: str,
    known_at: datetime,
) -> int:  # fmt: skip
    """Take back the labels that became known at these moments; returns how many events changed.

    `standing`: by event, moments of which somebody else still says the same. An event goes back to the newest
    label that was not taken back, or to nothing known (verdict `withdrawn`, from `source`). Where somebody
    has said something newer, that stands.
    """
    changed = 0
    for earlier, events in _by_earlier(transaction_ids, set(taken_back), standing).items():
        saying = earlier or Saying(Verdict.WITHDRAWN, source, reason)
        changed += record_labels(
            events,
            verdict=saying.verdict,
            source=saying.source,
            reason=saying.reason,
            recorded_by=withdrawn_by,
            known_at=known_at,
        )
    return changed


def _by_earlier(
    transaction_ids: Collection[int], taken_back: set[datetime], standing: Mapping[int, Collection[datetime]]
) -> dict[Saying | None, list[int]]:
    """Events whose newest label is taken back, by the newest one that is not."""
    found: dict[Saying | None, list[int]] = {}
    for event, labels in _said(transaction_ids).items():
        gone = taken_back.difference(standing.get(event, ()))
        counts = next((label for label in labels if label.known_at not in gone), None)
        if counts is labels[0] or (counts is None and labels[0].verdict == Verdict.WITHDRAWN):
            continue
        before = Saying(counts.verdict, counts.source, counts.reason) if counts else None
        found.setdefault(before, []).append(event)
    return found


def _said(transaction_ids: Collection[int]) -> dict[int, list[Label]]:
    """Labels by event, newest first.

    A correction may have made a newer version since: labels of all versions of an event count.
    """
    events = Transaction.objects.filter(pk__in=transaction_ids)
    named = {(event.client_id, event.transaction_id): event.pk for event in events}
    texts = {name for _, name in named}
    labels = Label.objects.filter(transaction__transaction_id__in=texts).select_related("transaction")
    said: dict[int, list[Label]] = {}
    for label in labels.order_by("-id"):
        event = named.get((label.transaction.client_id, label.transaction.transaction_id))
        if event is not None:
            said.setdefault(event, []).append(label)
    return said
