"""Records of sign-ins, and what of the installed packages is not shown."""

from django.contrib import admin
from django.contrib.auth.models import Group
from rest_framework_simplejwt.token_blacklist.models import BlacklistedToken, OutstandingToken

from users.admin_access import RoleAdmin

admin.site.unregister(Group)  # roles are the one table of who may do what
admin.site.unregister((OutstandingToken, BlacklistedToken))  # secrets are nothing to look at
login_records = [model for model in admin.site._registry if model._meta.app_label == "axes"]
admin.site.unregister(login_records)


@admin.register(*login_records)
class LoginRecordAdmin(RoleAdmin):
    """Failed sign-ins; `manage.py axes_reset` lets somebody in again."""

    editable = False
