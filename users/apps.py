from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps


class UsersConfig(AppConfig):
    name = "users"
    verbose_name = "People, customers and keys"
    default = True

    def ready(self) -> None:
        from users.accounts import trail  # noqa: F401  signals are connected once models are there


class SiteConfig(admin_apps.AdminConfig):
    """Django's admin, with a site of our own."""

    default = False
    default_site = "users.admin_site.AuditedAdminSite"
