"""What watching a model found: drift, calibration as labels mature, and what people were told."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Severity
from api.v1.models import existing_model
from api.views import ApiView
from fraud_detection.models import MonitoringSnapshot
from fraud_detection.services.monitoring.reading import DRIFT, newest_of, open_alarms
from users.roles import Ability


class DriftRow(serializers.Serializer):
    name = serializers.CharField()
    status = serializers.ChoiceField(("ok", "too few", "no reference"))
    n = serializers.IntegerField()
    psi = serializers.FloatField(allow_null=True, help_text="Null unless the status is ok.")
    missing = serializers.ListField(
        child=serializers.FloatField(), allow_null=True, help_text="Share missing in training, and now."
    )
    edges = serializers.ListField(
        child=serializers.FloatField(), required=False, help_text="Of the training bins; twelve features."
    )
    expected = serializers.ListField(
        child=serializers.FloatField(),
        required=False,
        help_text="Shares by bin in training; the last is missing.",
    )
    actual = serializers.ListField(child=serializers.FloatField(), required=False, help_text="The same, now.")


class DriftWindow(serializers.Serializer):
    days = serializers.IntegerField(help_text="1, 7 or 30.")
    as_of = serializers.DateTimeField()
    since = serializers.DateTimeField()
    until = serializers.DateTimeField()
    n = serializers.IntegerField(help_text="Decisions in the sample.")
    moved = serializers.IntegerField(help_text="Features past DRIFT_WARNING.")
    past = serializers.IntegerField(help_text="Features past DRIFT_ALERT.")
    share_past = serializers.FloatField(help_text="The share of the model's importance that they have.")
    score = DriftRow()
    features = DriftRow(many=True, help_text="Most moved first.")


class Interval(serializers.Serializer):
    """A share with its 95% Wilson interval."""

    hits = serializers.IntegerField()
    n = serializers.IntegerField()
    value = serializers.FloatField(allow_null=True)
    low = serializers.FloatField()
    high = serializers.FloatField()


class Decile(serializers.Serializer):
    """One tenth of the decisions by score; `from` and `until` are its lowest and highest."""

    predicted = serializers.FloatField()
    until = serializers.FloatField()
    observed = Interval()

    def get_fields(self) -> dict[str, serializers.Field]:
        return {"from": serializers.FloatField(), **super().get_fields()}


class Age(serializers.Serializer):
    """Decisions of one age, as far as their outcome is known."""

    from_days = serializers.IntegerField()
    until_days = serializers.IntegerField()
    settled = serializers.BooleanField(help_text="Old enough for all labels; else observed is a lower bound.")
    decisions = serializers.IntegerField()
    labelled = serializers.IntegerField()
    n = serializers.IntegerField(help_text="Labelled, or approved and not labelled (legitimate so far).")
    predicted = serializers.FloatField(allow_null=True)
    observed = Interval()
    ratio = serializers.FloatField(allow_null=True, help_text="Observed / predicted; null for few frauds.")
    ratio_low = serializers.FloatField(allow_null=True)
    ratio_high = serializers.FloatField(allow_null=True)
    deciles = Decile(many=True)


class Alarm(serializers.Serializer):
    kind = serializers.CharField()
    subject = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    message = serializers.CharField()
    opened_at = serializers.DateTimeField()
    last_seen_at = serializers.DateTimeField()
    acknowledged_by = serializers.CharField(allow_blank=True)


class DriftBody(serializers.Serializer):
    model = serializers.CharField()
    drift = DriftWindow(many=True, help_text="The last day, 7 and 30 days; empty before it decides.")
    calibration = Age(many=True, help_text="Youngest decisions first.")
    calibration_as_of = serializers.DateTimeField(allow_null=True)
    alarms = Alarm(many=True, help_text="Open ones of its engine.")


class ModelDrift(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_model_drift",
        summary="How far a model's traffic has moved from its training, and what became of its scores",
        responses=DriftBody,
    )
    def get(self, request: Request, model_id: str) -> Response:
        version = existing_model(model_id)
        newest = newest_of(version)
        calibration = newest.get("calibration")
        found = {
            "model": str(version),
            "drift": [_window(newest[kind]) for kind in DRIFT if kind in newest],
            "calibration": calibration.figures["ages"] if calibration else [],
            "calibration_as_of": calibration and calibration.as_of,
            "alarms": open_alarms(version.engine),
        }
        return Response(DriftBody(found).data)


def _window(snapshot: MonitoringSnapshot) -> dict[str, Any]:
    days = int(snapshot.kind.removeprefix("drift_").removesuffix("d"))
    return {**snapshot.figures, "days": days, "as_of": snapshot.as_of}
