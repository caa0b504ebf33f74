from django.contrib import admin

from transactions.models import (
    ClaimProvider,
    CreditApplication,
    FxRate,
    InsuranceClaim,
    Label,
    MarketAccountDay,
    MarketBar,
    MarketEvent,
    MarketMinute,
    MarketPattern,
    ProviderDay,
    StatusChange,
    Transaction,
)
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


@admin.register(CreditApplication)
class CreditApplicationAdmin(RoleAdmin):
    editable = False
    list_display = ("application_id", "occurred_at", "applicant_id", "monthly_income", "requested_amount")
    search_fields = ("=application_id", "=applicant_id", "=device_id")
    list_select_related = ("customer",)


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


@admin.register(MarketEvent)
class MarketEventAdmin(RoleAdmin):
    """Orders, cancels and trades are evidence too."""

    editable = False
    list_display = (
        "event_id",
        "occurred_at",
        "event_code",
        "side_code",
        "symbol",
        "price",
        "volume",
        "trader_id",
    )
    list_filter = ("event_code", "side_code")
    search_fields = ("=event_id", "=symbol", "=trader_id", "=owner_group", "=order_id")
    list_select_related = ("customer",)


@admin.register(MarketBar)
class MarketBarAdmin(RoleAdmin):
    """Built from trades, or loaded by `manage.py load_market_data`."""

    editable = False
    list_display = ("symbol", "date", "loaded", "open_e8", "high_e8", "low_e8", "close_e8", "volume_e6")
    list_filter = ("loaded",)
    search_fields = ("=symbol",)


@admin.register(MarketMinute)
class MarketMinuteAdmin(RoleAdmin):
    editable = False
    list_display = ("symbol_key", "minute", "trades", "high_e8", "low_e8", "close_e8", "volume_e6")


@admin.register(MarketAccountDay)
class MarketAccountDayAdmin(RoleAdmin):
    editable = False
    list_display = ("owner_symbol_key", "date", "orders", "cancels", "trades", "bought_e6", "sold_e6")


@admin.register(MarketPattern)
class MarketPatternAdmin(RoleAdmin):
    editable = False
    list_display = ("kind", "occurred_at", "event", "other", "volume_e6")
    list_filter = ("kind",)
    list_select_related = ("event", "other")
    raw_id_fields = ("event", "other")


@admin.register(InsuranceClaim)
class InsuranceClaimAdmin(RoleAdmin):
    """Claims are evidence: seen here, never edited."""

    editable = False
    list_display = ("claim_id", "occurred_at", "product", "peril", "claim_amount", "policy_id", "claimant_id")
    list_filter = ("product",)
    search_fields = ("=claim_id", "=policy_id", "=claimant_id", "=provider_id", "=object_id")
    list_select_related = ("customer",)
    raw_id_fields = ("customer", "client")


@admin.register(ClaimProvider)
class ClaimProviderAdmin(RoleAdmin):
    """Kept as claims are stored."""

    editable = False
    list_display = ("provider_id", "last_day", "product_key")
    search_fields = ("=provider_id",)


@admin.register(ProviderDay)
class ProviderDayAdmin(RoleAdmin):
    """Kept as claims are stored."""

    editable = False
    list_display = ("provider_key", "product_key", "day", "claims", "amount_minor")
