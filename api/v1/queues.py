"""Queues: who works which alerts, kept by admins; each with its filter, members, due times and escalation."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Queue, QueueMember
from alerts.selectors.queue_filters import MEANINGS
from alerts.selectors.queues import backlog, queue_list
from alerts.services import change_queue, make_queue
from alerts.services.queues import put_member, remove_member
from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.v1.alert_work import queue_named, version_seen
from api.v1.alerts import person_who_works
from api.views import ApiView, validated
from users.models import User
from users.roles import Ability

FILTER = "Conditions that must all hold: " + "; ".join(
    f"`{name}`: {meaning}" for name, meaning in MEANINGS.items()
)
NOTHING = {"open": 0, "snoozed": 0, "overdue": 0, "unassigned": 0}


@extend_schema_field(OpenApiTypes.OBJECT)
class AnyObject(serializers.Field):
    """A JSON value that the service checks member by member."""

    def to_internal_value(self, data: Any) -> Any:
        return data

    def to_representation(self, value: Any) -> Any:
        return value


class QueueBody(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    filter = AnyObject(help_text=FILTER)
    position = serializers.IntegerField(help_text="The first that takes an alert has it.")
    is_default = serializers.BooleanField(help_text="Takes what no other takes.")
    active = serializers.BooleanField()
    escalation_to = serializers.CharField(source="escalation_to.name", allow_null=True, default=None)
    due_minutes = AnyObject(help_text="Minutes by severity, where they differ from the general ones.")
    version = serializers.IntegerField()
    open = serializers.IntegerField()
    snoozed = serializers.IntegerField()
    overdue = serializers.IntegerField()
    unassigned = serializers.IntegerField()


class QueuesBody(serializers.Serializer):
    results = QueueBody(many=True)


class QueueRequest(serializers.Serializer):
    name = Text(max_length=64)
    description = Text(max_length=300, required=False, allow_blank=True)
    filter = AnyObject(required=False, help_text=FILTER)
    position = Whole(required=False, min_value=0, max_value=2**31 - 1)
    active = serializers.BooleanField(required=False)
    escalation_to = Text(max_length=64, required=False, allow_null=True, help_text="Name of another queue.")
    due_minutes = AnyObject(required=False)


class QueueChange(QueueRequest):
    name = Text(max_length=64, required=False)
    version = version_seen()


class MemberBody(serializers.Serializer):
    user = serializers.CharField(source="user.email")
    name = serializers.CharField(source="user")
    supervisor = serializers.BooleanField()


class MembersBody(serializers.Serializer):
    results = MemberBody(many=True)


class MemberRequest(serializers.Serializer):
    user = Text(max_length=254, help_text="E-mail of an admin or analyst.")
    supervisor = serializers.BooleanField(default=False, help_text="May move the queue's work.")


def _shown(queue: Queue, waiting: dict) -> dict:
    for name, value in (NOTHING | waiting.get(queue.pk, {})).items():
        setattr(queue, name, value)
    return QueueBody(queue).data


def _queue(queue_id: int) -> Queue:
    found = queue_list().filter(pk=queue_id).first()
    if found is None:
        raise Http404
    return found


def _values(given: dict[str, Any]) -> dict[str, Any]:
    if "escalation_to" in given:
        target = given["escalation_to"]
        given["escalation_to"] = None if target is None else queue_named(target)
    return given


class QueueView(ApiView):
    """Changes are made by people, so that the trail names them."""

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method not in ("GET", "HEAD", "OPTIONS"):
            person_who_works(request)


class Queues(QueueView):
    abilities = {"GET": Ability.READ, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_queues",
        summary="Queues in the order in which they take alerts, with what waits in each",
        responses=QueuesBody,
    )
    def get(self, request: Request) -> Response:
        waiting = backlog(timezone.now())
        return Response({"results": [_shown(queue, waiting) for queue in queue_list()]})

    @extend_schema(
        operation_id="make_queue", summary="A new queue", request=QueueRequest, responses={201: QueueBody}
    )
    @idempotent
    def post(self, request: Request) -> Response:
        given = _values(validated(QueueRequest, request))
        made = make_queue(
            acting_user=person_who_works(request), request_id=getattr(request, "request_id", ""), **given
        )
        return Response(_shown(_queue(made.pk), {}), status=201)


class OneQueue(QueueView):
    abilities = {"GET": Ability.READ, "PATCH": Ability.MANAGE}
    conflicts = {"PATCH": "The queue was changed since the `version` that was sent."}

    @extend_schema(operation_id="show_queue", summary="One queue", responses=QueueBody)
    def get(self, request: Request, queue_id: int) -> Response:
        return Response(_shown(_queue(queue_id), backlog(timezone.now())))

    @extend_schema(
        operation_id="change_queue",
        summary="Change some fields of a queue; alerts that are in it stay",
        request=QueueChange,
        responses={200: QueueBody},
    )
    def patch(self, request: Request, queue_id: int) -> Response:
        given = _values(validated(QueueChange, request))
        _queue(queue_id)
        change_queue(
            queue_id=queue_id, acting_user=person_who_works(request), seen_version=given.pop("version"),
            request_id=getattr(request, "request_id", ""), **given,
        )  # fmt: skip
        return Response(_shown(_queue(queue_id), backlog(timezone.now())))


class QueueMembers(QueueView):
    abilities = {"GET": Ability.READ, "POST": Ability.MANAGE}

    @extend_schema(operation_id="list_queue_members", summary="Who works a queue", responses=MembersBody)
    def get(self, request: Request, queue_id: int) -> Response:
        members = QueueMember.objects.filter(queue=_queue(queue_id)).select_related("user")
        return Response(MembersBody({"results": members}).data)

    @extend_schema(
        operation_id="put_queue_member",
        summary="Add somebody to a queue, or change whether they supervise it",
        request=MemberRequest,
        responses={200: MemberBody},
    )
    @idempotent
    def post(self, request: Request, queue_id: int) -> Response:
        given, queue = validated(MemberRequest, request), _queue(queue_id)
        user = User.objects.filter(email__iexact=given["user"], is_active=True).first()
        if user is None:
            raise Refused([Fault("/user", "unknown", "is not somebody who works here")])
        member = put_member(
            queue=queue, user=user, supervisor=given["supervisor"], acting_user=person_who_works(request),
            request_id=getattr(request, "request_id", ""),
        )  # fmt: skip
        return Response(MemberBody(member).data)


class OneQueueMember(QueueView):
    abilities = {"DELETE": Ability.MANAGE}

    @extend_schema(
        operation_id="remove_queue_member",
        summary="Take somebody out of a queue; their alerts stay theirs",
        request=None,
        responses={204: None},
    )
    def delete(self, request: Request, queue_id: int, email: str) -> Response:
        queue, user = _queue(queue_id), User.objects.filter(email__iexact=email).first()
        gone = user is not None and remove_member(
            queue=queue, user=user, acting_user=person_who_works(request),
            request_id=getattr(request, "request_id", ""),
        )  # fmt: skip
        if not gone:
            raise Http404
        return Response(status=204)
