"""Suspicious-activity reports, for people who may know of them; everybody else learns nothing here."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import CaseReport, ReportState
from alerts.selectors.cases import case_reports
from alerts.services.cases.reporting import dismiss_report, edit_report, file_report, start_report
from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.v1 import case_shapes as shapes
from api.v1.cases import existing, person_for
from api.views import ApiView, validated
from users.roles import Ability


class CaseReportList(serializers.Serializer):
    results = shapes.CaseReportBody(many=True)


class CaseReports(ApiView):
    abilities = {
        "GET": Ability.READ_REPORTS,
        "POST": Ability.FILE_REPORTS,
        "PATCH": Ability.FILE_REPORTS,
    }
    conflicts = {
        "POST": "The case has a draft already.",
        "PATCH": "The report was changed since the `version` that was sent, or is settled.",
    }

    @extend_schema(
        operation_id="list_case_reports",
        summary="Reports about a case, newest first",
        responses=CaseReportList,
    )
    def get(self, request: Request, case_id: int) -> Response:
        person_for(request)
        found = case_reports(existing(case_id))
        return Response({"results": shapes.CaseReportBody(found, many=True).data})

    @extend_schema(
        operation_id="start_case_report",
        summary="Start the clock of a report",
        request=shapes.CaseReportRequest,
        responses={201: shapes.CaseReportBody},
    )
    @idempotent
    def post(self, request: Request, case_id: int) -> Response:
        person, given = person_for(request), validated(shapes.CaseReportRequest, request)
        existing(case_id)
        report = start_report(
            case_id=case_id,
            acting_user=person,
            request_id=getattr(request, "request_id", ""),
            **given,
        )
        return Response(shapes.CaseReportBody(report).data, status=201)

    @extend_schema(
        operation_id="edit_case_report",
        summary="Change a draft, file it, or decide that none is required",
        request=shapes.CaseReportEdit,
        responses={200: shapes.CaseReportBody},
    )
    def patch(self, request: Request, case_id: int) -> Response:
        person, given = person_for(request), validated(shapes.CaseReportEdit, request)
        if not case_reports(existing(case_id)).filter(pk=given["report"]).exists():
            raise Refused([Fault("/report", "unknown", "is not a report of this case")])
        common = {
            "report_id": given["report"],
            "acting_user": person,
            "seen_version": given["version"],
            "request_id": getattr(request, "request_id", ""),
        }
        try:
            report = _settled(given, common) or edit_report(**common, **_edits(given))
        except CaseReport.DoesNotExist as missing:
            raise Http404 from missing
        return Response(shapes.CaseReportBody(report).data)


def _settled(given: dict, common: dict) -> CaseReport | None:
    state, edits = given.get("state", ReportState.DRAFT), _edits(given)
    if state != ReportState.DRAFT and edits:
        raise Refused([Fault(f"/{next(iter(edits))}", "not_now", "change the draft before it is settled")])
    if state == ReportState.FILED:
        return file_report(reference=given.get("reference", ""), **common)
    if state == ReportState.NOT_REQUIRED:
        return dismiss_report(reason=given.get("reason", ""), **common)
    return None


def _edits(given: dict) -> dict:
    return {name: given[name] for name in ("text", "determined_on", "suspect_identified") if name in given}
