"""Keeping queues and their members, and moving alerts between them."""

from typing import Any

from django.db import IntegrityError, transaction

from alerts.models import Alert, Queue, QueueMember, Severity
from alerts.selectors.queue_filters import faults_of
from alerts.selectors.queues import may_move
from alerts.services.conflicts import UNSTORABLE, NotSupervisor, reason_of
from alerts.services.holding import audit, hold_open, save
from logs.services import record
from users.models import User
from users.roles import Ability

FIELDS = ("name", "description", "filter", "position", "active", "escalation_to", "due_minutes")
LONGEST_DUE = 525_600  # minutes: a year


class QueueRefused(ValueError):
    """A queue that cannot be stored; `faults` is [(field, what is wrong)]."""

    def __init__(self, faults: list[tuple[str, str]]):
        self.faults = faults
        super().__init__("; ".join(f"{field}: {fault}" for field, fault in faults))


class QueueConflict(Exception):
    """Somebody else changed the queue meanwhile."""


@transaction.atomic
def make_queue(*, acting_user: User, request_id: str = "", **values: Any) -> Queue:
    """A new queue; raises QueueRefused naming every field that is wrong."""
    queue = Queue(**values)
    _check(queue)
    _save(queue)
    _audit("queue.made", queue, acting_user, request_id, None, _shown(queue))
    return queue


@transaction.atomic
def change_queue(
    *, queue_id: int, acting_user: User, seen_version: int, request_id: str = "", **values: Any
) -> Queue:
    """Change some fields; alerts that were placed before stay where they are.

    Raises QueueConflict for a stale view, QueueRefused naming every field that is wrong.
    """
    queue = Queue.objects.select_for_update().get(pk=queue_id)
    if queue.version != seen_version:
        raise QueueConflict(
            f"The queue {queue.name} was changed meanwhile; it is at version {queue.version}."
        )
    before = _shown(queue)
    for name, value in values.items():
        setattr(queue, name, value)
    queue.version += 1
    _check(queue)
    _save(queue)
    after = _shown(queue)
    changed = [name for name in after if after[name] != before[name]]
    _audit(
        "queue.changed", queue, acting_user, request_id,
        {name: before[name] for name in changed}, {name: after[name] for name in changed},
    )  # fmt: skip
    return queue


def _check(queue: Queue) -> None:
    faults = []
    for name, longest in (("name", 64), ("description", 300)):
        text = getattr(queue, name)
        if len(text) > longest or UNSTORABLE.search(text):
            faults.append((name, f"at most {longest} characters, without NUL and lone surrogates"))
    if not queue.name.strip():
        faults.append(("name", "is required"))
    faults += [
        (f"filter/{member}" if member else "filter", fault) for member, fault in faults_of(queue.filter)
    ]
    if queue.is_default and (queue.filter or not queue.active):
        faults.append(("filter", "the default queue takes what no other takes: no filter, always active"))
    if not 0 <= queue.position < 2**31:
        faults.append(("position", "must be a whole number from 0"))
    faults += _due_faults(queue.due_minutes) + _escalation_faults(queue)
    if faults:
        raise QueueRefused(faults)


def _due_faults(minutes: Any) -> list[tuple[str, str]]:
    if not isinstance(minutes, dict) or set(minutes) - set(Severity.values):
        return [("due_minutes", f"must be minutes by severity: {', '.join(Severity.values)}")]
    wrong = [
        severity
        for severity, value in minutes.items()
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= LONGEST_DUE
    ]
    return [(f"due_minutes/{severity}", f"must be 1 to {LONGEST_DUE:,} minutes") for severity in wrong]


def _escalation_faults(queue: Queue) -> list[tuple[str, str]]:
    chain = Queue.objects.in_bulk()  # as stored, whatever the caller holds in memory
    target, passed = chain.get(queue.escalation_to_id), {queue.pk}
    if target is not None and not target.active:
        return [("escalation_to", f"{target} is not active")]
    while target is not None:
        if target.pk in passed:
            return [("escalation_to", "would lead back to this queue")]
        passed.add(target.pk)
        target = chain.get(target.escalation_to_id)
    return []


def _save(queue: Queue) -> None:
    try:
        with transaction.atomic():
            queue.save()
    except IntegrityError as taken:
        raise QueueRefused([("name", "another queue has this name")]) from taken


def _shown(queue: Queue) -> dict[str, Any]:
    shown = {name: getattr(queue, name) for name in FIELDS if name != "escalation_to"}
    return shown | {"escalation_to": queue.escalation_to_id}


@transaction.atomic
def put_member(
    *, queue: Queue, user: User, supervisor: bool, acting_user: User, request_id: str = ""
) -> QueueMember:
    """Add somebody who works the queue, or change whether they supervise it."""
    if not user.can(Ability.WORK_ALERTS):
        raise QueueRefused([("user", f"{user} may not work alerts")])
    member, _ = QueueMember.objects.update_or_create(
        queue=queue, user=user, defaults={"supervisor": supervisor}
    )
    after = {"user": user.email, "supervisor": supervisor}
    _audit("queue.member_put", queue, acting_user, request_id, None, after)
    return member


@transaction.atomic
def remove_member(*, queue: Queue, user: User, acting_user: User, request_id: str = "") -> bool:
    """False when the person was no member. Their alerts stay theirs."""
    gone = QueueMember.objects.filter(queue=queue, user=user).delete()[0] > 0
    if gone:
        _audit("queue.member_removed", queue, acting_user, request_id, {"user": user.email}, None)
    return gone


@transaction.atomic
def move_alert(
    *, alert_id: int, acting_user: User, queue: Queue, reason: str, seen_version: int, request_id: str = ""
) -> Alert:
    """Move an open alert to another queue; its assignee keeps it only as a member there.

    Raises AlertConflict, NotSupervisor, QueueRefused, DispositionRefused without a reason.
    """
    reason = reason_of(reason)
    alert = hold_open(alert_id, seen_version, acting_user)
    if not may_move(acting_user, alert.queue, queue):
        raise NotSupervisor("Only supervisors of one of the two queues, and admins, move alerts.")
    if not queue.active:
        raise QueueRefused([("queue", f"{queue} is not active")])
    before = {"queue": alert.queue_id, "assignee": alert.assignee_id}
    alert.queue = queue
    if not stays_with(queue, alert.assignee_id):
        alert.assignee = None
    save(alert, "queue", "assignee")
    after = {"queue": queue.pk, "assignee": alert.assignee_id, "reason": reason}
    audit("alert.moved", alert, acting_user, request_id, before, after)
    return alert


def stays_with(queue: Queue, assignee_id: int | None) -> bool:
    """Whether an assignee keeps an alert that comes to this queue: as a member, or where there are none."""
    members = set(queue.memberships.values_list("user_id", flat=True))
    return not members or assignee_id in members


def _audit(
    action: str, queue: Queue, user: User, request_id: str, before: dict | None, after: dict | None
) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="queue",
        subject=str(queue.pk),
        before=before,
        after=after,
        request_id=request_id,
    )
