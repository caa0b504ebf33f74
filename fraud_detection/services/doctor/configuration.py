"""Settings and versions."""

import platform
import sys
from importlib.metadata import version

from django.conf import settings
from django.core.checks import WARNING, run_checks

from fraud_detection.services.doctor.finding import Finding, fault, ok, warning

OLDEST_PYTHON = (3, 11)


def settings_sound() -> Finding:
    """Django's own checks, in production those for deployment too."""
    found = run_checks(include_deployment_checks=settings.FRAUDGUARD_PROFILE == "production")
    grave = [message for message in found if message.level >= WARNING]
    if grave:
        said = "; ".join(f"{message.id}: {message.msg}" for message in grave[:5])
        return fault("settings", said, "Mend what manage.py check --deploy names.")
    return ok("settings", f"profile {settings.FRAUDGUARD_PROFILE}, no objection by manage.py check")


def mail() -> Finding:
    if settings.EMAIL_HOST:
        return ok("mail", f"sent through {settings.EMAIL_HOST}")
    remedy = "Set EMAIL_URL, or do without notifications by mail."
    return warning("mail", "no mail server: mails are only printed to the log", remedy)


def python() -> Finding:
    found = f"{platform.python_version()}, Django {version('django')}, scikit-learn {version('scikit-learn')}"
    if sys.version_info < OLDEST_PYTHON:
        return fault("python", found, "Python 3.11 or newer is needed.")
    return ok("python", found)


CHECKS = (settings_sound, python, mail)
