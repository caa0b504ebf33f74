"""What django-allauth keeps of people: to look at, without its secrets."""

import allauth.account.admin
import allauth.mfa.admin
import allauth.socialaccount.admin
import allauth.usersessions.admin  # noqa: F401 (registered first, to be replaced)
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import admin

from users.admin_access import RoleAdmin

OF_ALLAUTH = ("account", "mfa", "socialaccount", "usersessions")
admin.site.unregister([model for model in admin.site._registry if model._meta.app_label in OF_ALLAUTH])


@admin.register(EmailAddress)
class EmailAddressAdmin(RoleAdmin):
    editable = False
    list_display = ("email", "user", "verified", "primary")
    search_fields = ("email",)
    list_select_related = ("user",)


@admin.register(Authenticator)
class AuthenticatorAdmin(RoleAdmin):
    """Second factors; they are reset on the page of people."""

    editable = False
    exclude = ("data",)
    list_display = ("user", "type", "created_at", "last_used_at")
    list_filter = ("type",)
    search_fields = ("user__email",)
    list_select_related = ("user",)


@admin.register(UserSession)
class UserSessionAdmin(RoleAdmin):
    """Open sessions; they are ended on the page of people."""

    editable = False
    exclude = ("session_key", "data")
    list_display = ("user", "ip", "created_at", "last_seen_at")
    search_fields = ("user__email",)
    list_select_related = ("user",)
