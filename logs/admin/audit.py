from django.contrib import admin

from logs.admin.seen_only import SeenOnly
from logs.models import AuditEvent


@admin.register(AuditEvent)
class AuditEventAdmin(SeenOnly):
    list_display = ("at", "actor", "action", "subject_kind", "subject", "request_id")
    list_filter = ("action", "subject_kind", "actor_kind")
    search_fields = ("actor", "subject", "request_id")
