"""Records of sign-ins, and what of the installed packages is not shown."""

import axes.admin  # noqa: F401 (registers what is replaced here, whichever app comes first)
from django.contrib import admin
from django.contrib.auth.models import Group

from users.admin_access import RoleAdmin
from users.models import Invitation, TokenFamily

admin.site.unregister(Group)  # roles are the one table of who may do what
login_records = [model for model in admin.site._registry if model._meta.app_label == "axes"]
admin.site.unregister(login_records)


@admin.register(*login_records)
class LoginRecordAdmin(RoleAdmin):
    """Failed sign-ins; `manage.py axes_reset` lets somebody in again."""

    editable = False


@admin.register(TokenFamily)
class TokenFamilyAdmin(RoleAdmin):
    """Sign-ins for tokens; they are ended on the page of people."""

    editable = False
    list_display = ("user", "created_at", "refreshed_at", "expires_at", "ended_at", "ending")
    list_filter = ("ending",)
    search_fields = ("user__email",)
    list_select_related = ("user",)


@admin.register(Invitation)
class InvitationAdmin(RoleAdmin):
    """Invitations are sent and withdrawn on the page of people."""

    editable = False
    list_display = ("email", "role", "invited_by", "created_at", "expires_at", "accepted_at", "withdrawn_at")
    search_fields = ("email",)
    exclude = ("digest",)
    list_select_related = ("invited_by",)
