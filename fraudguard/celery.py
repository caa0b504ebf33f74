"""The Celery application. `shared_task`s of every app are found by name (`<app>.tasks`)."""

import os
import sys

if "celery" in os.path.basename(sys.argv[0]) or sys.argv[0].endswith("celery/__main__.py"):
    # A worker forks: OpenMP pools made before the fork hang afterwards, so each process keeps to one thread.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

import structlog
from celery import Celery, Task, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fraudguard.settings")

app = Celery("fraudguard")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@signals.before_task_publish.connect
def _carry_request(headers: dict, **told) -> None:
    request_id = structlog.contextvars.get_contextvars().get("request_id")
    if request_id:
        headers["request_id"] = request_id


@signals.task_prerun.connect
def _name_the_task(task: Task, task_id: str, **told) -> None:
    """Every line of a worker says which task wrote it, and for which request."""
    structlog.contextvars.clear_contextvars()
    request_id = task.request.get("request_id") or task_id
    structlog.contextvars.bind_contextvars(task=task.name, task_id=task_id, request_id=request_id)


@signals.task_postrun.connect
def _leave_the_task(**told) -> None:
    structlog.contextvars.clear_contextvars()


@signals.worker_ready.connect
def _worker_started(**told) -> None:
    _note_start("worker")


@signals.beat_init.connect
def _beat_started(**told) -> None:
    _note_start("beat")


def _note_start(component: str) -> None:
    from django.db import connections

    from logs.services.processes import process_started

    process_started(component)
    connections.close_all()  # or children that are forked later would share it
