"""Batch jobs: the list, a new one, one with its progress, what is asked of it, its downloads."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import requires
from dashboard.keyset import page
from dashboard.selectors.batches import first_errors, shown
from dashboard.views.case_files import saved_as
from fraud_detection.models import BatchJob, JobPriority
from fraud_detection.models.governance import Engine
from fraud_detection.services import jobs
from fraud_detection.services.csv_files import FileRefused
from fraud_detection.services.jobs.receiving import received
from fraud_detection.services.jobs.starting import adopt_upload
from fraud_detection.services.serving import EngineNotInstalled
from users.models import ClientSystem
from users.roles import Ability
from users.services import client_system

CHANGES = {"cancel": jobs.cancel_job, "pause": jobs.pause_job, "resume": jobs.resume_job}
SAID = {
    "cancel": "The job stops where its chunk ends.",
    "pause": "The job rests where its chunk ends.",
    "resume": "The job goes on.",
}
REFUSALS = (jobs.JobRefused, jobs.TooManyJobs, FileRefused, EngineNotInstalled)


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    listed = page(BatchJob.objects.select_related("client"), ("id",), request.GET.get("after", ""))
    return render(request, "dashboard/batches/list.html", {"page": listed, "jobs": shown(listed.rows)})


@require_safe
@requires(Ability.READ)
def state(request: HttpRequest) -> HttpResponse:
    """Progress of the jobs ?ids=1,2, for a page whose live connection is away."""
    asked = [text for text in request.GET.get("ids", "").split(",") if text.isdecimal() and len(text) < 19]
    found = BatchJob.objects.filter(pk__in=asked[:50])
    return JsonResponse({"jobs": {str(job.pk): jobs.told(job) for job in found}})


# The token is checked once the body was read: the middleware would read the whole file before.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.RUN_JOBS)
def new(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _new(request)
    if not (request.content_type or "").startswith("multipart/form-data"):
        return _of_dataset(request)
    try:
        with received(request) as upload:
            answer = _adopted(request, upload)
            if answer.status_code >= 400:
                raise _NotTaken(answer)
            return answer
    except _NotTaken as refused:
        return refused.answer
    except jobs.JobRefused as refused:
        return _new(request, _status(refused), f"{refused.field} {refused}")


class _NotTaken(Exception):
    """What was uploaded is removed again; the answer says why."""

    def __init__(self, answer: HttpResponse) -> None:
        super().__init__()
        self.answer = answer


@csrf_protect
def _adopted(request: HttpRequest, upload) -> HttpResponse:
    try:
        job = adopt_upload(
            folder=upload.folder, filename=upload.filename, size=upload.size, **_terms(request, upload.fields)
        )
    except REFUSALS as refused:
        return _new(request, _status(refused), _told(refused))
    return redirect("dashboard:batch", job.pk)


@csrf_protect
def _of_dataset(request: HttpRequest) -> HttpResponse:
    try:
        job = jobs.start_dataset(name=request.POST.get("dataset", ""), **_terms(request, request.POST))
    except REFUSALS as refused:
        return _new(request, _status(refused), _told(refused))
    return redirect("dashboard:batch", job.pk)


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    job = get_object_or_404(BatchJob.objects.select_related("client"), pk=pk)
    context = {
        "one": shown([job])[0],
        "job": job,
        "errors": first_errors(job),
        "priorities": JobPriority.choices,
    }
    return render(request, "dashboard/batches/detail.html", context)


@require_POST
@requires(Ability.RUN_JOBS)
def change(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    get_object_or_404(BatchJob, pk=pk)
    try:
        CHANGES[what](job_id=pk, acting=request.user.email, request_id=request.request_id)
    except (jobs.JobConflict, jobs.FilesGone) as refused:
        messages.error(request, f"{refused}.")
    else:
        messages.success(request, SAID[what])
    return redirect("dashboard:batch", pk)


@require_POST
@requires(Ability.RUN_JOBS)
def priority(request: HttpRequest, pk: int) -> HttpResponse:
    get_object_or_404(BatchJob, pk=pk)
    try:
        jobs.prioritise_job(
            job_id=pk,
            priority=request.POST.get("priority", ""),
            acting=request.user.email,
            request_id=request.request_id,
        )
    except (jobs.JobConflict, jobs.JobRefused) as refused:
        messages.error(request, f"{refused}.")
    return redirect("dashboard:batch", pk)


@require_safe
@requires(Ability.READ)
def results(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    job = get_object_or_404(BatchJob, pk=pk)
    try:
        return saved_as(jobs.download(job, kind), f"job-{pk}-{kind}.csv", "text/csv; charset=utf-8")
    except jobs.FilesGone as gone:
        messages.error(request, f"{gone}.")
        return redirect("dashboard:batch", pk)


def _terms(request: HttpRequest, given) -> dict:
    name = given.get("client") or "console"
    client = ClientSystem.objects.filter(name=name).first() if "\x00" not in name else None
    if client is None and name != "console":
        raise jobs.JobRefused("client", "is not a client system")
    return {
        "engine": given.get("engine", "payments"),
        "priority": given.get("priority", "normal"),
        "client": client or client_system("console"),
        "acting": request.user.email,
        "request_id": request.request_id,
    }


def _told(refused: Exception) -> str:
    return f"{refused.field} {refused}" if isinstance(refused, jobs.JobRefused) else str(refused)


def _status(refused: Exception) -> int:
    kinds = {jobs.JobTooLarge: 413, jobs.NoRoom: 507, jobs.TooManyJobs: 429, EngineNotInstalled: 503}
    return kinds.get(type(refused), 422)


def _new(request: HttpRequest, status: int = 200, problem: str = "") -> HttpResponse:
    context = {
        "engines": [choice for choice in Engine.choices if choice[0] != "customers"],
        "priorities": JobPriority.choices,
        "clients": ClientSystem.objects.order_by("name").values_list("name", flat=True)[:200],
        "datasets": jobs.datasets(),
        "limit_mb": settings.BATCH_UPLOAD_MB,
        "problem": problem,
    }
    return render(request, "dashboard/batches/new.html", context, status=status)
