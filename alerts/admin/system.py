from django.contrib import admin

from alerts.models import OutboxMessage, SystemAlert
from alerts.services import acknowledge_system_alert
from users.admin_access import RoleAdmin


@admin.register(SystemAlert)
class SystemAlertAdmin(RoleAdmin):
    """Raised and cleared by what watches; people acknowledge them."""

    by_actions_only = True
    list_display = ("message", "engine", "kind", "severity", "opened_at", "acknowledged_by", "cleared_at")
    list_filter = ("engine", "kind", "severity")
    actions = ("acknowledge",)

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="Acknowledge", permissions=["change"])
    def acknowledge(self, request, queryset) -> None:
        done = sum(
            acknowledge_system_alert(
                alert_id=alert.pk, acting_user=request.user, request_id=request.request_id
            )
            for alert in queryset
        )
        self.message_user(request, f"{done} acknowledged")


@admin.register(OutboxMessage)
class OutboxMessageAdmin(RoleAdmin):
    editable = False
    list_display = ("id", "topic", "created_at", "attempts", "delivered_at", "dead_reason")
    list_filter = ("topic",)
