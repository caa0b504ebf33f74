"""Webhooks and notifications are managed in the dashboard and the API; here they are looked at."""

from django.contrib import admin

from alerts.models import (
    DeliveryAttempt,
    Heartbeat,
    Notification,
    NotificationChannel,
    NotificationDelivery,
    NotificationPreference,
    NotificationRule,
    NotificationTemplate,
    StreamDelivery,
    WebhookDelivery,
    WebhookEndpoint,
)
from users.admin_access import RoleAdmin


class LookOnly(RoleAdmin):
    editable = False


@admin.register(WebhookEndpoint)
class WebhookEndpointAdmin(LookOnly):
    exclude = ("sealed_secret", "sealed_former_secret")
    list_display = ("url", "description", "active", "failures", "last_success_at", "deleted_at")
    list_filter = ("active",)


@admin.register(WebhookDelivery)
class WebhookDeliveryAdmin(LookOnly):
    list_display = ("webhook_id", "event", "endpoint", "state", "attempts", "created_at", "delivered_at")
    list_filter = ("state", "event")
    raw_id_fields = ("message", "endpoint")


@admin.register(NotificationDelivery)
class NotificationDeliveryAdmin(LookOnly):
    list_display = ("destination", "lane", "subject", "state", "attempts", "created_at", "delivered_at")
    list_filter = ("state", "lane")


@admin.register(DeliveryAttempt)
class DeliveryAttemptAdmin(LookOnly):
    list_display = ("at", "webhook", "notification", "status", "latency_ms", "error")
    raw_id_fields = ("webhook", "notification")


@admin.register(Notification)
class NotificationAdmin(LookOnly):
    list_display = ("title", "user", "topic", "severity", "count", "created_at", "read_at")
    list_filter = ("topic", "severity")


@admin.register(NotificationChannel)
class NotificationChannelAdmin(LookOnly):
    exclude = ("sealed_url",)
    list_display = ("name", "service", "owner", "active", "created_by")


@admin.register(NotificationRule)
class NotificationRuleAdmin(LookOnly):
    list_display = ("name", "topic", "engine", "min_severity", "channels", "active")


@admin.register(NotificationPreference)
class NotificationPreferenceAdmin(LookOnly):
    list_display = ("user", "digest", "email", "quiet_from", "quiet_until", "time_zone")


@admin.register(NotificationTemplate)
class NotificationTemplateAdmin(LookOnly):
    list_display = ("topic", "subject", "changed_by", "changed_at")


@admin.register(Heartbeat)
class HeartbeatAdmin(LookOnly):
    list_display = ("name", "at")


@admin.register(StreamDelivery)
class StreamDeliveryAdmin(LookOnly):
    list_display = ("id", "message")
    list_select_related = ("message",)
