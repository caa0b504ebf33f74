"""What people do to one alert; deciding asks for the ability to work alerts."""

from collections.abc import Callable
from functools import wraps

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST

from alerts.models import Alert, Queue
from alerts.services import (
    AlertConflict,
    AlertRefused,
    DispositionRefused,
    NotSupervisor,
    QueueRefused,
    assign_alert,
    move_alert,
    reopen_alert,
    resolve_alert,
    snooze_alert,
    undo_resolution,
    wake_alert,
)
from dashboard.access import requires
from dashboard.alert_page import alert_context
from dashboard.selectors import alerts
from dashboard.verdicts import Verdict, moment_of, seen_version
from users.models import User
from users.roles import Ability

View = Callable[[HttpRequest, int], HttpResponse]


def deed(view: View) -> View:
    """A POST by somebody who works alerts; a refusal shows the alert as it is, with the reason."""

    @require_POST
    @requires(Ability.WORK_ALERTS)
    @wraps(view)
    def done(request: HttpRequest, pk: int) -> HttpResponse:
        try:
            return view(request, pk)
        except Alert.DoesNotExist as missing:
            raise Http404 from missing
        except (AlertConflict, AlertRefused) as conflict:
            return _shown_again(request, pk, 409, conflict=str(conflict).removesuffix("."))
        except DispositionRefused as refusal:
            return _shown_again(request, pk, 422, refused=f"{refusal.field.replace('_', ' ')}: {refusal}")
        except QueueRefused as refusal:
            return _shown_again(request, pk, 422, refused=str(refusal))
        except NotSupervisor as refusal:
            return _shown_again(request, pk, 403, refused=str(refusal).removesuffix("."))

    return done


@deed
def resolve(request: HttpRequest, pk: int) -> HttpResponse:
    verdict = Verdict.read(request.POST)
    closed = resolve_alert(
        alert_id=pk,
        acting_user=request.user,
        disposition=verdict.disposition,
        note=verdict.note,
        reason_code=verdict.reason_code,
        duplicate_of=verdict.duplicate_of,
        seen_version=verdict.seen_version,
        request_id=request.request_id,
    )
    return _to_next(request, closed)


@deed
def assign(request: HttpRequest, pk: int) -> HttpResponse:
    """To oneself, to nobody, or to a colleague by id."""
    to = request.POST.get("to", "")
    assignee = request.user if to in ("", "me") else None if to == "nobody" else _colleague(to)
    assign_alert(
        alert_id=pk, acting_user=request.user, assignee=assignee,
        seen_version=seen_version(request.POST), request_id=request.request_id,
    )  # fmt: skip
    return redirect("dashboard:alert", pk)


def _colleague(text: str) -> User:
    known = text.isascii() and text.isdigit() and len(text) < 19
    found = User.objects.filter(pk=int(text), is_active=True).first() if known else None
    if found is None:
        raise DispositionRefused("assignee", "is not somebody who works alerts")
    return found


@deed
def snooze(request: HttpRequest, pk: int) -> HttpResponse:
    until = moment_of(request.POST)
    if until is None:
        raise DispositionRefused("until", "must be a date and time")
    alert = snooze_alert(
        alert_id=pk, acting_user=request.user, until=until, reason=request.POST.get("reason", ""),
        seen_version=seen_version(request.POST), request_id=request.request_id,
    )  # fmt: skip
    messages.success(
        request,
        f"{alert} is snoozed until {timezone.localtime(until):%-d %b %H:%M}, or until it becomes graver.",
    )
    return redirect("dashboard:alerts")


@deed
def wake(request: HttpRequest, pk: int) -> HttpResponse:
    wake_alert(
        alert_id=pk, acting_user=request.user, seen_version=seen_version(request.POST),
        request_id=request.request_id,
    )  # fmt: skip
    return redirect("dashboard:alert", pk)


@deed
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    alert = undo_resolution(alert_id=pk, acting_user=request.user, request_id=request.request_id)
    messages.success(request, f"{alert} is open again; its verdict and labels were taken back.")
    return redirect("dashboard:alert", pk)


@deed
def reopen(request: HttpRequest, pk: int) -> HttpResponse:
    alert = reopen_alert(
        alert_id=pk, acting_user=request.user, reason=request.POST.get("reason", ""),
        seen_version=seen_version(request.POST), request_id=request.request_id,
    )  # fmt: skip
    messages.success(request, f"{alert} is open again; its labels were withdrawn.")
    return redirect("dashboard:alert", pk)


@deed
def move(request: HttpRequest, pk: int) -> HttpResponse:
    text = request.POST.get("queue", "")
    known = text.isascii() and text.isdigit() and len(text) < 19
    queue = Queue.objects.filter(pk=int(text)).first() if known else None
    if queue is None:
        raise DispositionRefused("queue", "is not a queue")
    move_alert(
        alert_id=pk, acting_user=request.user, queue=queue, reason=request.POST.get("reason", ""),
        seen_version=seen_version(request.POST), request_id=request.request_id,
    )  # fmt: skip
    messages.success(request, f"Moved to {queue}.")
    return redirect("dashboard:alert", pk)


def _shown_again(request: HttpRequest, pk: int, status: int, **said: str) -> HttpResponse:
    found = Alert.objects.select_related("customer", "assignee", "resolved_by", "queue", "snoozed_by")
    alert = get_object_or_404(found, pk=pk)
    context = alert_context(alert, request.user, timezone.now()) | said
    context["next"] = alerts.next_best(request.user, alert)
    return render(request, "dashboard/alerts/detail.html", context, status=status)


def _to_next(request: HttpRequest, closed: Alert) -> HttpResponse:
    following = alerts.next_best(request.user, closed)
    said = f"{closed} closed as {closed.get_disposition_display().lower()}."
    told = f"{said} Now: {following}." if following else f"{said} No other alert is open to you."
    messages.success(request, told, extra_tags=f"undo-{closed.pk}")
    return redirect("dashboard:alert", following.pk) if following else redirect("dashboard:alerts")
