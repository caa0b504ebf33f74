"""Imported histories: the list, the guided import of a CSV, the report, deletion."""

import json
import uuid

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import F, FloatField
from django.db.models.functions import Cast
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dashboard.access import requires
from dashboard.history_form import KINDS, form_of, mapping_posted, roles_of
from fraud_detection.models import HistoryUpload, ImportedHistory, UploadStage
from fraud_detection.services.histories import (
    HistoryExists,
    HistoryRefused,
    NoSuchHistory,
    delete_history,
)
from fraud_detection.services.history_drafts import CHOICES, draft_of
from fraud_detection.services.history_uploads import (
    MEBIBYTE,
    UploadRefused,
    discard_upload,
    has_stalled,
    start_import,
    take_upload,
    too_large,
)
from users.roles import Ability

FORM_OVERHEAD = 64 * 1024  # boundaries and headers around the file in a request


@require_safe
@requires(Ability.READ)
def listing(request: HttpRequest) -> HttpResponse:
    unfinished = HistoryUpload.objects.exclude(stage=UploadStage.DONE)
    known = Cast(F("rows"), FloatField())
    listed = ImportedHistory.objects.defer("report", "mapping").annotate(share=F("positives") / known)
    context = {"histories": listed, "uploads": unfinished}
    return render(request, "dashboard/histories/list.html", context)


@csrf_exempt  # a body above the limit is refused before it is read; what is read is checked below
@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.RUN_JOBS)
def new(request: HttpRequest) -> HttpResponse:
    limit = settings.HISTORY_UPLOAD_MB * MEBIBYTE + FORM_OVERHEAD
    if request.method == "POST" and int(request.META.get("CONTENT_LENGTH") or 0) > limit:
        return _new(request, 413, too_large())
    return _received(request)


@csrf_protect
def _received(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return _new(request)
    file = request.FILES.get("file")
    if file is None:
        return _new(request, 422, "choose a CSV file first")
    try:
        upload = take_upload(filename=file.name, content=file.chunks(), acting_user=request.user)
    except UploadRefused as refused:
        return _new(request, 413, str(refused))
    except HistoryRefused as refused:
        return _new(request, 422, f"{file.name}: {refused}")
    return redirect("dashboard:history_upload", upload.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@requires(Ability.RUN_JOBS)
def upload(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """The mapping to be confirmed, or how far the import is."""
    found = get_object_or_404(HistoryUpload.objects.select_related("history"), pk=pk)
    if found.history is not None:
        return redirect("dashboard:history", found.history.pk)
    if request.method == "POST":
        return _start(request, found)
    if found.stage in (UploadStage.QUEUED, UploadStage.IMPORTING) and not has_stalled(found):
        return render(request, "dashboard/histories/progress.html", {"upload": found})
    return _mapping(request, found, problem=found.problem)


@require_safe
@requires(Ability.RUN_JOBS)
def state(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """How far an import is, for the page that waits for it; `again` says that the page should be reloaded."""
    found = get_object_or_404(HistoryUpload, pk=pk)
    waiting = found.stage in (UploadStage.QUEUED, UploadStage.IMPORTING) and not has_stalled(found)
    told = {"again": not waiting, "stage": found.get_stage_display(), "rows": found.rows_read}
    return JsonResponse(told | {"share": round(found.share_read, 3)})


@require_POST
@requires(Ability.RUN_JOBS)
def discard(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    try:
        discard_upload(upload_id=pk, acting_user=request.user)
    except UploadRefused as refused:
        messages.error(request, str(refused))
        return redirect("dashboard:history_upload", pk)
    messages.success(request, "The file is discarded.")
    return redirect("dashboard:histories")


@require_safe
@requires(Ability.READ)
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    history = get_object_or_404(ImportedHistory, pk=pk)
    report = history.report
    context = {
        "history": history,
        "report": report,
        "features": len(report["numeric"]) + len(report["categorical"]),
        "roles": roles_of(history.mapping),
        "mapping": json.dumps(history.mapping, indent=1, ensure_ascii=False),
    }
    return render(request, "dashboard/histories/detail.html", context)


@require_POST
@requires(Ability.RUN_JOBS)
def delete(request: HttpRequest, pk: int) -> HttpResponse:
    history = get_object_or_404(ImportedHistory.objects.only("name"), pk=pk)
    if request.POST.get("name") != history.name:
        messages.error(request, "Nothing was deleted: write the name of the history to confirm.")
        return redirect("dashboard:history", pk)
    try:
        delete_history(name=history.name, acting=request.user.email, request_id=request.request_id)
    except NoSuchHistory as gone:
        raise Http404 from gone
    messages.success(request, f"{history.name} is deleted.")
    return redirect("dashboard:histories")


def _new(request: HttpRequest, status: int = 200, problem: str = "") -> HttpResponse:
    context = {"limit_mb": settings.HISTORY_UPLOAD_MB, "problem": problem}
    return render(request, "dashboard/histories/new.html", context, status=status)


def _start(request: HttpRequest, found: HistoryUpload) -> HttpResponse:
    try:
        mapping = mapping_posted(found, draft_of(found), request.POST)
        name = request.POST.get("name", "").strip()
        start_import(upload_id=found.pk, name=name, mapping=mapping, acting_user=request.user)
    except ValidationError as refused:
        return _mapping(request, found, problem=refused.messages[0], status=422)
    except (HistoryRefused, HistoryExists) as refused:
        return _mapping(request, found, problem=str(refused), status=422)
    except UploadRefused as refused:
        messages.error(request, str(refused))
        return redirect("dashboard:histories")
    return redirect("dashboard:history_upload", found.pk)


def _mapping(request: HttpRequest, found: HistoryUpload, *, problem: str, status: int = 200) -> HttpResponse:
    try:
        draft = draft_of(found)
    except HistoryRefused as refused:
        messages.error(request, f"{found.filename}: {refused}")
        return redirect("dashboard:histories")
    context = {
        "upload": found,
        "form": form_of(found, draft, request.POST if request.method == "POST" else None),
        "choices": CHOICES.items(),
        "kinds": KINDS,
        "problem": problem,
        "stalled": has_stalled(found),
    }
    return render(request, "dashboard/histories/mapping.html", context, status=status)
