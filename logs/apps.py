from typing import Any

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class LogsConfig(AppConfig):
    name = "logs"
    verbose_name = "Logs"

    def ready(self) -> None:
        post_migrate.connect(note_migrations, sender=self)


def note_migrations(sender: AppConfig, plan: list[tuple[Any, bool]] | None = None, **told: Any) -> None:
    """After a `migrate` that did something, with the last app: which migrations it applied or took back."""
    from logs.services.system_events import note_if_possible

    if not plan:
        return
    names = [f"{migration.app_label}.{migration.name}" for migration, _ in plan]
    done = "taken back" if plan[0][1] else "applied"
    text = f"{len(names)} migration{'' if len(names) == 1 else 's'} {done}, last {names[-1]}"
    note_if_possible("migrations.applied", component="database", text=text, detail={"migrations": names})
