"""Snoozes of rules."""

from django.contrib import admin

from fraud_detection.models import RuleSnooze
from fraud_detection.services.snoozing import end_snooze
from users.admin_access import RoleAdmin


@admin.register(RuleSnooze)
class RuleSnoozeAdmin(RoleAdmin):
    """Made from alerts and rules; ended here as there."""

    by_actions_only = True
    list_display = ("rule", "engine", "subject_kind", "subject", "until", "ended_at", "created_by")
    list_filter = ("engine", "ended_at")
    search_fields = ("=rule", "=subject")
    actions = ("end",)

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="End now", permissions=["change"])
    def end(self, request, queryset) -> None:
        for snooze in queryset:
            end_snooze(snooze_id=snooze.pk, acting_user=request.user, request_id=request.request_id)
        self.message_user(request, f"{len(queryset)} ended")
