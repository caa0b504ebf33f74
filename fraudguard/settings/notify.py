"""E-mail, other channels, and the thresholds of the machine's own alerts."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from urllib.parse import parse_qsl, unquote, urlsplit

from fraudguard.environment import flag, names, number, refuse, text
from fraudguard.settings.base import DEBUG, PORT

_SCHEMES = {"smtp": (25, False, False), "smtp+tls": (587, True, False), "smtps": (465, False, True)}


def _from_url(url: str) -> dict:
    """smtp[+tls|s]://user:password@host:port, or console://"""
    parts = urlsplit(url)
    if parts.scheme == "console":
        return {}
    if parts.scheme not in _SCHEMES or not parts.hostname:
        refuse(
            "EMAIL_URL", f"scheme {parts.scheme!r} or host is wrong", "Give smtp+tls://user:password@host:587"
        )
        return {}
    port, tls, ssl = _SCHEMES[parts.scheme]
    tls = tls or dict(parse_qsl(parts.query)).get("tls") == "true"
    return {
        "host": parts.hostname,
        "port": parts.port or port,
        "username": unquote(parts.username or ""),
        "password": unquote(parts.password or ""),
        "tls": tls,
        "ssl": ssl,
    }


_mail = _from_url(text("EMAIL_URL")) if text("EMAIL_URL") else {}
EMAIL_HOST = _mail.get("host") or text("EMAIL_HOST")
EMAIL_PORT = _mail.get("port") or number("EMAIL_PORT", 587, 1, 65535)
EMAIL_HOST_USER = _mail.get("username") or text("EMAIL_USERNAME")
EMAIL_HOST_PASSWORD = _mail.get("password") or text("EMAIL_PASSWORD")
EMAIL_USE_SSL = _mail.get("ssl", EMAIL_PORT == 465)
EMAIL_USE_TLS = _mail.get("tls", flag("EMAIL_USE_TLS", EMAIL_PORT == 587)) and not EMAIL_USE_SSL
EMAIL_TIMEOUT = 10
EMAIL_BACKEND = f"django.core.mail.backends.{'smtp' if EMAIL_HOST else 'console'}.EmailBackend"
DEFAULT_FROM_EMAIL = SERVER_EMAIL = text("EMAIL_FROM", "FraudGuard <fraudguard@localhost>")
NOTIFY_URLS = names("NOTIFY_URLS")

ALERT_CPU_THRESHOLD = number("ALERT_CPU_THRESHOLD", 90, 1, 100)
ALERT_MEMORY_THRESHOLD = number("ALERT_MEMORY_THRESHOLD", 90, 1, 100)
ALERT_DISK_THRESHOLD = number("ALERT_DISK_THRESHOLD", 90, 1, 100)
ALERT_QUEUE_THRESHOLD = number("ALERT_QUEUE_THRESHOLD", 5_000, 1, 100_000_000)

SITE_URL = text("SITE_URL", f"http://localhost:{PORT}").rstrip("/")
if urlsplit(SITE_URL).scheme not in ("http", "https") or not urlsplit(SITE_URL).hostname:
    refuse("SITE_URL", f"{SITE_URL!r} is no address", "Give scheme and host, e.g. https://fraud.example.com")
NOTIFY_WINDOW_SECONDS = number("NOTIFY_WINDOW_SECONDS", 300, 1, 86_400)
WEBHOOK_TIMEOUT_SECONDS = number("WEBHOOK_TIMEOUT_SECONDS", 10, 1, 120)
WEBHOOK_ALLOW_HTTP = flag("WEBHOOK_ALLOW_HTTP", DEBUG)
WEBHOOK_DISABLE_DAYS = number("WEBHOOK_DISABLE_DAYS", 5, 1, 365)
DELIVERY_RETENTION_DAYS = number("DELIVERY_RETENTION_DAYS", 30, 2, 3650)


def _networks(name: str) -> list[IPv4Network | IPv6Network]:
    found = []
    for part in names(name):
        try:
            found.append(ip_network(part))
        except ValueError:
            refuse(name, f"{part!r} is no network", "Give addresses or networks, e.g. 10.1.0.0/16")
    return found


WEBHOOK_ALLOWED_NETWORKS = _networks("WEBHOOK_ALLOWED_NETWORKS")
