"""Queues: what waits in each, who works it, and how admins keep them."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from alerts.models import Absence, Queue, Workload
from alerts.selectors.queue_filters import in_words
from alerts.selectors.queues import backlog, people_and_loads, queue_list
from alerts.services import DispositionRefused, QueueConflict, QueueRefused, change_queue, make_queue
from alerts.services.queues import put_member, remove_member
from alerts.services.staffing import add_absence, set_workload
from dashboard.access import requires
from dashboard.queue_form import read_queue, shown
from dashboard.selectors.queue import colleagues
from dashboard.verdicts import seen_version
from users.models import User
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    now = timezone.now()
    waiting = backlog(now)
    rows = [
        (queue, waiting.get(queue.pk, {}), in_words(queue.filter), queue.memberships.all())
        for queue in queue_list().prefetch_related("memberships__user")
    ]
    context = {
        "rows": rows,
        "unplaced": waiting.get(None, {}).get("open", 0),
        "people": people_and_loads(now),
        "absences": Absence.objects.filter(ends_at__gt=now).select_related("user").order_by("starts_at"),
        "cap": Workload._meta.get_field("cap").default,
    }
    return render(request, "dashboard/queues/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    queue, faults = Queue(), []
    if request.method == "POST":
        values = read_queue(request.POST)
        try:
            made = make_queue(acting_user=request.user, request_id=request.request_id, **values)
        except QueueRefused as refused:
            queue, faults = Queue(**values), refused.faults
        else:
            messages.success(request, f"{made} takes new alerts from now on; those already placed stay.")
            return redirect("dashboard:queue", made.pk)
    return _form(request, queue, faults)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.MANAGE)
def edit(request: HttpRequest, pk: int) -> HttpResponse:
    queue = get_object_or_404(Queue, pk=pk)
    if request.method != "POST":
        return _form(request, queue, [])
    values = read_queue(request.POST)
    if queue.is_default:
        values |= {"filter": {}, "active": True}
    try:
        changed = change_queue(
            queue_id=pk, acting_user=request.user, seen_version=seen_version(request.POST),
            request_id=request.request_id, **values,
        )  # fmt: skip
    except QueueConflict as conflict:
        return _form(request, queue, [("", str(conflict))], 409)
    except QueueRefused as refused:
        for name, value in values.items():
            setattr(queue, name, value)
        return _form(request, queue, refused.faults)
    messages.success(request, f"{changed} was changed.")
    return redirect("dashboard:queues")


def _form(request: HttpRequest, queue: Queue, faults: list[tuple[str, str]], status: int = 0) -> HttpResponse:
    members = queue.memberships.select_related("user") if queue.pk else ()
    context = {
        "queue": queue,
        "faults": faults,
        "members": members,
        "others": queue_list().filter(active=True).exclude(pk=queue.pk),
        "colleagues": colleagues().exclude(pk__in=[member.user_id for member in members]),
        **shown({"filter": queue.filter, "due_minutes": queue.due_minutes}),
    }
    return render(request, "dashboard/queues/edit.html", context, status=status or (422 if faults else 200))


@require_POST
@requires(Ability.MANAGE)
def members(request: HttpRequest, pk: int) -> HttpResponse:
    """Put somebody in (as member or supervisor), or take them out."""
    queue, user = get_object_or_404(Queue, pk=pk), _person(request.POST.get("user", ""))
    by = {"acting_user": request.user, "request_id": request.request_id}
    if user is None:
        messages.error(request, "Choose a person.")
    elif request.POST.get("do") == "remove":
        remove_member(queue=queue, user=user, **by)
    else:
        try:
            put_member(queue=queue, user=user, supervisor=request.POST.get("do") == "supervisor", **by)
        except QueueRefused as refused:
            messages.error(request, str(refused))
    return redirect("dashboard:queue", pk)


@require_POST
@requires(Ability.MANAGE)
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """A person's share of automatic work, or when they are away."""
    user = get_object_or_404(User, pk=pk)
    by = {"user": user, "acting_user": request.user, "request_id": request.request_id}
    try:
        if request.POST.get("do") == "absence":
            starts, ends = _moment(request.POST.get("starts_at")), _moment(request.POST.get("ends_at"))
            add_absence(starts_at=starts, ends_at=ends, note=request.POST.get("note", ""), **by)
        else:
            cap = request.POST.get("cap", "")
            known = cap.isascii() and cap.isdigit() and len(cap) < 9
            set_workload(automatic=request.POST.get("automatic") == "on", cap=int(cap) if known else 0, **by)
    except DispositionRefused as refused:
        messages.error(request, f"{refused.field.replace('_', ' ').capitalize()}: {refused}.")
    else:
        messages.success(request, f"{user} was changed.")
    return redirect("dashboard:queues")


def _person(text: str) -> User | None:
    known = text.isascii() and text.isdigit() and len(text) < 19
    return User.objects.filter(pk=int(text)).first() if known else None


def _moment(text: str | None):
    try:
        at = parse_datetime(text or "")
    except ValueError:
        at = None
    if at is None:
        raise DispositionRefused("absence", "needs two dates with times")
    return timezone.make_aware(at) if timezone.is_naive(at) else at
