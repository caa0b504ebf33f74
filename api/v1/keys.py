"""API keys of client systems: listed, made, rotated and revoked by people."""

from datetime import timedelta

import django_filters
from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text, Whole
from api.views import ApiView, is_empty, validated
from users.models import ApiKey
from users.roles import Ability, Scope
from users.selectors.keys import STATES, key_list
from users.services.api_keys import (
    GRACE,
    LONGEST_GRACE,
    create_api_key,
    revoke_api_key,
    rotate_api_key,
)

HOUR = timedelta(hours=1)
ENDED = "It was revoked, has expired or was replaced already."


class KeyFilter(ListFilter):
    client = TextFilter(field_name="client__name", label="Name of the client system.")
    scope = django_filters.ChoiceFilter(choices=Scope.choices, method="with_scope")
    state = django_filters.ChoiceFilter(choices=list(STATES.items()), method="in_state")

    def with_scope(self, found: QuerySet[ApiKey], name: str, value: str) -> QuerySet[ApiKey]:
        return found & key_list(timezone.now(), scope=value)

    def in_state(self, found: QuerySet[ApiKey], name: str, value: str) -> QuerySet[ApiKey]:
        return found & key_list(timezone.now(), state=value)


class KeyBody(serializers.Serializer):
    prefix = serializers.CharField(help_text="What stands between the underscores of the key: names it.")
    client = serializers.CharField(source="client.name")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    test = serializers.BooleanField(source="is_test", help_text="Whatever it does is undone.")
    allowed_networks = serializers.ListField(
        child=serializers.CharField(), help_text="Valid from these addresses only; empty: from everywhere."
    )
    rate_limit = serializers.IntegerField(allow_null=True, help_text="Requests a minute.")
    state = serializers.ChoiceField(
        list(STATES.items()), help_text="`replaced`: valid beside its successor until it expires."
    )
    created_at = serializers.DateTimeField()
    expires_at = serializers.DateTimeField(allow_null=True)
    revoked_at = serializers.DateTimeField(allow_null=True)
    last_used_at = serializers.DateTimeField(allow_null=True, help_text="To about a minute.")
    replaced_by = serializers.CharField(source="replaced_by.prefix", allow_null=True, default=None)


class KeyWithSecret(KeyBody):
    key = serializers.CharField(help_text="fg_...; shown in this answer only.")


class KeyPage(Page):
    results = KeyBody(many=True)


class KeyRequest(serializers.Serializer):
    client = Text(max_length=64, help_text="Client system the key belongs to; made when it is new.")
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices), min_length=1, max_length=5)
    test = serializers.BooleanField(required=False, default=False)
    allowed_networks = serializers.ListField(child=Text(max_length=64), required=False, max_length=100)
    rate_limit = Whole(required=False, allow_null=True, min_value=1, max_value=1_000_000_000)
    expires_at = serializers.DateTimeField(required=False, allow_null=True)


class RotationRequest(serializers.Serializer):
    grace_hours = Whole(
        required=False, min_value=0, max_value=LONGEST_GRACE // HOUR, default=GRACE // HOUR,
        help_text="How long the old key works on.",
    )  # fmt: skip
    expires_at = serializers.DateTimeField(
        required=False, allow_null=True, help_text="Left out: as long a life as the old one was given."
    )


class Keys(ApiView):
    abilities = {"GET": Ability.READ_AUDIT, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_keys",
        summary="Keys without their secrets, newest first",
        parameters=[*documented(KeyFilter), *DOCUMENTED],
        responses=KeyPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(KeyFilter, request, key_list(timezone.now()))
        return Response(page(request, found, lambda key: KeyBody(key).data))

    @extend_schema(
        operation_id="create_key",
        summary="A new key; the key itself is in this answer only",
        request=KeyRequest,
        responses={201: KeyWithSecret},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = person_only(request, "Keys are made"), validated(KeyRequest, request)
        key, raw = create_api_key(
            name=given["client"],
            scopes=given["scopes"],
            is_test=given["test"],
            allowed_networks=given.get("allowed_networks", ()),
            rate_limit=given.get("rate_limit"),
            expires_at=given.get("expires_at"),
            created_by=person.email,
            request_id=request_id_of(request),
        )
        return Response({**KeyBody(key).data, "key": raw}, status=201)


class OneKey(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(operation_id="show_key", summary="One key, without its secret", responses=KeyBody)
    def get(self, request: Request, prefix: str) -> Response:
        return Response(KeyBody(_existing(prefix)).data)


class RotateKey(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": ENDED}

    @extend_schema(
        operation_id="rotate_key",
        summary="A successor on the same terms; the old key works on for a while",
        request=RotationRequest,
        responses={201: KeyWithSecret},
    )
    @idempotent
    def post(self, request: Request, prefix: str) -> Response:
        person = person_only(request, "Keys are rotated")
        given = {"grace_hours": GRACE // HOUR} if is_empty(request) else validated(RotationRequest, request)
        _existing(prefix)
        key, raw = rotate_api_key(
            prefix=prefix,
            rotated_by=person.email,
            grace=given["grace_hours"] * HOUR,
            expires_at=given.get("expires_at"),
            request_id=request_id_of(request),
        )
        return Response({**KeyBody(key).data, "key": raw}, status=201)


class RevokeKey(ApiView):
    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="revoke_key",
        summary="End a key for good, at once",
        request=None,
        responses={200: KeyBody},
    )
    @idempotent
    def post(self, request: Request, prefix: str) -> Response:
        person = person_only(request, "Keys are revoked")
        _existing(prefix)
        key = revoke_api_key(prefix=prefix, revoked_by=person.email, request_id=request_id_of(request))
        return Response(KeyBody(key).data)


def _existing(prefix: str) -> ApiKey:
    found = key_list(timezone.now()).filter(prefix=prefix).first()
    if found is None:
        raise Http404
    return found
