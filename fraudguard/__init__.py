"""The project: settings, URLs, processes and embedded services."""

from fraudguard.celery import app as celery_app

__all__ = ["celery_app"]
