"""Lists of API keys for those who keep them."""

from datetime import datetime

from django.db.models import Q, QuerySet

from users.models import ApiKey

STATES = {"live": "Live", "replaced": "Replaced", "expired": "Expired", "revoked": "Revoked"}


def key_list(
    now: datetime, *, text: str = "", client: str = "", scope: str = "", state: str = ""
) -> QuerySet[ApiKey]:
    """Newest first; `text` is a part of the client's name or the beginning of the prefix."""
    found = ApiKey.objects.select_related("client", "replaced_by", "replaces").order_by("-id")
    if text:
        found = found.filter(Q(client__name__icontains=text) | Q(prefix__istartswith=text))
    if client:
        found = found.filter(client__name=client)
    if scope:
        found = found.filter(scopes__contains=[scope])
    return found.filter(_of_state(state, now)) if state in STATES else found


def _of_state(state: str, now: datetime) -> Q:
    """As ApiKey.state tells them."""
    if state == "revoked":
        return Q(revoked_at__isnull=False)
    expired = Q(expires_at__isnull=False, expires_at__lte=now)
    if state == "expired":
        return Q(revoked_at=None) & expired
    return Q(revoked_at=None, replaced_by__isnull=state == "live") & ~expired
