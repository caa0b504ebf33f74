"""POST /predict/ says what a payment would be answered; nothing is stored."""

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import client_of
from api.v1.decisions import DecisionBody
from api.v1.transactions import EVENT
from api.views import ApiView, body_of
from fraud_detection.services.predictions import predict_payment
from users.roles import Ability


class PredictedBody(DecisionBody):
    """The decision that the payment would get now."""

    id = serializers.IntegerField(allow_null=True, help_text="Null: nothing was stored.")


class Predict(ApiView):
    abilities = {"POST": Ability.DECIDE}

    @extend_schema(
        operation_id="predict_transaction",
        summary="Score one transaction against history without storing it",
        request=EVENT,
        responses={200: PredictedBody},
    )
    def post(self, request: Request) -> Response:
        return Response(predict_payment(body_of(request), client=client_of(request)))
