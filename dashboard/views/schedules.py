"""Scoring by the calendar: schedules, their runs, what a run scored again."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page
from dashboard.selectors.batches import schedules_shown
from fraud_detection.models import Rescoring, ScheduleKind, ScheduleRun, ScoringSchedule
from fraud_detection.services import schedules
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    return _list(request)


@require_POST
@requires(Ability.MANAGE)
def new(request: HttpRequest) -> HttpResponse:
    try:
        schedules.make_schedule(
            acting_user=request.user, request_id=request.request_id, **_given(request.POST)
        )
    except schedules.ScheduleRefused as refused:
        return _list(request, status=422, refused=refused)
    messages.success(request, "The schedule is made.")
    return redirect("dashboard:schedules")


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    return _detail(request, get_object_or_404(ScoringSchedule, pk=pk))


@require_POST
@requires(Ability.MANAGE)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ScoringSchedule, pk=pk)
    seen = request.POST.get("version", "")
    try:
        schedules.change_schedule(
            schedule_id=pk,
            seen_version=int(seen) if seen.isdecimal() and len(seen) < 10 else -1,
            acting_user=request.user,
            request_id=request.request_id,
            **_given(request.POST),
        )
    except schedules.ScheduleRefused as refused:
        return _detail(request, found, status=422, refused=f"{refused.field.capitalize()} {refused}")
    except schedules.ScheduleConflict as conflict:
        return _detail(request, found, status=409, refused=str(conflict))
    messages.success(request, "Saved.")
    return redirect("dashboard:schedule", pk)


@require_POST
@requires(Ability.MANAGE)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ScoringSchedule, pk=pk)
    try:
        schedules.delete_schedule(schedule_id=pk, acting_user=request.user, request_id=request.request_id)
    except schedules.ScheduleConflict as conflict:
        return _detail(request, found, status=409, refused=str(conflict))
    messages.success(request, f"“{found}” is deleted.")
    return redirect("dashboard:schedules")


@require_POST
@requires(Ability.RUN_JOBS)
def run(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(ScoringSchedule, pk=pk)
    try:
        schedules.run_now(schedule_id=pk, acting_user=request.user, request_id=request.request_id)
    except schedules.ScheduleConflict as conflict:
        messages.error(request, f"{conflict}.")
    else:
        messages.success(request, "The run is queued.")
    return redirect("dashboard:schedule", pk)


@require_safe
@requires(Ability.READ)
def one_run(request: HttpRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(ScheduleRun.objects.select_related("schedule"), pk=pk)
    listed = Rescoring.objects.filter(run=found).select_related("assessment")
    only = request.GET.get("only", "")
    if only == "hits":
        listed = listed.exclude(new_hits=[])
    rows = page(listed, ("id",), request.GET.get("after", ""))
    return render(request, "dashboard/batches/run.html", {"run": found, "page": rows, "only": only})


def _given(posted: QueryDict) -> dict[str, Any]:
    days = posted.get("days", "30")
    return {
        "name": posted.get("name", ""),
        "kind": posted.get("kind", ""),
        "cron": posted.get("cron", ""),
        "days": int(days) if days.isdecimal() and len(days) < 6 else 0,
        "enabled": "enabled" in posted,
    }


def _list(
    request: HttpRequest, *, status: int = 200, refused: schedules.ScheduleRefused | None = None
) -> HttpResponse:
    context = {
        "listed": schedules_shown(),
        "kinds": ScheduleKind.choices,
        "refused": refused,
        "given": request.POST if refused else {"cron": "0 2 * * *", "days": "30", "enabled": "on"},
        "adding": refused is not None or "new" in request.GET,
    }
    return render(request, "dashboard/batches/schedules.html", context, status=status)


def _detail(
    request: HttpRequest, found: ScoringSchedule, *, status: int = 200, refused: str = ""
) -> HttpResponse:
    rows = page(found.runs.all(), ("id",), request.GET.get("after", ""))
    context = {"schedule": found, "page": rows, "kinds": ScheduleKind.choices, "refused": refused}
    return render(request, "dashboard/batches/schedule.html", context, status=status)
