"""What people are told: their own list, what was sent where, notices, and how everybody wants it."""

from typing import Any

import django_filters
from django.http import Http404
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import (
    DeliveryState,
    Digest,
    Notification,
    NotificationDelivery,
    Severity,
    Topic,
)
from alerts.selectors.notifications import (
    notification_deliveries,
    notifications_of,
    unread_count,
)
from alerts.services.notifying import bell, personal
from api.authentication import actor_of, person_of, request_id_of
from api.filters import ListFilter, TextFilter, documented, filtered
from api.idempotency import idempotent
from api.pagination import DOCUMENTED, Page, page
from api.shapes import Clock, Text, Whole
from api.v1.webhooks import DeliveryAttemptBody, person_who
from api.views import ApiView, validated
from users.roles import Ability


class NotificationBody(serializers.Serializer):
    id = serializers.IntegerField()
    topic = serializers.ChoiceField(Topic.choices)
    severity = serializers.ChoiceField(Severity.choices)
    title = serializers.CharField()
    link = serializers.CharField(allow_blank=True, help_text="Path of the page that shows it.")
    count = serializers.IntegerField(help_text="Events that were joined in it.")
    created_at = serializers.DateTimeField()
    changed_at = serializers.DateTimeField()
    read_at = serializers.DateTimeField(allow_null=True)


class NotificationPage(Page):
    results = NotificationBody(many=True)
    unread = serializers.IntegerField(help_text="100 at most.")


class NotificationFilter(ListFilter):
    topic = django_filters.ChoiceFilter(choices=Topic.choices)
    unread = django_filters.BooleanFilter(field_name="read_at", lookup_expr="isnull")


class SentNotification(serializers.Serializer):
    id = serializers.IntegerField()
    destination = serializers.CharField(help_text="email:<person>, channel:<id> or notify_urls:<number>.")
    topics = serializers.SerializerMethodField()
    state = serializers.ChoiceField(DeliveryState.choices)
    severity = serializers.ChoiceField(Severity.choices)
    count = serializers.IntegerField()
    subject = serializers.CharField(allow_blank=True, help_text="Written at the first try.")
    attempts = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    next_attempt_at = serializers.DateTimeField()
    delivered_at = serializers.DateTimeField(allow_null=True)
    dead_reason = serializers.CharField(allow_blank=True)
    tries = DeliveryAttemptBody(many=True)

    def get_topics(self, delivery: NotificationDelivery) -> list[str]:
        return sorted(delivery.tally)


class SentNotificationPage(Page):
    results = SentNotification(many=True)


class SentFilter(ListFilter):
    state = django_filters.ChoiceFilter(choices=DeliveryState.choices)
    destination = TextFilter()


class ReadCount(serializers.Serializer):
    read = serializers.IntegerField(help_text="How many were unread before.")


class NoticeRequest(serializers.Serializer):
    title = Text(max_length=200)
    message = Text(max_length=2000)
    severity = serializers.ChoiceField(Severity.choices, default=Severity.HIGH)


class NoticeBody(serializers.Serializer):
    id = serializers.IntegerField()
    state = serializers.ChoiceField(("queued",))


class NotificationPreferenceBody(serializers.Serializer):
    muted_topics = serializers.ListField(child=serializers.ChoiceField(Topic.choices), required=False)
    email = serializers.BooleanField(required=False)
    own_channels = serializers.BooleanField(required=False, help_text="Channels that are one's own.")
    digest = serializers.ChoiceField(Digest.choices, required=False)
    digest_hour = Whole(min_value=0, max_value=23, required=False, help_text="Of daily digests.")
    quiet_from = Clock(allow_null=True, required=False)
    quiet_until = Clock(allow_null=True, required=False)
    critical_breaks_quiet = serializers.BooleanField(required=False)
    time_zone = Text(max_length=64, allow_blank=True, required=False, help_text="Empty: that of the pages.")


class Notifications(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="list_notifications",
        summary="What you were told, newest first",
        parameters=[*documented(NotificationFilter), *DOCUMENTED],
        responses=NotificationPage,
    )
    def get(self, request: Request) -> Response:
        person = person_who(request)
        found = filtered(NotificationFilter, request, notifications_of(person))
        listed = page(request, found, lambda one: NotificationBody(one).data)
        return Response({**listed, "unread": unread_count(person)})


class ReadNotification(ApiView):
    abilities = {"POST": Ability.READ}

    @extend_schema(
        operation_id="read_notification",
        summary="Mark one as read",
        request=None,
        responses={200: ReadCount},
    )
    @idempotent
    def post(self, request: Request, notification_id: int) -> Response:
        person = person_who(request)
        if not Notification.objects.filter(pk=notification_id, user=person).exists():
            raise Http404
        return Response({"read": bell.mark_read(acting_user=person, notification_id=notification_id)})


class ReadNotifications(ApiView):
    abilities = {"POST": Ability.READ}

    @extend_schema(
        operation_id="read_notifications",
        summary="Mark all as read",
        request=None,
        responses={200: ReadCount},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        return Response({"read": bell.mark_read(acting_user=person_who(request))})


class NotificationHistory(ApiView):
    abilities = {"GET": Ability.READ_AUDIT}

    @extend_schema(
        operation_id="list_sent_notifications",
        summary="What was sent by mail and channels, newest first, with every try",
        parameters=[*documented(SentFilter), *DOCUMENTED],
        responses=SentNotificationPage,
    )
    def get(self, request: Request) -> Response:
        found = filtered(SentFilter, request, notification_deliveries())
        return Response(page(request, found, lambda one: SentNotification(one).data))


class ReplayNotification(ApiView):
    abilities = {"POST": Ability.MANAGE}
    conflicts = {"POST": "It was not given up."}

    @extend_schema(
        operation_id="replay_notification",
        summary="Send a given-up message again",
        request=None,
        responses={200: SentNotification},
    )
    @idempotent
    def post(self, request: Request, delivery_id: int) -> Response:
        person = person_who(request)
        if not NotificationDelivery.objects.filter(pk=delivery_id).exists():
            raise Http404
        again = personal.replay_notification(
            delivery_id, acting_user=person, request_id=request_id_of(request)
        )
        return Response(SentNotification(again).data)


class FraudNotice(ApiView):
    """A notice about fraud, to whom the rules for such notices name."""

    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="send_fraud_alert",
        summary="Send a notice about fraud",
        request=NoticeRequest,
        responses={202: NoticeBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        return _notice(request, Topic.NOTICE_FRAUD)


class SystemNotice(ApiView):
    """A notice about the system, to whom the rules for such notices name."""

    abilities = {"POST": Ability.MANAGE}

    @extend_schema(
        operation_id="send_system_alert",
        summary="Send a notice about the system",
        request=NoticeRequest,
        responses={202: NoticeBody},
    )
    @idempotent
    def post(self, request: Request) -> Response:
        return _notice(request, Topic.NOTICE_SYSTEM)


class NotificationPreferences(ApiView):
    abilities = {"GET": Ability.READ, "PATCH": Ability.READ}

    @extend_schema(
        operation_id="show_notification_preferences",
        summary="How you want to be told",
        responses=NotificationPreferenceBody,
    )
    def get(self, request: Request) -> Response:
        return Response(NotificationPreferenceBody(personal.preference_of(person_who(request))).data)

    @extend_schema(
        operation_id="change_notification_preferences",
        summary="Change how you want to be told",
        request=NotificationPreferenceBody,
        responses={200: NotificationPreferenceBody},
    )
    def patch(self, request: Request) -> Response:
        person, given = person_who(request), validated(NotificationPreferenceBody, request)
        return Response(NotificationPreferenceBody(personal.set_preferences(given, acting_user=person)).data)


def _notice(request: Request, topic: str) -> Response:
    given: dict[str, Any] = validated(NoticeRequest, request)
    queued = personal.send_notice(
        topic,
        **given,
        actor=actor_of(request),
        actor_kind="user" if person_of(request) else "key",
        request_id=request_id_of(request),
    )
    return Response({"id": queued.pk, "state": "queued"}, status=202)
