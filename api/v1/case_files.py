"""Attachments of cases, and the evidence pack."""

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.utils.http import content_disposition_header
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.selectors.links import customers_of_case
from alerts.services.cases.filing import attach_file, file_content
from alerts.services.cases.receiving import FORM_OVERHEAD, MEBIBYTE, received
from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.reading import note_read
from api.v1 import case_shapes as shapes
from api.v1.cases import existing, person_for
from api.views import ApiView
from fraud_detection.services.case_packs import FORMATS, export_case
from users.models import Customer
from users.roles import Ability

UPLOAD = {
    "multipart/form-data": {
        "type": "object",
        "properties": {"file": {"type": "string", "format": "binary"}},
        "required": ["file"],
    }
}


class CaseFiles(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    commits_itself = True
    conflicts = {"POST": "The case is closed."}
    streams_body = True

    def spooled_at_most(self) -> int:
        return settings.CASE_FILE_MB * MEBIBYTE + FORM_OVERHEAD

    @extend_schema(
        operation_id="attach_file_to_case",
        summary="Attach a file, as the part named file of a multipart body",
        request=UPLOAD,
        responses={201: shapes.CaseFileBody},
    )
    @idempotent
    def post(self, request: Request, case_id: int) -> Response:
        person = person_for(request)
        existing(case_id)
        with received(request._request) as file:
            stored = attach_file(
                case_id=case_id,
                acting_user=person,
                name=file.name,
                content=file.chunks(),
                request_id=getattr(request, "request_id", ""),
            )
        return Response(shapes.CaseFileBody(stored).data, status=201)


class OneCaseFile(ApiView):
    abilities = {"GET": Ability.READ}
    conflicts = {"GET": "The file on disk is not the one that was attached."}

    @extend_schema(
        operation_id="download_case_file",
        summary="An attachment, checked against its digest",
        responses={(200, "application/octet-stream"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, case_id: int, file_id: int) -> HttpResponse:
        file = existing(case_id).files.filter(pk=file_id).first()
        if file is None:
            raise Http404
        return download(file_content(file), file.name, "application/octet-stream")


class ExportCase(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="export_case",
        summary="The evidence pack of a case",
        parameters=[OpenApiParameter("format", {"type": "string", "enum": list(FORMATS), "default": "zip"})],
        responses={
            (200, "application/zip"): OpenApiTypes.BINARY,
            (200, "application/pdf"): OpenApiTypes.BINARY,
        },
    )
    def get(self, request: Request, case_id: int) -> HttpResponse:
        person, wanted = person_for(request), request.query_params.get("format", "zip")
        unknown = [name for name in request.query_params if name != "format"]
        if unknown:
            raise Refused([Fault(f"/{unknown[0][:60]}", "unknown_filter", "is not known here")])
        if wanted not in FORMATS:
            raise Refused([Fault("/format", "invalid", f"must be one of {', '.join(FORMATS)}")])
        case = existing(case_id)
        for customer in Customer.objects.filter(pk__in=customers_of_case(case)):
            note_read(request, customer, f"export of {case}")
        parts = export_case(
            case=case,
            acting_user=person,
            format=wanted,
            request_id=getattr(request, "request_id", ""),
        )
        return download(parts, f"{case}.{wanted}", FORMATS[wanted])


def download(parts: object, name: str, kind: str) -> StreamingHttpResponse:
    """Bytes that a browser saves and never shows or runs."""
    answer = StreamingHttpResponse(parts, content_type=kind)
    answer.headers["Content-Disposition"] = attachment(name)
    answer.headers["X-Content-Type-Options"] = "nosniff"
    answer.headers["Content-Security-Policy"] = "sandbox; default-src 'none'"
    return answer


def attachment(name: str) -> str:
    """The header of a file to be saved under this name, whatever is in it."""
    return content_disposition_header(True, name)
