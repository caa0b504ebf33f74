from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from logs.services import record
from users.admin_access import RoleAdmin
from users.models import User
from users.password_audit import password_audit
from users.roles import Role
from users.services.people import (
    PersonConflict,
    change_role,
    deactivate,
    end_everything,
    reactivate,
    reset_two_factor,
    unlock,
)


@admin.register(User)
class UserAdmin(RoleAdmin, DjangoUserAdmin):
    """Role and access change by actions, through the services of the page of people."""

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
    actions = (
        "make_admin",
        "make_analyst",
        "make_auditor",
        "deactivate",
        "reactivate",
        "reset_two_factor",
        "unlock",
        "sign_out",
    )

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        return self.readonly_fields if obj is None else (*self.readonly_fields, "role", "is_active")

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        with password_audit(request, self.get_object(request, unquote(id))):
            return super().user_change_password(request, id, form_url)

    def save_model(self, request, obj: User, form: forms.ModelForm, change: bool) -> None:
        super().save_model(request, obj, form, change)
        record(
            "user.changed" if change else "user.created",
            actor_kind="user",
            actor=request.user.email,
            subject_kind="user",
            subject=str(obj.pk),
            after={"role": obj.role, "is_active": obj.is_active, "fields": sorted(form.changed_data)},
            request_id=request.request_id,
        )

    @admin.action(description="Make them admins", permissions=["change"])
    def make_admin(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, change_role, role=Role.ADMIN)

    @admin.action(description="Make them analysts", permissions=["change"])
    def make_analyst(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, change_role, role=Role.ANALYST)

    @admin.action(description="Make them auditors", permissions=["change"])
    def make_auditor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, change_role, role=Role.AUDITOR)

    @admin.action(description="Deactivate them", permissions=["change"])
    def deactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, deactivate)

    @admin.action(description="Reactivate them", permissions=["change"])
    def reactivate(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, reactivate)

    @admin.action(description="Reset their two-factor", permissions=["change"])
    def reset_two_factor(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, reset_two_factor)

    @admin.action(description="Unlock them after failed sign-ins", permissions=["change"])
    def unlock(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, unlock)

    @admin.action(description="End their sessions and tokens", permissions=["change"])
    def sign_out(self, request: HttpRequest, chosen: QuerySet[User]) -> None:
        self._each(request, chosen, end_everything)

    def _each(
        self, request: HttpRequest, chosen: QuerySet[User], deed: Callable[..., Any], **given: str
    ) -> None:
        """One after the other; whom it is refused for is named, and the others are done."""
        done = 0
        for person in chosen.order_by("pk"):
            try:
                deed(person.pk, acting_user=request.user, request_id=request.request_id, **given)
                done += 1
            except (PermissionDenied, PersonConflict) as refused:
                self.message_user(request, f"{person}: {refused}", messages.ERROR)
        self.message_user(request, f"{done} done")
