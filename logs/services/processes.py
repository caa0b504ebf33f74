"""Writing down that a process started or stopped, and that its settings are others than the last time."""

import hashlib
import hmac
import os
import socket
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import Error, connection, transaction

from logs.models import SystemEvent
from logs.services.ending import at_end
from logs.services.system_events import log, note_if_possible

CONFIGURED = "configuration.changed"
PLAIN = (str, int, float, bool, Path, type(None))
APART = ("SECRET_KEY", "SETTINGS_MODULE")
ONE_AT_A_TIME = 0x5EA1_0003


def process_started(component: str) -> None:
    """Note a start, and the stop when the process ends in order; a process that is killed notes none."""
    me = {"process": os.getpid(), "host": socket.gethostname()}
    note_if_possible("process.started", component=component, text=f"{component} started", detail=me)
    at_end(_stopped, component, me)
    try:
        note_configuration(component)
    except Error as error:
        log.warning("configuration_not_noted", error=str(error).strip())


def _stopped(component: str, me: dict[str, Any]) -> None:
    if me["process"] == os.getpid():
        note_if_possible("process.stopped", component=component, text=f"{component} stopped", detail=me)
        connection.close()


@transaction.atomic
def note_configuration(component: str) -> list[str]:
    """Names of the settings that changed since this component last started; noted when there are any."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(%s)", (ONE_AT_A_TIME,))
    last = SystemEvent.objects.filter(kind=CONFIGURED, component=component).order_by("-id").first()
    known, now = (last.detail.get("prints", {}) if last else {}), fingerprints()
    changed = sorted(name for name in known.keys() | now.keys() if known.get(name) != now.get(name))
    if known and "SECRET_KEY" in changed:
        changed = ["SECRET_KEY"]  # the others are printed with it and cannot be compared
    if not changed:
        return []
    text = (
        f"{component} started with other settings: {', '.join(changed)}"
        if known
        else f"{component} configured"
    )
    SystemEvent.objects.create(
        kind=CONFIGURED,
        component=component,
        text=text[:500],
        detail={"changed": changed if known else [], "prints": now},
    )
    return changed if known else []


def fingerprints() -> dict[str, str]:
    """Of every setting that is a plain value or a list of them, a print that does not tell the value."""
    key = settings.SECRET_KEY.encode()
    prints = {
        name: hmac.new(key, f"{name}={value!r}".encode(), hashlib.sha256).hexdigest()[:12]
        for name in dir(settings)
        if name.isupper() and name not in APART and _is_plain(value := getattr(settings, name))
    }
    return prints | {"SECRET_KEY": hashlib.sha256(b"fraudguard " + key).hexdigest()[:12]}


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(isinstance(inner, PLAIN) for inner in value)
    return isinstance(value, PLAIN)
