from django.contrib import admin

from logs.admin.seen_only import SeenOnly
from logs.models import AuditCheckpoint, AuditSeal, AuditSealEntries


@admin.register(AuditSeal)
class AuditSealAdmin(SeenOnly):
    list_display = ("number", "sealed_at", "events", "last_id", "hash")


@admin.register(AuditSealEntries)
class AuditSealEntriesAdmin(SeenOnly):
    list_display = ("seal",)
    exclude = ("packed",)


@admin.register(AuditCheckpoint)
class AuditCheckpointAdmin(SeenOnly):
    list_display = ("made_at", "seal", "last_id", "events", "before")
