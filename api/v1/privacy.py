"""Export and erasure of all that is stored about a customer."""

from django.http import FileResponse, Http404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import actor_of, person_of, person_only, request_id_of
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.reading import note_read
from api.shapes import Text
from api.views import ApiView, validated
from fraud_detection.models import ErasureRequest, ErasureState
from fraud_detection.services.privacy import (
    ask_erasure,
    carry_out_erasure,
    export_customer,
    withdraw_erasure,
)
from users.models import Customer
from users.roles import Ability


class ErasureAsk(serializers.Serializer):
    reason = Text(max_length=1000, help_text="Who asked for it, how and when.")


class ErasureBody(serializers.Serializer):
    id = serializers.IntegerField()
    customer = serializers.CharField(source="customer.external_id", help_text="A pseudonym once it began.")
    state = serializers.ChoiceField(choices=ErasureState.choices)
    reason = serializers.CharField()
    asked_by = serializers.CharField()
    asked_at = serializers.DateTimeField()
    carried_out_by = serializers.CharField(allow_blank=True)
    started_at = serializers.DateTimeField(allow_null=True)
    ended_at = serializers.DateTimeField(allow_null=True)
    changed = serializers.DictField(child=serializers.IntegerField(), help_text="Rows changed, by step.")


class ErasurePage(Page):
    results = ErasureBody(many=True)


def existing(customer_id: str) -> Customer:
    customer = Customer.objects.filter(external_id=customer_id).first()
    if customer is None:
        raise Http404
    return customer


class ExportCustomer(ApiView):
    abilities = {"GET": Ability.PRIVACY}

    @extend_schema(
        operation_id="export_customer",
        summary="All that is stored about a customer, but for suspicious-activity reports",
        responses={(200, "application/zip"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, customer_id: str) -> FileResponse:
        customer = existing(customer_id)
        note_read(request, customer, "export")
        archive = export_customer(
            customer,
            actor_kind="user" if person_of(request) else "client",
            actor=actor_of(request),
            request_id=request_id_of(request),
        )
        name = f"customer-{customer.pk}.zip"
        return FileResponse(archive, as_attachment=True, filename=name, content_type="application/zip")


class EraseCustomer(ApiView):
    abilities = {"POST": Ability.PRIVACY}
    conflicts = {"POST": "It was asked already, or a duty to keep stands against it."}

    @extend_schema(
        operation_id="request_erasure",
        summary="Ask that a customer is erased; another person carries it out",
        request=ErasureAsk,
        responses={201: ErasureBody},
    )
    @idempotent
    def post(self, request: Request, customer_id: str) -> Response:
        person = person_only(request, "Erasures are asked for")
        given = validated(ErasureAsk, request)
        asked = ask_erasure(
            customer_id=existing(customer_id).pk,
            **given,
            acting_user=person,
            request_id=request_id_of(request),
        )
        return Response(ErasureBody(asked).data, status=201)


class Erasures(ApiView):
    abilities = {"GET": Ability.PRIVACY}

    @extend_schema(
        operation_id="list_erasures",
        summary="Erasures that were asked for, newest first",
        parameters=DOCUMENTED,
        responses=ErasurePage,
    )
    def get(self, request: Request) -> Response:
        found = ErasureRequest.objects.select_related("customer")
        return Response(page(request, found, lambda erasure: ErasureBody(erasure).data))


class CarryOutErasure(ApiView):
    abilities = {"POST": Ability.PRIVACY}
    commits_itself = True
    conflicts = {"POST": "It no longer waits, or a duty to keep stands against it."}

    @extend_schema(
        operation_id="carry_out_erasure",
        summary="Begin an erasure that somebody else asked for",
        request=None,
        responses={202: OpenApiResponse(ErasureBody, "It has begun, and cannot be stopped.")},
    )
    @idempotent
    def post(self, request: Request, erasure_id: int) -> Response:
        person = person_only(request, "Erasures are carried out")
        begun = _found(carry_out_erasure, erasure_id, person, request)
        return Response(ErasureBody(begun).data, status=202)


class WithdrawErasure(ApiView):
    abilities = {"POST": Ability.PRIVACY}
    conflicts = {"POST": "It no longer waits."}

    @extend_schema(
        operation_id="withdraw_erasure",
        summary="Take back an erasure that nobody has carried out",
        request=None,
        responses={200: ErasureBody},
    )
    @idempotent
    def post(self, request: Request, erasure_id: int) -> Response:
        person = person_only(request, "Erasures are withdrawn")
        return Response(ErasureBody(_found(withdraw_erasure, erasure_id, person, request)).data)


def _found(act, erasure_id: int, person, request: Request) -> ErasureRequest:
    try:
        return act(erasure_id=erasure_id, acting_user=person, request_id=request_id_of(request))
    except ErasureRequest.DoesNotExist:
        raise Http404 from None
