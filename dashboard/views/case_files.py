"""Attachments of a case, and its evidence pack."""

from collections.abc import Iterable

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.http import content_disposition_header
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_POST, require_safe

from alerts.models import Case
from alerts.selectors.cases import case_list
from alerts.selectors.links import customers_of_case
from alerts.services.cases.errors import CaseConflict, CaseRefused
from alerts.services.cases.filing import attach_file, file_content
from alerts.services.cases.receiving import FileTooLarge, received
from dashboard.access import requires
from dashboard.reading import note_read
from dashboard.views.cases import show
from fraud_detection.services.case_packs import FORMATS, export_case
from users.models import Customer
from users.roles import Ability


# The token is checked once the body was read as a whole: the middleware would read it before.
@csrf_exempt
@require_POST
@requires(Ability.WORK_ALERTS)
def upload(request: HttpRequest, pk: int) -> HttpResponse:
    if not Case.objects.filter(pk=pk).exists():
        raise Http404
    try:
        file = received(request)
    except CaseRefused as refused:
        return _refused(request, pk, refused)
    with file:
        return _attach(request, pk, file)


@csrf_protect
def _attach(request: HttpRequest, pk: int, file) -> HttpResponse:
    try:
        stored = attach_file(
            case_id=pk,
            acting_user=request.user,
            name=file.name,
            content=file.chunks(),
            request_id=request.request_id,
        )
    except CaseConflict as conflict:
        return show(request, pk, 409, conflict=str(conflict))
    except CaseRefused as refused:
        return _refused(request, pk, refused)
    messages.success(request, f"{stored.name} is attached.")
    return redirect("dashboard:case", stored.case_id)


def _refused(request: HttpRequest, pk: int, refused: CaseRefused) -> HttpResponse:
    status = 413 if isinstance(refused, FileTooLarge) else 422
    return show(request, pk, status, refused=f"{refused.field}: {refused}")


@require_safe
@requires(Ability.READ)
def download(request: HttpRequest, pk: int, file: int) -> HttpResponse:
    found = get_object_or_404(Case, pk=pk).files.filter(pk=file).first()
    if found is None:
        raise Http404
    try:
        return saved_as(file_content(found), found.name, "application/octet-stream")
    except CaseConflict as damaged:
        return show(request, pk, 409, conflict=str(damaged))


@require_safe
@requires(Ability.READ)
def export(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    case = case_list().filter(pk=pk).first()
    if case is None:
        raise Http404
    for customer in Customer.objects.filter(pk__in=customers_of_case(case)):
        note_read(request, customer, f"export of {case}")
    parts = export_case(case=case, acting_user=request.user, format=kind, request_id=request.request_id)
    return saved_as(parts, f"{case}.{kind}", FORMATS[kind])


def saved_as(parts: Iterable[bytes], name: str, kind: str) -> StreamingHttpResponse:
    """Bytes that a browser saves and never shows or runs."""
    answer = StreamingHttpResponse(parts, content_type=kind)
    answer["Content-Disposition"] = content_disposition_header(True, name)
    answer["X-Content-Type-Options"] = "nosniff"
    answer["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer
