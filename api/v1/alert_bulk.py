"""Many alerts at once, the next best one, and the reasons that are offered."""

from typing import Any

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Disposition, ReasonCode
from alerts.selectors.work import next_alert
from alerts.services import BulkResult, assign_alerts, resolve_alerts, snooze_alerts, take_next_alert
from alerts.services.bulk import MOST
from api.authentication import person_of
from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.v1.alert_work import queue_named, version_seen, whom
from api.v1.alerts import AlertBody, existing, person_who_works
from api.views import ApiView, is_empty, validated
from users.roles import Ability

NEEDED = {"resolve": ("disposition",), "assign": ("assignee",), "snooze": ("until", "reason")}


class AlertSeen(serializers.Serializer):
    id = Whole(min_value=1, max_value=2**63 - 1)
    version = version_seen()


class BulkRequest(serializers.Serializer):
    """One deed on many alerts. `resolve` needs a disposition and a note or reason code, `assign` an
    assignee (null: nobody), `snooze` a time and a reason."""

    action = serializers.ChoiceField(tuple(NEEDED))
    alerts = AlertSeen(many=True, min_length=1, max_length=MOST)
    disposition = serializers.ChoiceField(Disposition.choices, required=False)
    note = Text(max_length=4000, required=False)
    reason_code = Text(max_length=32, required=False)
    duplicate_of = Whole(required=False, min_value=1, max_value=2**63 - 1)
    assignee = Text(max_length=254, required=False, allow_null=True)
    until = serializers.DateTimeField(required=False)
    reason = Text(max_length=500, required=False)


class BulkRefusal(serializers.Serializer):
    id = serializers.IntegerField()
    why = serializers.CharField()


class BulkBody(serializers.Serializer):
    done = serializers.ListField(child=serializers.IntegerField())
    already = serializers.ListField(
        child=serializers.IntegerField(), help_text="Done by an earlier, interrupted call of yours."
    )
    refused = BulkRefusal(many=True)


class BulkAlerts(ApiView):
    abilities = {"POST": Ability.WORK_ALERTS}
    commits_itself = True

    @extend_schema(
        operation_id="work_alerts_in_bulk",
        summary="Resolve, assign or snooze up to 1,000 alerts with one reason; each is refused by itself",
        request=BulkRequest,
        responses={200: BulkBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person_who_works(request)
        given = validated(BulkRequest, request)
        missing = [name for name in NEEDED[given["action"]] if name not in given]
        if missing:
            raise Refused([Fault(f"/{name}", "required", "is required for this action") for name in missing])
        result = _carried_out(request, given)
        refused = [{"id": alert_id, "why": why} for alert_id, why in result.refused]
        return Response(BulkBody({"done": result.done, "already": result.already, "refused": refused}).data)


def _carried_out(request: Request, given: dict[str, Any]) -> BulkResult:
    seen = [(item["id"], item["version"]) for item in given["alerts"]]
    by = {"acting_user": person_who_works(request), "request_id": getattr(request, "request_id", "")}
    if given["action"] == "assign":
        return assign_alerts(seen, assignee=whom(given["assignee"]), reason=given.get("reason", ""), **by)
    if given["action"] == "snooze":
        return snooze_alerts(seen, until=given["until"], reason=given["reason"], **by)
    return resolve_alerts(
        seen, disposition=given["disposition"], note=given.get("note", ""),
        reason_code=given.get("reason_code", ""), duplicate_of=given.get("duplicate_of"), **by,
    )  # fmt: skip


class TakeRequest(serializers.Serializer):
    after = Whole(required=False, min_value=1, max_value=2**63 - 1, help_text="Not this alert.")
    queue = Text(required=False, max_length=64, help_text="Only from this queue.")


class NextAlert(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.WORK_ALERTS}

    @extend_schema(
        operation_id="show_next_alert",
        summary="The most urgent alert that is free or yours; nothing is assigned",
        responses={200: AlertBody, 204: OpenApiResponse(description="None is left.")},
    )
    def get(self, request: Request) -> Response:
        return _shown(next_alert(person_of(request)))

    @extend_schema(
        operation_id="take_next_alert",
        summary="Take the most urgent alert that is free or yours; two callers never get the same",
        request=TakeRequest,
        responses={200: AlertBody, 204: OpenApiResponse(description="None is left.")},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person = person_who_works(request)
        given = {} if is_empty(request) else validated(TakeRequest, request)
        queue = queue_named(given["queue"]) if given.get("queue") else None
        taken = take_next_alert(
            acting_user=person, after=given.get("after"), queue_id=queue.pk if queue else None,
            request_id=getattr(request, "request_id", ""),
        )  # fmt: skip
        return _shown(taken)


def _shown(alert: Any) -> Response:
    if alert is None:
        return Response(status=204)
    return Response(AlertBody(existing(alert.pk)).data)


class ReasonBody(serializers.Serializer):
    disposition = serializers.CharField()
    code = serializers.CharField()
    text = serializers.CharField()


class ReasonsBody(serializers.Serializer):
    results = ReasonBody(many=True)


class Reasons(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_alert_reasons",
        summary="Usual reasons for a verdict, by disposition",
        responses=ReasonsBody,
    )
    def get(self, request: Request) -> Response:
        return Response(ReasonsBody({"results": ReasonCode.objects.filter(active=True)}).data)
