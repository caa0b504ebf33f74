from django.contrib import admin

from transactions.models import FxRate, Label, StatusChange, Transaction
from users.admin_access import RoleAdmin


class LabelInline(admin.TabularInline):
    model = Label
    extra = 0
    can_delete = False
    fields = ("verdict", "source", "reason", "known_at", "recorded_by")
    readonly_fields = fields

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_staff

    def has_change_permission(self, request, obj=None) -> bool:
        return False


@admin.register(Transaction)
class TransactionAdmin(RoleAdmin):
    """Events are evidence: seen here, never edited."""

    editable = False
    list_display = ("transaction_id", "occurred_at", "type", "amount", "currency", "sender_id", "receiver_id")
    list_filter = ("type", "channel")
    search_fields = ("=transaction_id", "=sender_id", "=receiver_id", "=device_id", "=card_token")
    list_select_related = ("customer",)
    inlines = (LabelInline,)


@admin.register(Label)
class LabelAdmin(RoleAdmin):
    editable = False
    list_display = ("transaction", "verdict", "source", "known_at", "recorded_by")
    list_filter = ("verdict", "source")
    list_select_related = ("transaction",)
    search_fields = ("=transaction__transaction_id",)
    raw_id_fields = ("transaction",)


@admin.register(StatusChange)
class StatusChangeAdmin(RoleAdmin):
    editable = False
    list_select_related = ("transaction",)
    search_fields = ("=transaction__transaction_id",)
    raw_id_fields = ("transaction",)


@admin.register(FxRate)
class FxRateAdmin(RoleAdmin):
    """Replaced as a whole by `manage.py load_fx_rates`."""

    editable = False
    list_display = ("currency", "day", "usd")
    search_fields = ("currency",)
