import re
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin

from logs.services import record
from users.admin_access import RoleAdmin
from users.models import Customer


class CustomerForm(forms.ModelForm):
    """Decisions read home and zone of every event, so only what they can read may stand there."""

    class Meta:
        model = Customer
        fields = ("name", "email", "home_country", "time_zone", "segment", "attributes")

    def clean_home_country(self) -> str:
        country = self.cleaned_data["home_country"].upper()
        if country and not re.fullmatch("[A-Z]{2}", country):
            raise forms.ValidationError("Give a two-letter ISO 3166 code, like US")
        return country

    def clean_time_zone(self) -> str:
        zone = self.cleaned_data["time_zone"]
        if zone and zone not in available_timezones():
            raise forms.ValidationError("Give the name of a time zone, like Europe/Lisbon")
        return zone


@admin.register(Customer)
class CustomerAdmin(RoleAdmin):
    form = CustomerForm
    list_display = ("external_id", "name", "home_country", "segment", "created_at")
    search_fields = ("external_id", "name", "email")
    readonly_fields = ("external_id", "created_at")

    def has_add_permission(self, request) -> bool:
        return False  # customers are made on first sight

    def save_model(self, request, obj: Customer, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(
            "customer.changed",
            actor_kind="user",
            actor=request.user.email,
            subject_kind="customer",
            subject=str(obj.pk),
            after={"fields": sorted(form.changed_data)},
            request_id=request.request_id,
        )
