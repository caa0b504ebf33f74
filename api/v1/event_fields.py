"""Fields that clients send with transactions beyond those of the request."""

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text, Whole
from api.v1.feature_definitions import SEEN, person
from api.views import ApiView, validated
from fraud_detection.models import DeclaredField, FieldKind
from fraud_detection.services.feature_definitions import change_field, declare_field
from users.roles import Ability


class EventFieldBody(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField(help_text="As clients send it, beside the request's fields or in metadata.")
    read_as = serializers.SerializerMethodField(help_text="As rules, models and definitions read it.")
    kind = serializers.ChoiceField(FieldKind.choices)
    unit = serializers.CharField(allow_blank=True)
    meaning = serializers.CharField()
    active = serializers.BooleanField()
    version = serializers.IntegerField(source="revision", help_text="Send it back with a change.")
    author = serializers.CharField()
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField(allow_blank=True)

    def get_read_as(self, row: DeclaredField) -> str:
        return f"field_{row.name}"


class EventFieldPage(Page):
    results = EventFieldBody(many=True)


class NewEventField(serializers.Serializer):
    name = Text(max_length=200, help_text="2 to 40 lower-case letters, digits and _; it never changes.")
    kind = Text(max_length=32, help_text="number, text or bool; it never changes.")
    unit = Text(max_length=200, required=False, default="", allow_blank=True)
    meaning = Text(max_length=1000)


class ChangedEventField(serializers.Serializer):
    version = Whole(min_value=1, max_value=2**31 - 1, help_text=SEEN)
    meaning = Text(max_length=1000, required=False)
    active = serializers.BooleanField(required=False, help_text="false: clients may send it no more.")


class EventFields(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DRAFT_RULES}
    conflicts = {"POST": "A field of this name is declared already."}

    @extend_schema(
        operation_id="list_event_fields",
        summary="Declared fields, newest first",
        parameters=DOCUMENTED,
        responses=EventFieldPage,
    )
    def get(self, request: Request) -> Response:
        rows = DeclaredField.objects.all()
        return Response(page(request, rows, lambda row: EventFieldBody(row).data))

    @extend_schema(
        operation_id="declare_event_field",
        summary="Declare a typed field that clients may send with transactions",
        request=NewEventField,
        responses={201: EventFieldBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        by = person(request)
        row = declare_field(**validated(NewEventField, request), **by)
        return Response(EventFieldBody(row).data, status=201)


class OneEventField(ApiView):
    abilities = {"PATCH": Ability.DRAFT_RULES}
    conflicts = {"PATCH": "It was changed since the `version` that was sent, or something reads it."}

    @extend_schema(
        operation_id="change_event_field",
        summary="Reword a declared field, withdraw it or take it again",
        request=ChangedEventField,
        responses={200: EventFieldBody},
    )
    def patch(self, request: Request, field_id: int) -> Response:
        by = person(request)
        row = get_object_or_404(DeclaredField, pk=field_id)
        told = validated(ChangedEventField, request)
        seen = told.pop("version")
        return Response(EventFieldBody(change_field(row, seen=seen, **told, **by)).data)
