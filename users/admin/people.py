from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from logs.services import record
from users.admin_access import RoleAdmin
from users.models import User
from users.password_audit import password_audit


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
