"""What people put into cases: comments, tasks, the narrative."""

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import CaseTask
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.narrating import FIELDS, write_narrative
from alerts.services.cases.tasking import add_task, set_task_done
from api.idempotency import DOCUMENTED as IDEMPOTENT
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.v1 import case_shapes as shapes
from api.v1.cases import existing, person_for, worker
from api.views import ApiView, validated
from users.roles import Ability

CLOSED = "The case is closed, or the narrative was saved meanwhile."


class CaseCommentPage(Page):
    results = shapes.CaseCommentBody(many=True)


class CaseNarrativePage(Page):
    results = shapes.CaseNarrativeBody(many=True)


class CaseComments(ApiView):
    """A comment on a case that was merged lands in the one that took it over; `case` says which."""

    abilities = {"GET": Ability.READ, "POST": Ability.WORK_ALERTS}
    conflicts = {"POST": "The case is closed."}

    @extend_schema(
        operation_id="list_case_comments",
        summary="Comments on a case, newest first",
        parameters=DOCUMENTED,
        responses=CaseCommentPage,
    )
    def get(self, request: Request, case_id: int) -> Response:
        found = existing(case_id).comments.select_related("author").prefetch_related("mentions")
        return Response(page(request, found, lambda comment: shapes.CaseCommentBody(comment).data))

    @extend_schema(
        operation_id="comment_on_case",
        summary="Comment on a case; @e-mail or @name tells that person",
        parameters=[IDEMPOTENT],
        request=shapes.CaseCommentRequest,
        responses={201: shapes.CaseCommentBody},
    )
    @idempotent
    def post(self, request: Request, case_id: int) -> Response:
        person, given = person_for(request), validated(shapes.CaseCommentRequest, request)
        existing(case_id)
        comment = comment_on_case(
            case_id=case_id,
            acting_user=person,
            text=given["text"],
            corrects=given.get("corrects"),
            request_id=getattr(request, "request_id", ""),
        )
        return Response(shapes.CaseCommentBody(comment).data, status=201)


class CaseTasks(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    conflicts = {"POST": "The case is closed."}

    @extend_schema(
        operation_id="add_case_task",
        summary="Add a task to a case",
        parameters=[IDEMPOTENT],
        request=shapes.CaseTaskRequest,
        responses={201: shapes.CaseTaskBody},
    )
    @idempotent
    def post(self, request: Request, case_id: int) -> Response:
        person, given = person_for(request), validated(shapes.CaseTaskRequest, request)
        existing(case_id)
        task = add_task(
            case_id=case_id,
            acting_user=person,
            title=given["title"],
            assignee=worker(given.get("assignee")),
            due_at=given.get("due_at"),
            request_id=getattr(request, "request_id", ""),
        )
        return Response(shapes.CaseTaskBody(task).data, status=201)


class OneCaseTask(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    conflicts = {"POST": "Somebody else was first, or the case is closed."}

    @extend_schema(
        operation_id="tick_case_task",
        summary="Tick a task off, or take the tick back",
        request=shapes.CaseTaskDoneRequest,
        responses={200: shapes.CaseTaskBody},
    )
    @idempotent
    def post(self, request: Request, case_id: int, task_id: int) -> Response:
        person, given = person_for(request), validated(shapes.CaseTaskDoneRequest, request)
        existing(case_id)
        try:
            task = set_task_done(
                case_id=case_id,
                task_id=task_id,
                acting_user=person,
                done=given["done"],
                request_id=getattr(request, "request_id", ""),
            )
        except CaseTask.DoesNotExist as missing:
            raise Http404 from missing
        return Response(shapes.CaseTaskBody(task).data)


class Narrative(ApiView):
    abilities = {"GET": Ability.READ, "PUT": Ability.WORK_ALERTS}
    conflicts = {"PUT": CLOSED}

    @extend_schema(
        operation_id="list_case_narratives",
        summary="Versions of the narrative, newest first",
        parameters=DOCUMENTED,
        responses=CaseNarrativePage,
    )
    def get(self, request: Request, case_id: int) -> Response:
        found = existing(case_id).narratives.all()
        return Response(page(request, found, lambda version: shapes.CaseNarrativeBody(version).data))

    @extend_schema(
        operation_id="write_case_narrative",
        summary="Save a version of the narrative; what is not sent stays",
        request=shapes.CaseNarrativeRequest,
        responses={200: shapes.CaseNarrativeBody},
    )
    def put(self, request: Request, case_id: int) -> Response:
        person, given = person_for(request), validated(shapes.CaseNarrativeRequest, request)
        existing(case_id)
        saved = write_narrative(
            case_id=case_id,
            acting_user=person,
            fields={name: given[name] for name in FIELDS if name in given},
            seen_number=given["number"],
            request_id=getattr(request, "request_id", ""),
        )
        return Response(shapes.CaseNarrativeBody(saved).data)
