"""Reading queues: whose work they are, and how much waits in each."""

from datetime import datetime

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet, Sum

from alerts.models import Alert, AlertStatus, Queue, QueueMember
from users.models import User
from users.roles import Ability


def queue_list() -> QuerySet[Queue]:
    """Every queue in the order in which they take alerts; the default one last."""
    return Queue.objects.select_related("escalation_to").order_by("is_default", "position", "id")


def own_queues(user: User) -> list[int]:
    return list(QueueMember.objects.filter(user=user, queue__active=True).values_list("queue_id", flat=True))


def workable(user: User) -> Q:
    """Alerts of the queues that a person works: their own, or, for who is in none, those without members."""
    own = own_queues(user)
    if own:
        return Q(queue__in=own)
    manned = Exists(QueueMember.objects.filter(queue=OuterRef("queue")))
    return Q(queue__isnull=True) | ~manned


def awake(now: datetime) -> Q:
    """Not snoozed at the moment: the clock decides, nothing has to run for it."""
    return Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)


def backlog(now: datetime) -> dict[int | None, dict[str, int]]:
    """{queue id: {open, snoozed, overdue, unassigned, amount}} of open alerts; None: not placed yet."""
    is_awake = awake(now)
    rows = (
        Alert.objects.filter(status=AlertStatus.OPEN)
        .order_by()
        .values("queue")
        .annotate(
            open=Count("id"),
            snoozed=Count("id", filter=~is_awake),
            overdue=Count("id", filter=Q(due_at__lt=now)),
            unassigned=Count("id", filter=Q(assignee__isnull=True)),
            amount=Sum("amount_minor"),
        )
    )
    return {row.pop("queue"): row for row in rows}


def may_move(user: User, *queues: Queue | None) -> bool:
    """Whether somebody supervises one of the queues, or is an admin."""
    if user.can(Ability.MANAGE):
        return True
    ids = [queue.pk for queue in queues if queue is not None]
    supervised = QueueMember.objects.filter(user=user, supervisor=True, queue__in=ids)
    return user.can(Ability.WORK_ALERTS) and supervised.exists()


def supervises(user: User) -> bool:
    """Whether the person moves work at all."""
    return user.can(Ability.MANAGE) or QueueMember.objects.filter(user=user, supervisor=True).exists()


def people_and_loads(now: datetime) -> QuerySet[User]:
    """Everybody who works alerts or is set up to, with `load`, `cap`, `automatic` and `absent`."""
    holding = Count("alerts", filter=Q(alerts__status=AlertStatus.OPEN))
    away = Q(absences__starts_at__lte=now, absences__ends_at__gt=now)
    return (
        User.objects.filter(is_active=True, role__in=("admin", "analyst"))
        .annotate(
            load=holding,
            cap=F("workload__cap"),
            automatic=F("workload__automatic"),
            absent=Exists(User.objects.filter(away, pk=OuterRef("pk"))),
        )
        .order_by("email")
    )
