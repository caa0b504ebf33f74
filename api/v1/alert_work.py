"""Working one alert: assign, snooze, wake, resolve, undo, open again, move."""

from collections.abc import Callable
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Disposition, Queue
from alerts.services import (
    assign_alert,
    move_alert,
    reopen_alert,
    resolve_alert,
    snooze_alert,
    undo_resolution,
    wake_alert,
)
from api.idempotency import idempotent
from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.v1.alerts import STALE, AlertBody, existing, person_who_works
from api.views import ApiView, validated
from users.models import User
from users.roles import Ability

NOT_OPEN = "Too late, closed by somebody else, or a newer alert stands in its place; `detail` says which."


def version_seen() -> Whole:
    return Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


def whom(email: str | None) -> User | None:
    """The person of an assignment; null is nobody."""
    if email is None:
        return None
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None or not found.can(Ability.WORK_ALERTS):
        raise Refused([Fault("/assignee", "unknown", "is not somebody who works alerts")])
    return found


def queue_named(name: str) -> Queue:
    found = Queue.objects.filter(name=name).first()
    if found is None:
        raise Refused([Fault("/queue", "unknown", "is not a queue")])
    return found


class ResolveRequest(serializers.Serializer):
    disposition = serializers.ChoiceField(Disposition.choices)
    note = Text(
        max_length=4000, required=False, help_text="Why; required unless `reason_code` says it already."
    )
    reason_code = Text(
        max_length=32, required=False, help_text="One of `/alerts/reasons/` for this disposition."
    )
    duplicate_of = Whole(
        required=False, min_value=1, max_value=2**63 - 1, help_text="The other alert; required for duplicate."
    )
    version = version_seen()

    def validate(self, given: dict[str, Any]) -> dict[str, Any]:
        if not given.get("note") and not given.get("reason_code"):
            raise serializers.ValidationError({"note": "This field is required."}, code="required")
        return given


class AssignRequest(serializers.Serializer):
    assignee = Text(
        max_length=254, allow_null=True, help_text="E-mail of an admin or analyst; null for nobody."
    )
    version = version_seen()


class AlertSnooze(serializers.Serializer):
    until = serializers.DateTimeField(help_text="Within 90 days.")
    reason = Text(max_length=500)
    version = version_seen()


class AlertWake(serializers.Serializer):
    version = version_seen()


class AlertReopen(serializers.Serializer):
    reason = Text(max_length=500)
    version = version_seen()


class AlertMove(serializers.Serializer):
    queue = Text(max_length=64, help_text="Name of the queue.")
    reason = Text(max_length=500)
    version = version_seen()


class AlertDeed(ApiView):
    """One deed on one alert, done by a person; answers the alert as it is then."""

    abilities = {"POST": Ability.WORK_ALERTS}
    conflicts = {"POST": STALE}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.method == "POST":
            person_who_works(request)

    def carry_out(
        self, request: Request, alert_id: int, service: Callable[..., Any], **values: Any
    ) -> Response:
        existing(alert_id)
        request_id = getattr(request, "request_id", "")
        service(alert_id=alert_id, acting_user=person_who_works(request), request_id=request_id, **values)
        return Response(AlertBody(existing(alert_id)).data)


class ResolveAlert(AlertDeed):
    @extend_schema(
        operation_id="resolve_alert",
        summary="Close an alert with a verdict",
        request=ResolveRequest,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        given = validated(ResolveRequest, request)
        return self.carry_out(
            request, alert_id, resolve_alert, disposition=given["disposition"], note=given.get("note", ""),
            reason_code=given.get("reason_code", ""), duplicate_of=given.get("duplicate_of"),
            seen_version=given["version"],
        )  # fmt: skip


class AssignAlert(AlertDeed):
    @extend_schema(
        operation_id="assign_alert",
        summary="Give an alert to somebody, or to nobody",
        request=AssignRequest,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        given = validated(AssignRequest, request)
        existing(alert_id)
        return self.carry_out(
            request, alert_id, assign_alert, assignee=whom(given["assignee"]), seen_version=given["version"]
        )


class SnoozeAlert(AlertDeed):
    @extend_schema(
        operation_id="snooze_alert",
        summary="Take an alert out of the queue until a time, or until it becomes graver",
        request=AlertSnooze,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        given = validated(AlertSnooze, request)
        return self.carry_out(
            request, alert_id, snooze_alert, until=given["until"], reason=given["reason"],
            seen_version=given["version"],
        )  # fmt: skip


class WakeAlert(AlertDeed):
    @extend_schema(
        operation_id="wake_alert",
        summary="Bring a snoozed alert back at once",
        request=AlertWake,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        given = validated(AlertWake, request)
        return self.carry_out(request, alert_id, wake_alert, seen_version=given["version"])


class UndoResolution(AlertDeed):
    conflicts = {"POST": NOT_OPEN}

    @extend_schema(
        operation_id="undo_resolution",
        summary="Take back one's own verdict within a minute",
        request=None,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        return self.carry_out(request, alert_id, undo_resolution)


class ReopenAlert(AlertDeed):
    conflicts = {"POST": NOT_OPEN}

    @extend_schema(
        operation_id="reopen_alert",
        summary="Open a closed alert again; its labels are withdrawn",
        request=AlertReopen,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        given = validated(AlertReopen, request)
        return self.carry_out(
            request, alert_id, reopen_alert, reason=given["reason"], seen_version=given["version"]
        )


class MoveAlert(AlertDeed):
    @extend_schema(
        operation_id="move_alert",
        summary="Move an alert to another queue; for supervisors of either, and admins",
        request=AlertMove,
        responses={200: AlertBody},
    )
    @idempotent
    def post(self, request: Request, alert_id: int) -> Response:
        given = validated(AlertMove, request)
        existing(alert_id)
        return self.carry_out(
            request, alert_id, move_alert, queue=queue_named(given["queue"]), reason=given["reason"],
            seen_version=given["version"],
        )  # fmt: skip
