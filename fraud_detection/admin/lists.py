"""Block, allow and custom lists."""

from django import forms
from django.contrib import admin

from fraud_detection.models import (
    ALLOW,
    BLOCK,
    CustomList,
    ListEntry,
)
from fraud_detection.services.custom_lists import make_custom_list
from fraud_detection.services.lists import (
    EntryRefused,
    add_list_entry,
    check_list,
    listed_value,
    remove_list_entry,
)
from users.admin_access import RoleAdmin


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
