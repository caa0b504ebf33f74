from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AlertsConfig(AppConfig):
    name = "alerts"
    verbose_name = "Alerts"

    def ready(self) -> None:
        from alerts.services.shipped import ship  # models are not loaded yet when this file is

        post_migrate.connect(ship, sender=self, dispatch_uid="alerts.shipped")
