"""Streams, to be looked at; dead letters are replayed and discarded on the page of streams."""

from django.contrib import admin

from fraud_detection.models import StreamConsumer, StreamDeadLetter, StreamShard
from users.admin_access import RoleAdmin


@admin.register(StreamConsumer)
class StreamConsumerAdmin(RoleAdmin):
    editable = False
    list_display = ("name", "kind", "group", "state", "events", "repeated", "buried", "seen_at")
    list_filter = ("kind", "state")


@admin.register(StreamShard)
class StreamShardAdmin(RoleAdmin):
    editable = False
    list_display = ("stream", "shard", "kind", "group", "consumer", "lag", "unacknowledged", "measured_at")
    list_filter = ("kind", "group")


@admin.register(StreamDeadLetter)
class StreamDeadLetterAdmin(RoleAdmin):
    editable = False
    list_display = ("id", "stream", "shard", "engine", "event_id", "reason", "state", "created_at")
    list_filter = ("state", "reason", "engine")
    exclude = ("body", "digest")
    readonly_fields = ("text",)
