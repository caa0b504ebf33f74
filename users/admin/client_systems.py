from django.contrib import admin

from users.admin_access import RoleAdmin
from users.models import ApiKey, ClientSystem
from users.services import revoke_api_key


@admin.register(ClientSystem)
class ClientSystemAdmin(RoleAdmin):
    editable = False
    list_display = ("name", "created_at")
    search_fields = ("name",)


@admin.register(ApiKey)
class ApiKeyAdmin(RoleAdmin):
    """Keys are made and rotated on their own page, which shows the secret once; here they are revoked."""

    by_actions_only = True
    list_display = ("prefix", "client", "scopes", "is_test", "last_used_at", "expires_at", "revoked_at")
    list_select_related = ("client",)
    search_fields = ("prefix", "client__name")
    exclude = ("digest",)
    readonly_fields = ("last_used_at", "replaced_by", "created_at")
    actions = ("revoke",)

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request, queryset) -> None:
        for key in queryset:
            revoke_api_key(prefix=key.prefix, revoked_by=request.user.email, request_id=request.request_id)
        self.message_user(request, f"{len(queryset)} revoked")
