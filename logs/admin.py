from django.contrib import admin
from unfold.admin import ModelAdmin

from logs.models import AuditEvent, IdempotentCall


class SeenOnly(ModelAdmin):
    """Read-only for everyone: services alone write these."""

    show_full_result_count = False

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_delete_permission(self, request, obj=None) -> bool:
        return False

    def has_module_permission(self, request) -> bool:
        return request.user.is_staff

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_staff


@admin.register(AuditEvent)
class AuditEventAdmin(SeenOnly):
    list_display = ("at", "actor", "action", "subject_kind", "subject", "request_id")
    list_filter = ("action", "subject_kind", "actor_kind")
    search_fields = ("actor", "subject", "request_id")


@admin.register(IdempotentCall)
class IdempotentCallAdmin(SeenOnly):
    list_display = ("caller", "key", "started_at", "status")
    search_fields = ("=key", "=caller")
    exclude = ("digest", "body")
