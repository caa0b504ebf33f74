"""Speaking to chats, pagers and SMS gateways through Apprise, within the bounds that webhooks have.

Only services that are spoken to over HTTP are taken from people: their connections go through the same
check of addresses, at connect time and at every redirect, and are cut when they take too long. Kinds that
read files of this machine are not taken. Apprise's own log is muted, it may name URLs.
"""

import logging
import re
import sys
import threading
import time
from urllib.parse import parse_qsl

from django.conf import settings

from alerts.services.delivering.http import Sent
from alerts.services.notifying.bounding import Bounds, bounded

_OF_FILES = {"keyfile", "subfile"}  # arguments that name files
_STATUS = re.compile(r"error=(\d{3})\b")
_LOG = logging.getLogger("apprise")


class ChannelRefused(ValueError):
    """A channel that cannot be used; `field` names what is wrong."""

    def __init__(self, field: str, message: str):
        self.field, self.message = field, message
        super().__init__(message)


def service_of(url: str, *, by_http: bool = True) -> str:
    """What the URL speaks to, say Slack; raises ChannelRefused, which never repeats the URL."""
    if by_http and _OF_FILES & _arguments(url):
        raise ChannelRefused("url", "must not name files of this machine")
    plugin = _plugin(url)
    if plugin is None:
        raise ChannelRefused("url", "is no Apprise URL, see https://github.com/caronc/apprise/wiki")
    if by_http and not _speaks_http(plugin):
        raise ChannelRefused(
            "url", "this kind of channel is not spoken to over HTTP; name it in NOTIFY_URLS, or use e-mail"
        )
    if by_http and _reads_files(plugin):
        raise ChannelRefused("url", "must not name files of this machine")
    return str(plugin.service_name or type(plugin).__name__)[:64]


def send(url: str, title: str, body: str) -> Sent:
    """One try; neither error nor log names the URL. It ends after three timeouts, however slow the drip."""
    started = time.monotonic()
    with bounded(3 * settings.WEBHOOK_TIMEOUT_SECONDS) as bounds:
        plugin = _plugin(url)
        if plugin is None:
            return Sent(None, 0, "the URL is not understood")
        plugin.socket_connect_timeout = plugin.socket_read_timeout = settings.WEBHOOK_TIMEOUT_SECONDS
        _end_with(bounds, plugin)
        status, error = _notify(plugin, title, body)
    why = bounds.refusal or ("timed out" if bounds.over else error)
    return Sent(status, _since(started), f"{plugin.service_name}: {why}"[:300] if error else "")


def _notify(plugin, title: str, body: str) -> tuple[int | None, str]:
    """The HTTP status where one was seen, and what went wrong."""
    heard = _Heard()
    _LOG.addHandler(heard)
    try:
        accepted = bool(plugin.notify(title=title, body=body))
    except Exception as error:  # a plugin may raise anything; its words may hold the URL
        return heard.status, f"failed: {type(error).__name__}"
    finally:
        _LOG.removeHandler(heard)
    if accepted:
        return None, ""
    return heard.status, f"answered {heard.status}" if heard.status else "did not take it"


def _end_with(bounds: Bounds, plugin) -> None:
    """Plugins sleep between their targets, of which a URL can name hundreds."""
    throttle = plugin.throttle

    def bounded_throttle(*args, **kwargs) -> None:
        bounds.check()
        throttle(*args, **kwargs)

    plugin.throttle = bounded_throttle


class _Heard(logging.Handler):
    """Of what Apprise logs only the HTTP status is kept, of this thread."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.status: int | None = None
        self.thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        found = _STATUS.search(record.getMessage())
        if found and record.thread == self.thread:
            self.status = int(found[1])


def _plugin(url: str):
    import apprise  # half a second to load, and only workers and admins need it

    _LOG.propagate = False
    _LOG.setLevel(logging.WARNING)
    if not any(isinstance(handler, logging.NullHandler) for handler in _LOG.handlers):
        _LOG.addHandler(logging.NullHandler())
    return apprise.Apprise.instantiate(url, suppress_exceptions=True)


def _arguments(url: str) -> set[str]:
    return {name.strip().lower() for name, _ in parse_qsl(url.partition("?")[2], keep_blank_values=True)}


def _speaks_http(plugin) -> bool:
    """Through requests, and through nothing else: neither mail nor sockets of its own."""
    own = sys.modules[type(plugin).__module__]
    by_requests = any(hasattr(sys.modules[kind.__module__], "requests") for kind in type(plugin).__mro__[:2])
    return by_requests and not hasattr(own, "smtplib") and not hasattr(own, "AppriseSocketError")


def _reads_files(plugin) -> bool:
    """Templates and keys that are read from a path or another address when something is sent."""
    from apprise import AppriseAttachment

    named = any(isinstance(value, AppriseAttachment) and len(value) for value in vars(plugin).values())
    return named or bool(_OF_FILES & set(plugin.template_args))


def _since(started: float) -> int:
    return round((time.monotonic() - started) * 1000)
