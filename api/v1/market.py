"""POST /market/detect/ looks at an order, cancel or trade for signs of manipulation."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Severity
from api.authentication import client_of
from api.idempotency import DOCUMENTED as DOCUMENTED_KEY
from api.idempotency import idempotent
from api.v1.decisions import DecidedPart
from api.v1.engine_request import REPLAYED, EngineRequest
from api.views import ApiView, body_of
from fraud_detection.models import Decision
from fraud_detection.services.sources import decide_event
from users.roles import Ability

ENGINE = "market"


class MarketRequest(EngineRequest):
    """One order, cancel or trade of an account; a cancel names its order."""

    engine = ENGINE
    example = {"symbol": "MSFT", "price": 425.5, "volume": 12000, "trader_id": "TR-99"}


class MarketEvidence(serializers.Serializer):
    """`kind` says what it is: a value, a threshold, the window looked at, or an event in it."""

    kind = serializers.ChoiceField(["value", "threshold", "window", "event"])
    name = serializers.CharField(required=False, help_text="Of a value or a threshold.")
    value = serializers.JSONField(required=False)
    id = serializers.CharField(required=False, help_text="Of an event, the client's own id.")


class MarketAlert(serializers.Serializer):
    rule = serializers.CharField()
    alert_type = serializers.CharField()
    severity = serializers.ChoiceField(Severity.choices)
    confidence = serializers.FloatField(min_value=0, max_value=1)
    reason = serializers.CharField()
    evidence = MarketEvidence(many=True)
    metadata = serializers.DictField()


class MarketBody(DecidedPart):
    """What was found about one event; hits are suspicions, not proofs."""

    event_id = serializers.CharField(help_text="As sent, or the one given to it.")
    event = serializers.ChoiceField(["order", "cancel", "trade"])
    symbol = serializers.CharField()
    trader_id = serializers.CharField()
    price = serializers.FloatField()
    volume = serializers.FloatField()
    manipulation_risk = serializers.FloatField(min_value=0, max_value=100)
    decision = serializers.ChoiceField(Decision.choices)
    is_fraud = serializers.BooleanField(help_text="Suspected: the risk reached the review threshold.")
    alerts = MarketAlert(many=True)
    not_evaluable = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that lacked an input, such as order data."
    )
    insufficient_data = serializers.ListField(
        child=serializers.CharField(), help_text="Rules that lacked history."
    )
    notes = serializers.ListField(
        child=serializers.CharField(), help_text="Such as a cancel of no known order."
    )


class MarketDetect(ApiView):
    abilities = {"POST": Ability.DECIDE}
    commits_itself = True
    conflicts = {"POST": "The same event_id was decided with another body."}

    @extend_schema(
        operation_id="detect_market_manipulation",
        summary="Look at an order, cancel or trade for signs of manipulation",
        request=MarketRequest,
        responses={
            201: MarketBody,
            200: OpenApiResponse(MarketBody, "Decided before; nothing was stored."),
        },
        parameters=[REPLAYED, DOCUMENTED_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        decided = decide_event(ENGINE, body_of(request), client=client_of(request))
        if decided.replayed:
            return Response(decided.answer, status=200, headers={"Idempotent-Replayed": "true"})
        return Response(decided.answer, status=201)
