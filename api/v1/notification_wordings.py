"""What messages say: subjects and bodies in force."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import NotificationTemplate
from alerts.services.notifying import managing
from alerts.services.notifying.wording import SHIPPED
from api.authentication import request_id_of
from api.shapes import Text, Whole
from api.v1.notification_rules import STALE
from api.v1.webhooks import person_who
from api.views import ApiView, validated
from users.roles import Ability


class NotificationWordingBody(serializers.Serializer):
    topic = serializers.CharField()
    subject = serializers.CharField()
    body = serializers.CharField()
    shipped = serializers.BooleanField()
    version = serializers.IntegerField()


class NotificationWordingList(serializers.Serializer):
    results = NotificationWordingBody(many=True)


class NotificationWordingRequest(serializers.Serializer):
    subject = Text(max_length=200)
    body = Text(max_length=4000)
    version = Whole(min_value=0, max_value=2**31 - 1, help_text="The `version` you saw; 0 the shipped one.")


class NotificationWordings(ApiView):
    abilities = {"GET": Ability.MANAGE}

    @extend_schema(
        operation_id="list_notification_wordings",
        summary="Subjects and bodies in force",
        responses=NotificationWordingList,
    )
    def get(self, request: Request) -> Response:
        written = {one.topic: one for one in NotificationTemplate.objects.all()}
        return Response({"results": [_wording(topic, written.get(topic)) for topic in SHIPPED]})


class OneNotificationWording(ApiView):
    abilities = {"PUT": Ability.MANAGE, "DELETE": Ability.MANAGE}
    conflicts = {"PUT": STALE}

    @extend_schema(
        operation_id="change_notification_wording",
        summary="Word a topic anew",
        request=NotificationWordingRequest,
        responses={200: NotificationWordingBody},
    )
    def put(self, request: Request, topic: str) -> Response:
        person, given = person_who(request), validated(NotificationWordingRequest, request)
        if topic not in SHIPPED:
            raise Http404
        seen = given.pop("version")
        written = managing.save_wording(
            topic, **given, acting_user=person, seen=seen, request_id=request_id_of(request)
        )
        return Response(_wording(topic, written))

    @extend_schema(
        operation_id="reset_notification_wording",
        summary="Back to the shipped wording",
        responses={204: None},
    )
    def delete(self, request: Request, topic: str) -> Response:
        person = person_who(request)
        if topic not in SHIPPED:
            raise Http404
        managing.reset_wording(topic, acting_user=person, request_id=request_id_of(request))
        return Response(status=204)


def _wording(topic: str, written: NotificationTemplate | None) -> dict[str, Any]:
    subject, body = (written.subject, written.body) if written else SHIPPED[topic]
    version = written.revision if written else 0
    return {
        "topic": topic, "subject": subject, "body": body, "shipped": written is None, "version": version,
    }  # fmt: skip
