"""HTTP: everything but /ws/."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before numpy loads: predicting after a fork hangs otherwise
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "fraudguard.settings")

import structlog
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()


def warm_up() -> None:
    """Loads views, rules and models now: the first decision of each process would wait seconds for them."""
    from django.db import Error, connections
    from django.urls import get_resolver

    from fraud_detection.engines.registry import ENGINES
    from fraud_detection.services.serving import EngineNotInstalled, serving
    from logs.services.processes import process_started

    get_resolver().url_patterns  # noqa: B018  imports every view
    try:
        for name in ENGINES:
            serving(name)
    except (Error, EngineNotInstalled) as error:
        # The process answers without them, and loads them when they are there.
        structlog.get_logger(__name__).warning("not_warm", reason=str(error))
    finally:
        process_started("web")
        connections.close_all()


warm_up()
