"""POST /aml/detect/ looks at a transaction for signs of money laundering."""

from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import client_of
from api.idempotency import DOCUMENTED as DOCUMENTED_KEY
from api.idempotency import idempotent
from api.v1.decisions import DecisionBody
from api.v1.engine_request import REPLAYED, EngineRequest
from api.views import ApiView, body_of
from fraud_detection.services.decisions import decide_payment
from users.roles import Ability

ENGINE = "aml"


class AmlRequest(EngineRequest):
    """One transaction, with the fields of `/transactions/`."""

    engine = ENGINE
    example = {
        "transaction_id": "TXN-1001",
        "user_id": "U-1",
        "amount": 9800,
        "sender_id": "S-1",
        "receiver_id": "R-1",
    }


class AmlBody(DecisionBody):
    """What was found about one transaction; hits are suspicions, not proofs."""

    user_id = serializers.CharField()
    amount = serializers.FloatField(help_text="As sent, in the currency of the transaction.")
    sender_id = serializers.CharField()
    receiver_id = serializers.CharField()


class AmlDetect(ApiView):
    abilities = {"POST": Ability.DECIDE}
    commits_itself = True
    conflicts = {"POST": "The transaction is known, and what was sent differs from it."}

    @extend_schema(
        operation_id="detect_money_laundering",
        summary="Look at a transaction for signs of money laundering",
        request=AmlRequest,
        responses={
            201: AmlBody,
            200: OpenApiResponse(AmlBody, "Assessed before; nothing was stored."),
        },
        parameters=[REPLAYED, DOCUMENTED_KEY],
    )
    @idempotent
    def post(self, request: Request) -> Response:
        decided = decide_payment(body_of(request), client=client_of(request), engine=ENGINE)
        if decided.replayed:
            return Response(decided.answer, status=200, headers={"Idempotent-Replayed": "true"})
        return Response(decided.answer, status=201)
