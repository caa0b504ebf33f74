"""Block, allow and custom lists."""

from django import forms
from django.contrib import admin

from fraud_detection.models import (
    ALLOW,
    BLOCK,
    CustomList,
    ListChanges,
    ListEntry,
)
from fraud_detection.services.listing.life import check_list_name, make_custom_list
from fraud_detection.services.listing.values import EntryRefused, check_list, listed_reason, listed_value
from fraud_detection.services.lists import add_list_entry, remove_list_entry
from users.admin_access import RoleAdmin


def list_choices() -> list[tuple[str, str]]:
    """Block, allow, and the custom lists there are."""
    custom = CustomList.objects.filter(removed_at=None).values_list("name", flat=True)
    return [(name, name) for name in (BLOCK, ALLOW, *custom)]


class CustomListForm(forms.ModelForm):
    class Meta:
        model = CustomList
        fields = ("name", "kind", "description")

    def clean_name(self) -> str:
        check_list_name(self.cleaned_data["name"])
        return self.cleaned_data["name"]


@admin.register(CustomList)
class CustomListAdmin(RoleAdmin):
    """Lists that rules read by name; what they hold are list entries."""

    by_actions_only = True
    form = CustomListForm
    list_display = ("name", "kind", "description", "created_by", "created_at", "removed_at")
    fields = ("name", "kind", "description")

    def save_model(self, request, obj: CustomList, form: forms.ModelForm, change: bool) -> None:
        make_custom_list(
            name=obj.name,
            kind=obj.kind,
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
                given["reason"] = listed_reason(given.get("reason", ""))
            except EntryRefused as refused:
                self.add_error(refused.field, str(refused))
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


@admin.register(ListChanges)
class ListChangesAdmin(RoleAdmin):
    """Counts by which processes notice a change."""

    editable = False
    list_display = ("list", "entries", "ranges")
