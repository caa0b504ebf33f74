"""Every edit of a case from its page: one service each; what is refused is said on the page."""

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime
from django.views.decorators.http import require_POST

from alerts.models import Case, CaseReport, CaseStatus, CaseTask
from alerts.services.cases.closing import approve_closing, close_case, reopen_case, send_back_closing
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.errors import CaseConflict, CaseRefused, SecondPersonNeeded
from alerts.services.cases.merging import merge_cases, split_case
from alerts.services.cases.narrating import FIELDS, write_narrative
from alerts.services.cases.opening import add_alerts
from alerts.services.cases.reporting import dismiss_report, edit_report, file_report, start_report
from alerts.services.cases.tasking import add_task, set_task_done
from alerts.services.cases.working import assign_case, edit_case, move_case
from dashboard.access import requires
from dashboard.views.cases import show
from users.models import User
from users.roles import Ability

Options = dict[str, Any]


@require_POST
@requires(Ability.WORK_ALERTS)
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    return _carried_out(request, pk, ACTIONS[what])


@require_POST
@requires(Ability.FILE_REPORTS)
def report(request: HttpRequest, pk: int) -> HttpResponse:
    return _carried_out(request, pk, _report)


def _carried_out(
    request: HttpRequest, pk: int, action: Callable[[QueryDict, Options], tuple[int, str]]
) -> HttpResponse:
    """`action` gets the form and what every service wants; it answers the case to show, and what was done."""
    if not Case.objects.filter(pk=pk).exists():
        raise Http404
    common = {"case_id": pk, "acting_user": request.user, "request_id": request.request_id}
    try:
        shown, done = action(request.POST, common)
    except CaseConflict as conflict:
        return show(request, pk, 409, conflict=str(conflict), typed=request.POST)
    except SecondPersonNeeded as refused:
        return show(request, pk, 409, refused=str(refused), typed=request.POST)
    except CaseRefused as refused:
        return show(request, pk, 422, refused=f"{refused.field}: {refused}", typed=request.POST)
    except (CaseTask.DoesNotExist, CaseReport.DoesNotExist) as missing:
        raise Http404 from missing
    messages.success(request, done)
    return redirect("dashboard:case", shown)


def _seen(form: QueryDict, name: str = "version") -> int:
    """A version that is no number matches none, so it is answered as a stale edit."""
    text = form.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else -1


def _seen_alerts(form: QueryDict) -> dict[int, int] | None:
    """Version by id of the open alerts that the page showed; None where it could not show all."""
    if not form.get("seen_alerts"):
        return None
    pairs = [pair.partition(":") for pair in form["seen_alerts"].split(",")]
    return {int(a): int(b) for a, _, b in pairs if a.isdecimal() and b.isdecimal() and len(a + b) < 19}


def _number(form: QueryDict, name: str) -> int:
    text = form.get(name, "").upper().removeprefix("K-")
    if not (text.isdecimal() and len(text) < 19):
        raise CaseRefused(name, "choose one")
    return int(text)


def _numbers(form: QueryDict, name: str) -> list[int]:
    return [int(text) for text in form.getlist(name) if text.isdecimal() and len(text) < 19]


def _worker(form: QueryDict, user: User) -> User | None:
    given = form.get("assignee", "")
    if given in ("", "nobody"):
        return None
    if given == "me":
        return user
    found = User.objects.filter(email__iexact=given[:254].replace("\x00", ""), is_active=True).first()
    if found is None:
        raise CaseRefused("assignee", "is nobody who works cases")
    return found


def _day(form: QueryDict, name: str) -> date:
    try:
        found = parse_date(form.get(name, ""))
    except ValueError:
        found = None
    if found is None:
        raise CaseRefused(name, "must be a day")
    return found


def _moment(form: QueryDict, name: str) -> datetime | None:
    text = form.get(name, "")
    try:
        found = parse_datetime(text) if text else None
    except ValueError:
        found = None
    if text and found is None:
        raise CaseRefused(name, "must be a day and a time")
    return timezone.make_aware(found) if found and timezone.is_naive(found) else found


def _assign(form: QueryDict, common: Options) -> tuple[int, str]:
    worker = _worker(form, common["acting_user"])
    case = assign_case(assignee=worker, seen_version=_seen(form), **common)
    return case.pk, f"{case} is assigned to {worker}." if worker else f"{case} is nobody's now."


def _move(form: QueryDict, common: Options) -> tuple[int, str]:
    case = move_case(
        status=form.get("status", ""), reason=form.get("reason", ""), seen_version=_seen(form), **common
    )
    return case.pk, f"{case}: {CaseStatus(case.status).label.lower()}."


def _edit(form: QueryDict, common: Options) -> tuple[int, str]:
    case = edit_case(
        title=form.get("title"), due_at=_moment(form, "due_at"), seen_version=_seen(form), **common
    )
    return case.pk, f"{case} is changed."


def _add(form: QueryDict, common: Options) -> tuple[int, str]:
    ids = _numbers(form, "alert")
    case = add_alerts(alert_ids=ids, seen_version=_seen(form), **common)
    return case.pk, f"{len(ids)} added to {case}."


def _merge(form: QueryDict, common: Options) -> tuple[int, str]:
    into = Case.objects.filter(pk=_number(form, "into")).first()
    if into is None:
        raise CaseRefused("into", "there is no such case")
    target = merge_cases(into_id=into.pk, into_seen_version=into.version, seen_version=_seen(form), **common)
    return target.pk, f"K-{common['case_id']} is part of {target} now."


def _split(form: QueryDict, common: Options) -> tuple[int, str]:
    fresh = split_case(
        alert_ids=_numbers(form, "alert"), title=form.get("title", ""), seen_version=_seen(form), **common
    )
    return fresh.pk, f"{fresh} has the chosen alerts."


def _close(form: QueryDict, common: Options) -> tuple[int, str]:
    case = close_case(
        verdict=form.get("verdict", ""),
        note=form.get("note", ""),
        seen_version=_seen(form),
        seen_alerts=_seen_alerts(form),
        **common,
    )
    waits = "waits for a second person" if case.awaits_second else "is closed, with its alerts"
    return case.pk, f"{case} {waits}."


def _approve(form: QueryDict, common: Options) -> tuple[int, str]:
    case = approve_closing(seen_version=_seen(form), seen_alerts=_seen_alerts(form), **common)
    return case.pk, f"{case} is closed, with its alerts."


def _send_back(form: QueryDict, common: Options) -> tuple[int, str]:
    case = send_back_closing(reason=form.get("reason", ""), seen_version=_seen(form), **common)
    return case.pk, f"{case} is investigated further."


def _reopen(form: QueryDict, common: Options) -> tuple[int, str]:
    case = reopen_case(reason=form.get("reason", ""), seen_version=_seen(form), **common)
    return case.pk, f"{case} is open again."


def _comment(form: QueryDict, common: Options) -> tuple[int, str]:
    corrects = form.get("corrects", "")
    comment = comment_on_case(
        text=form.get("text", ""), corrects=_number(form, "corrects") if corrects else None, **common
    )
    moved = (
        "" if comment.case_id == common["case_id"] else f" The case was merged; it stands in {comment.case}."
    )
    return comment.case_id, f"Commented.{moved}"


def _task(form: QueryDict, common: Options) -> tuple[int, str]:
    task = add_task(
        title=form.get("title", ""),
        assignee=_worker(form, common["acting_user"]),
        due_at=_moment(form, "due_at"),
        **common,
    )
    return task.case_id, "The task is added."


def _tick(form: QueryDict, common: Options) -> tuple[int, str]:
    done = form.get("done") == "1"
    task = set_task_done(task_id=_number(form, "task"), done=done, **common)
    return task.case_id, "Done." if done else "Not done."


def _narrate(form: QueryDict, common: Options) -> tuple[int, str]:
    fields = {name: form[name] for name in FIELDS if name in form}
    saved = write_narrative(fields=fields, seen_number=_seen(form, "number"), **common)
    return saved.case_id, f"Version {saved.number} of the narrative is saved."


def _report(form: QueryDict, common: Options) -> tuple[int, str]:
    case_id = common.pop("case_id")
    if not form.get("report"):
        start_report(
            case_id=case_id,
            determined_on=_day(form, "determined_on"),
            suspect_identified=form.get("suspect_identified") == "1",
            **common,
        )
        return case_id, "The clock of the report runs."
    CaseReport.objects.get(pk=_number(form, "report"), case=case_id)
    common |= {"report_id": _number(form, "report"), "seen_version": _seen(form)}
    if form.get("do") == "file":
        file_report(reference=form.get("reference", ""), **common)
    elif form.get("do") == "dismiss":
        dismiss_report(reason=form.get("reason", ""), **common)
    else:
        edit_report(text=form.get("text", ""), **common)
    return case_id, "The report is saved."


ACTIONS: dict[str, Callable[[QueryDict, Options], tuple[int, str]]] = {
    "assign": _assign,
    "status": _move,
    "edit": _edit,
    "alerts": _add,
    "merge": _merge,
    "split": _split,
    "close": _close,
    "approve": _approve,
    "send_back": _send_back,
    "reopen": _reopen,
    "comment": _comment,
    "task": _task,
    "tick": _tick,
    "narrative": _narrate,
}
