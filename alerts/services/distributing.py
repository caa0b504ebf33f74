"""Giving waiting alerts to people automatically: by load, within caps, to nobody who is away."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import connection, transaction
from django.db.models import F

from alerts.models import Alert, AlertStatus, QueueMember, Workload
from alerts.selectors.queues import awake, people_and_loads
from alerts.services.holding import audit_job
from users.models import User

JOB = "automatic assignment"
LOCK = 7_302_001  # one distribution at a time, or two would count the same loads
BATCH = 500
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass
class _Person:
    id: int
    load: int
    cap: int
    last: datetime

    @property
    def has_room(self) -> bool:
        return self.load < self.cap


@transaction.atomic
def distribute_alerts(now: datetime) -> int:
    """Give free alerts, most urgent first, each to who holds least of those who may have it.

    Of equal loads whoever was given nothing longest is next. Returns how many were given.
    """
    with connection.cursor() as cursor:
        cursor.execute("select pg_try_advisory_xact_lock(%s)", (LOCK,))
        if not cursor.fetchone()[0]:
            return 0
    people = _available(now)
    if not people:
        return 0
    queues = _Queues(people)
    given: dict[int, list[Alert]] = {}
    for alert in _waiting(queues, now):
        person = queues.next_for(alert.queue_id)
        if person is not None:
            person.load, person.last = person.load + 1, now
            given.setdefault(person.id, []).append(alert)
    for user_id, alerts in given.items():
        _give(user_id, alerts, now)
    return sum(len(alerts) for alerts in given.values())


def _available(now: datetime) -> list[_Person]:
    people = people_and_loads(now).filter(workload__automatic=True, absent=False)
    rows = people.values_list("pk", "load", "cap", "workload__last_given_at")
    return [person for person in (_Person(*row[:3], row[3] or LONG_AGO) for row in rows) if person.has_room]


class _Queues:
    """Who may be given the alerts of which queue: its members; everybody where it has none."""

    def __init__(self, people: list[_Person]):
        self.people = people
        self.members: dict[int, set[int]] = {}
        for queue_id, user_id in QueueMember.objects.values_list("queue_id", "user_id"):
            self.members.setdefault(queue_id, set()).add(user_id)
        present = {person.id for person in people}
        self.unmanned = [queue_id for queue_id, ids in self.members.items() if not ids & present]

    def next_for(self, queue_id: int) -> _Person | None:
        members = self.members.get(queue_id)
        able = [p for p in self.people if p.has_room and (members is None or p.id in members)]
        return min(able, key=lambda person: (person.load, person.last, person.id), default=None)


def _waiting(queues: _Queues, now: datetime) -> list[Alert]:
    """Free alerts for which somebody is there; placed ones only, since the queue says who may."""
    room = sum(person.cap - person.load for person in queues.people)
    free = Alert.objects.filter(
        awake(now), status=AlertStatus.OPEN, assignee__isnull=True, queue__isnull=False
    ).exclude(queue__in=queues.unmanned)
    ordered = free.order_by("-priority_key", "-id").select_for_update(skip_locked=True, of=("self",))
    return list(ordered[: min(room, BATCH)])


def _give(user_id: int, alerts: list[Alert], now: datetime) -> None:
    ids = [alert.pk for alert in alerts]
    Alert.objects.filter(pk__in=ids).update(assignee=User(pk=user_id), version=F("version") + 1)
    deeds = ((alert.pk, {"assignee": user_id, "version": alert.version + 1}) for alert in alerts)
    audit_job("alert.assigned", JOB, deeds)
    Workload.objects.filter(user=user_id).update(last_given_at=now)
