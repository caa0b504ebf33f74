"""Where a message waits until it is due: with what else goes the same way, so that a storm is one message."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max

from alerts.models import (
    DeliveryState,
    Digest,
    NotificationChannel,
    NotificationDelivery,
    NotificationPreference,
    Topic,
)
from alerts.services.delivering.waiting import SKEW
from alerts.services.notifying.tallying import Tally, gravest, merged, total
from alerts.services.notifying.timing import due_for

JOINING = timedelta(seconds=5)  # what comes right behind the first goes with it
AT_ONCE = (Topic.CASE_MENTION, Topic.REPORT_DUE, Topic.NOTICE_FRAUD, Topic.NOTICE_SYSTEM)
DIGEST = "digest"


def join(
    destinations: Mapping[str, Mapping[str, Tally]],
    preferences: Mapping[int, NotificationPreference],
    now: datetime,
) -> None:
    """Add each destination's tallies to what gathers for it, or begin to gather."""
    wanted = _lanes(destinations, preferences)
    if not wanted:
        return
    names = {destination for destination, _ in wanted}
    rows = NotificationDelivery.objects.filter(destination__in=names)
    gathering = {
        (row.destination, row.lane): row
        for row in rows.select_for_update().filter(state=DeliveryState.GATHERING)
    }
    lately = rows.exclude(state=DeliveryState.GATHERING).filter(
        created_at__range=(now - _window(), now + SKEW)
    )
    begun = {
        (destination, lane): at
        for destination, lane, at in lately.order_by()
        .values_list("destination", "lane")
        .annotate(at=Max("created_at"))
    }
    for key, (by_topic, preference) in wanted.items():
        critical = gravest(by_topic.values()) == "critical"
        due = due_for(preference, _ready(key[1], begun.get(key), now), critical=critical)
        _put(key, gathering.get(key), by_topic, due, now)


def _lanes(
    destinations: Mapping[str, Mapping[str, Tally]], preferences: Mapping[int, NotificationPreference]
) -> dict[tuple[str, str], tuple[dict[str, Tally], NotificationPreference | None]]:
    """(destination, lane) with its tallies and its person's wishes; digests have one lane for all topics."""
    found: dict[tuple[str, str], tuple[dict[str, Tally], NotificationPreference | None]] = {}
    owners = _owners(destinations)
    for destination, by_topic in destinations.items():
        preference = preferences.get(owners.get(destination, 0))
        if preference and preference.digest != Digest.IMMEDIATELY:
            found[destination, DIGEST] = (dict(by_topic), preference)
        else:
            for topic, tally in by_topic.items():
                found[destination, topic] = ({topic: tally}, preference)
    return found


def _owners(destinations: Mapping[str, object]) -> dict[str, int]:
    """The person behind a destination; shared ones have none."""
    owners = {name: int(name[6:]) for name in destinations if name.startswith("email:")}
    ids = [int(name[8:]) for name in destinations if name.startswith("channel:")]
    owned = NotificationChannel.objects.filter(pk__in=ids, owner__isnull=False)
    return owners | {f"channel:{pk}": owner for pk, owner in owned.values_list("pk", "owner_id")}


def _window() -> timedelta:
    return timedelta(seconds=settings.NOTIFY_WINDOW_SECONDS)


def _ready(lane: str, begun: datetime | None, now: datetime) -> datetime:
    """One message a window: at once, or when the window of the last one ends."""
    soon = now if lane in AT_ONCE else now + JOINING
    if begun is None or lane in AT_ONCE:
        return soon
    return max(soon, begun + _window())


def _put(
    key: tuple[str, str],
    row: NotificationDelivery | None,
    by_topic: Mapping[str, Tally],
    due: datetime,
    now: datetime,
) -> None:
    if row is None:
        row = NotificationDelivery(
            destination=key[0],
            lane=key[1],
            state=DeliveryState.GATHERING,
            created_at=now,
            scheduled_at=now,
            next_attempt_at=due,
        )
    row.tally = merged(row.tally, by_topic)
    row.count, row.severity = total(row.tally), gravest(row.tally.values())
    row.next_attempt_at = min(row.next_attempt_at, due)
    row.save()
