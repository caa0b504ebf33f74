import re
from zoneinfo import available_timezones

from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django.http import HttpRequest, HttpResponse
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from logs.services import record
from users.admin_access import RoleAdmin
from users.models import ApiKey, ClientSystem, Customer, User
from users.password_audit import password_audit
from users.services import revoke_api_key

admin.site.unregister(Group)  # roles are the one table of who may do what
admin.site.unregister((OutstandingToken, BlacklistedToken))  # secrets are nothing to look at
login_records = [model for model in admin.site._registry if model._meta.app_label == "axes"]
admin.site.unregister(login_records)


@admin.register(*login_records)
class LoginRecordAdmin(RoleAdmin):
    """Failed sign-ins; `manage.py axes_reset` lets somebody in again."""

    editable = False


@admin.register(User)
class UserAdmin(RoleAdmin, DjangoUserAdmin):
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "name", "role", "is_active", "last_login")
    list_filter = ("role", "is_active")
    search_fields = ("email", "name")
    ordering = ("email",)
    filter_horizontal = ()
    fieldsets = ((None, {"fields": ("email", "password", "name", "role", "is_active", "last_login")}),)
    add_fieldsets = (
        (None, {"fields": ("email", "name", "role", "usable_password", "password1", "password2")}),
    )
    readonly_fields = ("last_login",)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with password_audit(request, self.get_object(request, unquote(id))):
            return super().user_change_password(request, id, form_url)

    def save_model(self, request, obj: User, form: forms.ModelForm, change: bool) -> None:
        before = User.objects.filter(pk=obj.pk).values("role", "is_active").first() if change else None
        super().save_model(request, obj, form, change)
        record(
            "user.changed" if change else "user.created",
            actor_kind="user",
            actor=request.user.email,
            subject_kind="user",
            subject=str(obj.pk),
            before=before,
            after={"role": obj.role, "is_active": obj.is_active, "fields": sorted(form.changed_data)},
            request_id=request.request_id,
        )


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


@admin.register(ClientSystem)
class ClientSystemAdmin(RoleAdmin):
    editable = False
    list_display = ("name", "created_at")
    search_fields = ("name",)


@admin.register(ApiKey)
class ApiKeyAdmin(RoleAdmin):
    """Keys are made by `manage.py create_api_key`, which shows the secret once; here they are revoked."""

    by_actions_only = True
    list_display = ("prefix", "client", "scopes", "is_test", "expires_at", "revoked_at", "created_at")
    search_fields = ("prefix", "client__name")
    exclude = ("digest",)
    actions = ("revoke",)

    def has_add_permission(self, request) -> bool:
        return False

    @admin.action(description="Revoke the selected keys", permissions=["change"])
    def revoke(self, request, queryset) -> None:
        for key in queryset:
            revoke_api_key(prefix=key.prefix, revoked_by=request.user.email)
        self.message_user(request, f"{len(queryset)} revoked")
