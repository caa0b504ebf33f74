"""Cases: the list, one case, opening, assigning, moving, merging, splitting and closing them."""

from collections.abc import Callable
from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.serializers import Serializer

from alerts.models import Case, CaseStatus
from alerts.selectors.cases import alerts_of, case_history, case_list
from alerts.services.cases.closing import approve_closing, close_case, reopen_case, send_back_closing
from alerts.services.cases.merging import merge_cases, split_case
from alerts.services.cases.opening import add_alerts, open_case
from alerts.services.cases.working import assign_case, edit_case, move_case
from api.authentication import person_only, request_id_of
from api.filters import documented, filtered
from api.idempotency import DOCUMENTED as IDEMPOTENT
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, page
from api.problems import Fault, Refused
from api.v1 import case_shapes as shapes
from api.views import ApiView, validated
from users.models import Customer, User
from users.roles import Ability

STALE = "The case was changed since the `version` that was sent, or something stands in the way."


class Cases(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.WORK_ALERTS}
    conflicts = {"POST": "An alert belongs to another open case."}

    @extend_schema(
        operation_id="list_cases",
        summary="Cases, newest first",
        parameters=[*documented(shapes.CaseFilter), *DOCUMENTED],
        responses=shapes.CasePage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(shapes.CaseFilter, request, case_list())
        return Response(page(request, found, lambda case: shapes.CaseBody(case).data))

    @extend_schema(
        operation_id="open_case",
        summary="Open a case of alerts, or about a customer",
        parameters=[IDEMPOTENT],
        request=shapes.OpenCaseRequest,
        responses={201: shapes.CaseBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = person_for(request), validated(shapes.OpenCaseRequest, request)
        case = open_case(
            title=given["title"],
            acting_user=person,
            customer=_customer(given.get("customer")),
            alert_ids=given.get("alerts", ()),
            assignee=worker(given.get("assignee")),
            due_at=given.get("due_at"),
            severity=given.get("severity", ""),
            request_id=request_id_of(request),
        )
        return Response(shapes.CaseBody(existing(case.pk)).data, status=201)


class OneCase(ApiView):
    abilities = {"GET": Ability.READ, "PATCH": Ability.WORK_ALERTS}
    conflicts = {"PATCH": STALE}

    @extend_schema(
        operation_id="show_case", summary="One case with all it holds", responses=shapes.CaseDetail
    )
    def get(self, request: Request, case_id: int) -> Response:
        case = existing(case_id)
        alerts = list(alerts_of(case)[: shapes.SHOWN])
        history = list(case_history(case, reports=False)[: shapes.SHOWN])
        return Response(shapes.detail_of(case, alerts, history))

    @extend_schema(
        operation_id="edit_case",
        summary="Change title or due time",
        request=shapes.EditCaseRequest,
        responses={200: shapes.CaseBody},
    )
    def patch(self, request: Request, case_id: int) -> Response:
        def edit(given: dict[str, Any]) -> dict[str, Any]:
            return {"title": given.get("title"), "due_at": given.get("due_at")}

        return edited(request, case_id, shapes.EditCaseRequest, edit_case, edit)


def _edit(
    operation: str,
    summary: str,
    form: type[Serializer],
    service: Callable[..., Case],
    options: Callable[[dict[str, Any]], dict[str, Any]],
) -> type[ApiView]:
    """The route of one edit: the body is checked, the service called, the case shown as it is then."""

    class Edit(ApiView):
        abilities = {"POST": Ability.WORK_ALERTS}
        conflicts = {"POST": STALE}

        @extend_schema(
            operation_id=operation, summary=summary, request=form, responses={200: shapes.CaseBody}
        )
        @idempotent
        def post(self, request: Request, case_id: int) -> Response:
            return edited(request, case_id, form, service, options)

    Edit.__name__ = operation.title().replace("_", "")
    return Edit


def edited(
    request: Request,
    case_id: int,
    form: type[Serializer],
    service: Callable[..., Case],
    options: Callable[[dict[str, Any]], dict[str, Any]],
) -> Response:
    """Carry out an edit of a case that the caller saw as `version`."""
    person, given = person_for(request), validated(form, request)
    existing(case_id)
    case = service(
        case_id=case_id,
        acting_user=person,
        seen_version=given["version"],
        request_id=request_id_of(request),
        **options(given),
    )
    return Response(shapes.CaseBody(existing(case.pk)).data)


def decide_closing(*, approve: bool, reason: str, seen_alerts: dict[int, int] | None, **options: Any) -> Case:
    """Approve a proposed closing, or send it back."""
    if approve:
        return approve_closing(seen_alerts=seen_alerts, **options)
    return send_back_closing(reason=reason, **options)


def seen_alerts(given: dict[str, Any]) -> dict[int, int] | None:
    """Version by alert id, as far as the caller tells what they saw."""
    return {seen["alert"]: seen["version"] for seen in given["alerts"]} if "alerts" in given else None


def merge(*, into_id: int, **options: Any) -> Case:
    existing(into_id, "/into")
    return merge_cases(into_id=into_id, **options)


AssignCase = _edit(
    "assign_case",
    "Give a case to somebody, or to nobody",
    shapes.CaseAssignRequest,
    assign_case,
    lambda given: {"assignee": worker(given["assignee"])},
)
MoveCase = _edit(
    "move_case",
    "Give a case another status",
    shapes.MoveCaseRequest,
    move_case,
    lambda given: {"status": given["status"], "reason": given.get("reason", "")},
)
EscalateCase = _edit(
    "escalate_case",
    "Escalate a case",
    shapes.CaseReasonRequest,
    move_case,
    lambda given: {"status": CaseStatus.ESCALATED, "reason": given["reason"]},
)
AddAlerts = _edit(
    "add_alerts_to_case",
    "Add alerts to a case, all or none",
    shapes.CaseAlertsRequest,
    add_alerts,
    lambda given: {"alert_ids": given["alerts"]},
)
MergeCase = _edit(
    "merge_case",
    "Merge a case into another, which is answered",
    shapes.MergeCaseRequest,
    merge,
    lambda given: {"into_id": given["into"], "into_seen_version": given["into_version"]},
)
SplitCase = _edit(
    "split_case",
    "Split alerts off into a new case, which is answered",
    shapes.SplitCaseRequest,
    split_case,
    lambda given: {"alert_ids": given["alerts"], "title": given["title"]},
)
CloseCase = _edit(
    "close_case",
    "Close a case and its open alerts with a verdict, or propose it to a second person",
    shapes.CloseCaseRequest,
    close_case,
    lambda given: {
        "verdict": given["verdict"],
        "note": given["note"],
        "seen_alerts": seen_alerts(given),
    },
)
ApproveClosing = _edit(
    "approve_case_closing",
    "Approve a closing that somebody else proposed, or send it back",
    shapes.ApproveCaseRequest,
    decide_closing,
    lambda given: {
        "approve": given["approve"],
        "reason": given.get("reason", ""),
        "seen_alerts": seen_alerts(given),
    },
)
ReopenCase = _edit(
    "reopen_case",
    "Investigate a closed case again",
    shapes.CaseReasonRequest,
    reopen_case,
    lambda given: {"reason": given["reason"]},
)


def existing(case_id: int, pointer: str = "") -> Case:
    """The case as lists show it; 404, or a fault at `pointer`, when there is none."""
    case = case_list().filter(pk=case_id).first()
    if case is None and pointer:
        raise Refused([Fault(pointer, "unknown", "is no case")])
    if case is None:
        raise Http404
    return case


def person_for(request: Request) -> User:
    """Verdicts and comments carry the name of a person."""
    return person_only(request, "Cases are worked")


def worker(email: str | None) -> User | None:
    if email is None:
        return None
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None or not found.can(Ability.WORK_ALERTS):
        raise Refused([Fault("/assignee", "unknown", "is not somebody who works cases")])
    return found


def _customer(external_id: str | None) -> Customer | None:
    if external_id is None:
        return None
    found = Customer.objects.filter(external_id=external_id).first()
    if found is None:
        raise Refused([Fault("/customer", "unknown", "is no customer that is known")])
    return found
