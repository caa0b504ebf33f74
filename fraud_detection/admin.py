from django import forms
from django.contrib import admin, messages

from fraud_detection.models import (
    ALLOW,
    BLOCK,
    Assessment,
    CustomList,
    EngineState,
    FeatureSetVersion,
    ListEntry,
    ModelVersion,
    PolicyVersion,
    Rule,
    RuleHit,
    RuleSet,
    RuleVersion,
)
from fraud_detection.services.custom_lists import make_custom_list
from fraud_detection.services.lists import (
    EntryRefused,
    add_list_entry,
    check_list,
    listed_value,
    remove_list_entry,
)
from fraud_detection.services.model_registry import PromotionRefused, promote
from users.admin_access import RoleAdmin


class ReadOnlyInline(admin.TabularInline):
    extra = 0
    can_delete = False

    def get_readonly_fields(self, request, obj=None) -> tuple[str, ...]:
        return self.fields

    def has_add_permission(self, request, obj=None) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_staff


class RuleHitInline(ReadOnlyInline):
    model = RuleHit
    fields = ("rule", "rule_version", "severity", "confidence", "reason", "alert")


@admin.register(Assessment)
class AssessmentAdmin(RoleAdmin):
    editable = False
    list_display = (
        "external_id",
        "engine",
        "decided_at",
        "decision",
        "risk_score",
        "model_version",
        "degraded",
    )
    list_filter = ("decision", "risk_level", "engine", "degraded")
    search_fields = ("=transaction__transaction_id", "=customer__external_id")
    list_select_related = ("transaction", "customer")
    exclude = ("features",)
    inlines = (RuleHitInline,)


@admin.register(RuleHit)
class RuleHitAdmin(RoleAdmin):
    editable = False
    list_display = ("rule", "severity", "confidence", "reason", "alert")
    list_filter = ("severity", "rule")
    list_select_related = ("alert",)


class RuleVersionInline(ReadOnlyInline):
    model = RuleVersion
    fields = ("number", "definition", "author", "created_at")


@admin.register(Rule)
class RuleAdmin(RoleAdmin):
    editable = False
    list_display = ("code", "engine", "created_at")
    list_filter = ("engine",)
    search_fields = ("code",)
    inlines = (RuleVersionInline,)


@admin.register(RuleVersion, RuleSet, PolicyVersion, FeatureSetVersion)
class ImmutableAdmin(RoleAdmin):
    """Versions are written once, by services."""

    editable = False


@admin.register(EngineState)
class EngineStateAdmin(RoleAdmin):
    editable = False
    list_display = ("engine", "rule_set", "policy", "model", "revision")


@admin.register(ModelVersion)
class ModelVersionAdmin(RoleAdmin):
    by_actions_only = True
    list_display = ("__str__", "stage", "generated_data_only", "created_by", "created_at", "promoted_at")
    list_filter = ("engine", "stage")
    actions = ("make_champion",)

    def has_add_permission(self, request) -> bool:
        return False  # artifacts are trained here or registered by command, never uploaded

    @admin.action(description="Make champion (approved by you)", permissions=["change"])
    def make_champion(self, request, queryset) -> None:
        if len(queryset) != 1:
            self.message_user(request, "Choose one model", messages.ERROR)
            return
        try:
            promote(queryset[0], approved_by=request.user.email)
        except PromotionRefused as refused:
            self.message_user(request, str(refused), messages.ERROR)
        else:
            self.message_user(request, f"{queryset[0]} serves within 5 seconds in every process")


def list_choices() -> list[tuple[str, str]]:
    """Block, allow, and the custom lists there are."""
    return [(name, name) for name in (BLOCK, ALLOW, *CustomList.objects.values_list("name", flat=True))]


@admin.register(CustomList)
class CustomListAdmin(RoleAdmin):
    """Lists that rules read by name; their words are list entries."""

    by_actions_only = True
    list_display = ("name", "description", "created_by", "created_at")
    fields = ("name", "description")

    def save_model(self, request, obj: CustomList, form: forms.ModelForm, change: bool) -> None:
        make_custom_list(
            name=obj.name,
            description=obj.description,
            acting_user=request.user,
            request_id=request.request_id,
        )


class ListEntryForm(forms.ModelForm):
    list = forms.ChoiceField(choices=list_choices)

    class Meta:
        model = ListEntry
        fields = ("list", "kind", "value", "reason", "expires_at")

    def clean(self) -> dict:
        given = super().clean()
        if {"list", "kind", "value"} <= given.keys():
            try:
                check_list(given["list"], given["kind"])
                given["value"] = listed_value(given["kind"], given["value"])
            except EntryRefused as refused:
                self.add_error("value", str(refused))
        return given


@admin.register(ListEntry)
class ListEntryAdmin(RoleAdmin):
    """Entries are added and removed, never edited or deleted."""

    by_actions_only = True
    form = ListEntryForm
    list_display = ("list", "kind", "value", "reason", "expires_at", "removed_at", "created_by")
    list_filter = ("list", "kind")
    search_fields = ("=value",)
    fields = ("list", "kind", "value", "reason", "expires_at")
    actions = ("remove",)

    def save_model(self, request, obj: ListEntry, form: forms.ModelForm, change: bool) -> None:
        entry = add_list_entry(
            list=obj.list,
            kind=obj.kind,
            value=obj.value,
            reason=obj.reason,
            expires_at=obj.expires_at,
            acting_user=request.user,
            request_id=request.request_id,
        )
        obj.pk = entry.pk

    @admin.action(description="Take off the list", permissions=["change"])
    def remove(self, request, queryset) -> None:
        for entry in queryset:
            remove_list_entry(entry_id=entry.pk, acting_user=request.user, request_id=request.request_id)
        self.message_user(request, f"{len(queryset)} removed")
