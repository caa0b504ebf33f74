"""The Celery application. `shared_task`s of every app are found by name (`<app>.tasks`)."""

import os
import sys

if "celery" in os.path.basename(sys.argv[0]) or sys.argv[0].endswith("celery/__main__.py"):
    # A worker forks: OpenMP pools made before the fork hang afterwards, so each process keeps to one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fraudguard.settings")

app = Celery("fraudguard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
