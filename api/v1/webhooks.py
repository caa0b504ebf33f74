"""Webhook endpoints: who is sent what, every delivery with its tries, replay and new secrets."""

from typing import Any

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import DeliveryState, WebhookDelivery, WebhookEndpoint, WebhookEvent
from alerts.selectors.notifications import webhook_deliveries, webhook_endpoints
from alerts.services.webhooks import (
    change_endpoint,
    delete_endpoint,
    new_endpoint,
    replay,
    rotate_secret,
    send_test,
)
from api.authentication import person_only, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Text, Whole
from api.views import ApiView, validated
from users.models import User
from users.roles import Ability

STALE = "The endpoint was changed since the `version` that was sent, or deleted."


class WebhookEndpointBody(serializers.Serializer):
    id = serializers.IntegerField()
    url = serializers.CharField()
    description = serializers.CharField(allow_blank=True)
    events = serializers.ListField(child=serializers.ChoiceField(WebhookEvent.choices))
    active = serializers.BooleanField()
    off_reason = serializers.CharField(allow_blank=True, help_text="Why it is not active.")
    failures = serializers.IntegerField(help_text="In a row, since the last success.")
    failing_since = serializers.DateTimeField(allow_null=True)
    paused_until = serializers.DateTimeField(allow_null=True, help_text="Nothing is tried before.")
    last_success_at = serializers.DateTimeField(allow_null=True)
    last_error = serializers.CharField(allow_blank=True)
    former_secret_until = serializers.DateTimeField(
        allow_null=True, help_text="Until then two signatures are sent."
    )
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    changed_at = serializers.DateTimeField()
    changed_by = serializers.CharField()
    version = serializers.IntegerField(source="revision", help_text="Send it back with a change.")


class WebhookEndpointWithSecret(WebhookEndpointBody):
    secret = serializers.CharField(help_text="whsec_...; shown once.")


class WebhookEndpointPage(Page):
    results = WebhookEndpointBody(many=True)


class WebhookEndpointRequest(serializers.Serializer):
    url = Text(max_length=2000)
    events = serializers.ListField(child=serializers.ChoiceField(WebhookEvent.choices), min_length=1)
    description = Text(max_length=200, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


class WebhookEndpointChange(serializers.Serializer):
    version = Whole(min_value=1, max_value=2**31 - 1, help_text="The `version` you saw.")
    url = Text(max_length=2000, required=False)
    events = serializers.ListField(
        child=serializers.ChoiceField(WebhookEvent.choices), min_length=1, required=False
    )
    description = Text(max_length=200, required=False, allow_blank=True)
    active = serializers.BooleanField(required=False)


class DeliveryAttemptBody(serializers.Serializer):
    at = serializers.DateTimeField()
    status = serializers.IntegerField(allow_null=True)
    latency_ms = serializers.IntegerField()
    error = serializers.CharField(allow_blank=True)
    response = serializers.CharField(allow_blank=True, help_text="The beginning of the answer.")


class WebhookDeliveryBody(serializers.Serializer):
    id = serializers.IntegerField()
    webhook_id = serializers.CharField(help_text="The header webhook-id, the same at every try.")
    event = serializers.CharField()
    state = serializers.ChoiceField(DeliveryState.choices)
    attempts = serializers.IntegerField(
        help_text="Tries begun; one more than `tries` when a worker ended in the middle."
    )
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    dead_reason = serializers.CharField(allow_blank=True)
    replayed_by = serializers.CharField(allow_blank=True)
    tries = DeliveryAttemptBody(many=True)


class WebhookDeliveryPage(Page):
    results = WebhookDeliveryBody(many=True)


class WebhookDeliveryFilter(ListFilter):
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices)
    event = TextFilter()


class Webhooks(ApiView):
    abilities = {"GET": Ability.MANAGE, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_webhooks",
        summary="Endpoints, newest first",
        parameters=DOCUMENTED,
        responses=WebhookEndpointPage,
    )
    def get(self, request: Request) -> Response:
        return Response(page(request, webhook_endpoints(), lambda one: WebhookEndpointBody(one).data))

    @extend_schema(
        operation_id="create_webhook",
        summary="A new endpoint; its secret is in this answer only",
        request=WebhookEndpointRequest,
        responses={201: WebhookEndpointWithSecret},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = person_who(request), validated(WebhookEndpointRequest, request)
        endpoint, secret = new_endpoint(**given, acting_user=person, request_id=request_id_of(request))
        return Response({**WebhookEndpointBody(endpoint).data, "secret": secret}, status=201)


class OneWebhook(ApiView):
    abilities = {"GET": Ability.MANAGE, "PATCH": Ability.MANAGE, "DELETE": Ability.MANAGE}
    conflicts = {"PATCH": STALE, "DELETE": STALE}

    @extend_schema(operation_id="show_webhook", summary="One endpoint", responses=WebhookEndpointBody)
    def get(self, request: Request, webhook_id: int) -> Response:
        return Response(WebhookEndpointBody(_existing(webhook_id)).data)

    @extend_schema(
        operation_id="change_webhook",
        summary="Change an endpoint",
        request=WebhookEndpointChange,
        responses={200: WebhookEndpointBody},
    )
    def patch(self, request: Request, webhook_id: int) -> Response:
        person, given = person_who(request), validated(WebhookEndpointChange, request)
        _existing(webhook_id)
        seen = given.pop("version")
        changed = change_endpoint(
            webhook_id, seen=seen, acting_user=person, request_id=request_id_of(request), **given
        )
        return Response(WebhookEndpointBody(changed).data)

    @extend_schema(operation_id="delete_webhook", summary="Delete an endpoint", responses={204: None})
    def delete(self, request: Request, webhook_id: int) -> Response:
        person = person_who(request)
        _existing(webhook_id)
        delete_endpoint(webhook_id, acting_user=person, request_id=request_id_of(request))
        return Response(status=204)


class RotateWebhookSecret(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": STALE}

    @extend_schema(
        operation_id="rotate_webhook_secret",
        summary="A new secret; the former one signs too for a day",
        request=None,
        responses={200: WebhookEndpointWithSecret},
    )
    @idempotent
    def post(self, request: Request, webhook_id: int) -> Response:
        person = person_who(request)
        _existing(webhook_id)
        endpoint, secret = rotate_secret(webhook_id, acting_user=person, request_id=request_id_of(request))
        return Response({**WebhookEndpointBody(endpoint).data, "secret": secret})


class TryWebhook(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": STALE}

    @extend_schema(
        operation_id="test_webhook",
        summary="Queue a webhook.test for this endpoint",
        request=None,
        responses={201: WebhookDeliveryBody},
    )
    @idempotent
    def post(self, request: Request, webhook_id: int) -> Response:
        person = person_who(request)
        _existing(webhook_id)
        delivery = send_test(webhook_id, acting_user=person, request_id=request_id_of(request))
        return Response(_shown(delivery), status=201)


class WebhookDeliveries(ApiView):
    abilities = {"GET": Ability.MANAGE}

    @extend_schema(
        operation_id="list_webhook_deliveries",
        summary="What was sent to an endpoint, newest first, with every try",
        parameters=[*documented(WebhookDeliveryFilter), *DOCUMENTED],
        responses=WebhookDeliveryPage,
    )
    def get(self, request: Request, webhook_id: int) -> Response:
        _existing(webhook_id)
        found = filtered(WebhookDeliveryFilter, request, webhook_deliveries(webhook_id))
        return Response(page(request, found, _shown))


class ReplayWebhookDelivery(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": "It is still being tried, or its endpoint is switched off."}

    @extend_schema(
        operation_id="replay_webhook_delivery",
        summary="Send a delivery again, under the same webhook-id",
        request=None,
        responses={200: WebhookDeliveryBody},
    )
    @idempotent
    def post(self, request: Request, delivery_id: int) -> Response:
        person = person_who(request)
        if not WebhookDelivery.objects.filter(pk=delivery_id).exists():
            raise Http404
        return Response(_shown(replay(delivery_id, acting_user=person, request_id=request_id_of(request))))


def person_who(request: Request) -> User:
    """Settings carry the name of the person who made them."""
    return person_only(request, "This is managed")


def _existing(webhook_id: int) -> WebhookEndpoint:
    endpoint = webhook_endpoints().filter(pk=webhook_id).first()
    if endpoint is None:
        raise Http404
    return endpoint


def _shown(delivery: WebhookDelivery) -> dict[str, Any]:
    return WebhookDeliveryBody(delivery).data
