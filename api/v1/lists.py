"""Lists that people manage: block, allow, and the custom ones that rules read."""

from typing import Any

from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.idempotency import idempotent
from api.shapes import Text, Whole
from api.views import ApiView, validated
from fraud_detection.models import CUSTOM_KINDS, CustomList
from fraud_detection.services.listing.life import delete_custom_list, describe_custom_list, make_custom_list
from fraud_detection.services.listing.overview import Overview, lists_overview, one_list
from users.models import User
from users.roles import Ability

STALE = "The list was changed since the `version` that was sent, or rules use it; the detail names them."


class ReadingBody(serializers.Serializer):
    engine = serializers.CharField()
    rule = serializers.CharField()
    rule_id = serializers.IntegerField()
    stage = serializers.CharField(help_text="draft, shadow, pending, active or paused.")


class ListBody(serializers.Serializer):
    name = serializers.CharField()
    kind = serializers.CharField(
        allow_null=True, help_text="What it holds; null for block and allow: anything."
    )
    description = serializers.CharField()
    entries = serializers.IntegerField(help_text="That stand now.")
    used_by = ReadingBody(many=True)
    hits_30d = serializers.IntegerField(allow_null=True, help_text="Of the block list.")
    version = serializers.IntegerField(allow_null=True, help_text="Send it back with an edit.")
    created_at = serializers.DateTimeField(allow_null=True)
    created_by = serializers.CharField(allow_blank=True)


class ListsBody(serializers.Serializer):
    results = ListBody(many=True)


class NewList(serializers.Serializer):
    name = Text(max_length=48, help_text="3 to 48 small letters, digits and _; rules name it so.")
    kind = serializers.ChoiceField(CUSTOM_KINDS, default="word")
    description = Text(max_length=500)


class ListEdit(serializers.Serializer):
    description = Text(max_length=500)
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


class ListEnd(serializers.Serializer):
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")


class Lists(ApiView):
    abilities = {"GET": Ability.READ, "POST": Ability.DRAFT_RULES}

    @extend_schema(
        operation_id="list_lists", summary="Block, allow and every custom list", responses=ListsBody
    )
    def get(self, request: Request) -> Response:
        return Response({"results": ListBody(lists_overview(timezone.now()), many=True).data})

    @extend_schema(
        operation_id="make_list",
        summary="Make a custom list; a deleted one of the same name comes back empty",
        request=NewList,
        responses={201: ListBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person = person_for_lists(request)
        given = validated(NewList, request)
        made = make_custom_list(**given, acting_user=person, **traced(request))
        return Response(ListBody(existing(made.name)).data, status=201)


class OneList(ApiView):
    deletes_with = ListEnd
    abilities = {"GET": Ability.READ, "PATCH": Ability.DRAFT_RULES, "DELETE": Ability.DRAFT_RULES}
    conflicts = {"PATCH": STALE, "DELETE": STALE}

    @extend_schema(operation_id="show_list", summary="One list and where it is used", responses=ListBody)
    def get(self, request: Request, name: str) -> Response:
        return Response(ListBody(existing(name)).data)

    @extend_schema(
        operation_id="describe_list",
        summary="Say anew what a custom list is for",
        request=ListEdit,
        responses={200: ListBody},
    )
    def patch(self, request: Request, name: str) -> Response:
        person, given = _editing(request, name, ListEdit)
        describe_custom_list(
            name=name,
            description=given["description"],
            seen=given["version"],
            acting_user=person,
            **traced(request),
        )
        return Response(ListBody(existing(name)).data)

    @extend_schema(
        operation_id="delete_list",
        summary="Delete a custom list that no rule uses",
        request=ListEnd,
        responses={204: None},
    )
    def delete(self, request: Request, name: str) -> Response:
        person, given = _editing(request, name, ListEnd)
        delete_custom_list(name=name, seen=given["version"], acting_user=person, **traced(request))
        return Response(status=204)


def existing(name: str) -> Overview:
    try:
        return one_list(name, timezone.now())
    except CustomList.DoesNotExist:
        raise Http404 from None


def person_for_lists(request: Request) -> User:
    """Entries carry the name of a person."""
    return person_only(request, "Lists are kept")


def traced(request: Request) -> dict[str, str]:
    return {"request_id": request_id_of(request)}


def _editing(request: Request, name: str, kind: type[serializers.Serializer]) -> tuple[User, dict[str, Any]]:
    person = person_for_lists(request)
    if not existing(name).is_custom:
        raise PermissionDenied("Block and allow are always there; only their entries change.")
    return person, validated(kind, request)
