"""Rules of who is told what, and channels."""

from typing import Any

from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import (
    NotificationChannel,
    NotificationRule,
    Severity,
    Topic,
)
from alerts.services.notifying import managing
from alerts.services.notifying.rule_checks import SOURCES
from alerts.services.notifying.rules import rules_in_force
from api.authentication import request_id_of
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.problems import Fault, Refused
from api.shapes import Text, Whole
from api.v1.webhooks import person_who
from api.views import ApiView, validated
from fraud_detection.engines.registry import ENGINES
from users.models import User
from users.roles import Ability, Role

STALE = "It was changed since the `version` that was sent."
SEEN = {"min_value": 1, "max_value": 2**31 - 1, "help_text": "The `version` you saw."}


class NotificationRuleBody(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    topic = serializers.ChoiceField(Topic.choices)
    engine = serializers.CharField(allow_blank=True)
    min_severity = serializers.ChoiceField(Severity.choices)
    min_amount_minor = serializers.IntegerField(allow_null=True)
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices))
    users = serializers.SerializerMethodField(help_text="E-mails.")
    queue = serializers.CharField(allow_blank=True)
    channels = serializers.ListField(child=serializers.CharField())
    active = serializers.BooleanField()
    version = serializers.IntegerField(source="revision")

    def get_users(self, rule: NotificationRule) -> list[str]:
        return sorted(user.email for user in rule.users.all())


class NotificationRulePage(Page):
    results = NotificationRuleBody(many=True)
    shipped = serializers.ListField(
        child=serializers.CharField(), help_text="Names of the shipped rules while they are in force."
    )


class NotificationRuleRequest(serializers.Serializer):
    name = Text(max_length=100)
    topic = serializers.ChoiceField(Topic.choices)
    engine = serializers.ChoiceField((*ENGINES, *SOURCES), allow_blank=True, required=False)
    min_severity = serializers.ChoiceField(Severity.choices, required=False)
    min_amount_minor = Whole(min_value=0, max_value=10**17, allow_null=True, required=False)
    roles = serializers.ListField(child=serializers.ChoiceField(Role.choices), required=False)
    users = serializers.ListField(child=Text(max_length=254), max_length=200, required=False)
    queue = Text(max_length=64, allow_blank=True, required=False)
    channels = serializers.ListField(
        child=Text(max_length=32), help_text="in_app, email, notify_urls, channel:<id>."
    )
    active = serializers.BooleanField(required=False)


class NotificationRuleChange(NotificationRuleRequest):
    version = Whole(**SEEN)


class NotificationChannelBody(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    service = serializers.CharField(help_text="What it speaks to; the URL is never shown again.")
    owner = serializers.CharField(source="owner.email", allow_null=True, default=None)
    active = serializers.BooleanField()
    created_at = serializers.DateTimeField()
    created_by = serializers.CharField()
    version = serializers.IntegerField(source="revision")


class NotificationChannelPage(Page):
    results = NotificationChannelBody(many=True)


class NotificationChannelRequest(serializers.Serializer):
    name = Text(max_length=64)
    url = Text(max_length=2000, help_text="An Apprise URL of a service that is spoken to over HTTP.")
    owner = Text(max_length=254, allow_null=True, required=False, help_text="E-mail; null: shared.")


class NotificationChannelChange(serializers.Serializer):
    version = Whole(**SEEN)
    active = serializers.BooleanField(required=False)
    url = Text(max_length=2000, required=False)


class NotificationRules(ApiView):
    abilities = {"GET": Ability.MANAGE, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_notification_rules",
        summary="Who is told what",
        parameters=DOCUMENTED,
        responses=NotificationRulePage,
    )
    def get(self, request: Request) -> Response:
        listed = page(request, NotificationRule.objects.prefetch_related("users"), _rule)
        stored = NotificationRule.objects.exists()
        shipped = [] if stored else [rule.name for rule in rules_in_force()]
        return Response({**listed, "shipped": shipped})

    @extend_schema(
        operation_id="create_notification_rule",
        summary="A new rule",
        request=NotificationRuleRequest,
        responses={201: NotificationRuleBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = person_who(request), validated(NotificationRuleRequest, request)
        rule = managing.save_rule(None, values=given, acting_user=person, request_id=request_id_of(request))
        return Response(_rule(rule), status=201)


class OneNotificationRule(ApiView):
    abilities = {"PUT": Ability.MANAGE, "DELETE": Ability.MANAGE}
    conflicts = {"PUT": STALE}

    @extend_schema(
        operation_id="change_notification_rule",
        summary="Change a rule",
        request=NotificationRuleChange,
        responses={200: NotificationRuleBody},
    )
    def put(self, request: Request, rule_id: int) -> Response:
        person, given = person_who(request), validated(NotificationRuleChange, request)
        _existing(NotificationRule, rule_id)
        seen = given.pop("version")
        rule = managing.save_rule(
            rule_id, values=given, acting_user=person, seen=seen, request_id=request_id_of(request)
        )
        return Response(_rule(rule))

    @extend_schema(operation_id="delete_notification_rule", summary="Delete a rule", responses={204: None})
    def delete(self, request: Request, rule_id: int) -> Response:
        person = person_who(request)
        _existing(NotificationRule, rule_id)
        managing.delete_rule(rule_id, acting_user=person, request_id=request_id_of(request))
        return Response(status=204)


class NotificationChannels(ApiView):
    abilities = {"GET": Ability.MANAGE, "POST": Ability.MANAGE}

    @extend_schema(
        operation_id="list_notification_channels",
        summary="Chats, pagers and SMS gateways",
        parameters=DOCUMENTED,
        responses=NotificationChannelPage,
    )
    def get(self, request: Request) -> Response:
        return Response(page(request, NotificationChannel.objects.select_related("owner"), _channel))

    @extend_schema(
        operation_id="create_notification_channel",
        summary="A new channel; its URL is never shown again",
        request=NotificationChannelRequest,
        responses={201: NotificationChannelBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        person, given = person_who(request), validated(NotificationChannelRequest, request)
        given["owner"] = _owner(given.get("owner"))
        channel = managing.new_channel(**given, acting_user=person, request_id=request_id_of(request))
        return Response(_channel(channel), status=201)


class OneNotificationChannel(ApiView):
    abilities = {"PATCH": Ability.MANAGE, "DELETE": Ability.MANAGE}
    conflicts = {"PATCH": STALE}

    @extend_schema(
        operation_id="change_notification_channel",
        summary="Switch a channel on or off, or give it another URL",
        request=NotificationChannelChange,
        responses={200: NotificationChannelBody},
    )
    def patch(self, request: Request, channel_id: int) -> Response:
        person, given = person_who(request), validated(NotificationChannelChange, request)
        _existing(NotificationChannel, channel_id)
        seen = given.pop("version")
        changed = managing.change_channel(
            channel_id, acting_user=person, seen=seen, request_id=request_id_of(request), **given
        )
        return Response(_channel(changed))

    @extend_schema(
        operation_id="delete_notification_channel", summary="Delete a channel", responses={204: None}
    )
    def delete(self, request: Request, channel_id: int) -> Response:
        person = person_who(request)
        _existing(NotificationChannel, channel_id)
        managing.delete_channel(channel_id, acting_user=person, request_id=request_id_of(request))
        return Response(status=204)


def _existing(kind: Any, pk: int) -> None:
    if not kind.objects.filter(pk=pk).exists():
        raise Http404


def _owner(email: str | None) -> User | None:
    if email is None:
        return None
    found = User.objects.filter(email__iexact=email, is_active=True).first()
    if found is None:
        raise Refused([Fault("/owner", "unknown", "is nobody here")])
    return found


def _rule(rule: NotificationRule) -> dict[str, Any]:
    return NotificationRuleBody(rule).data


def _channel(channel: NotificationChannel) -> dict[str, Any]:
    return NotificationChannelBody(channel).data
