"""What a page asks for every few seconds when its live connection cannot open."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from dashboard.access import requires
from dashboard.live.figures import kpis
from dashboard.live.messages import message_of
from dashboard.selectors.alerts import newest_alert_id, raised_after
from logs import activity
from users.roles import Ability


@require_safe
@requires(Ability.READ)
def state(request: HttpRequest) -> HttpResponse:
    """The socket's message: what was decided behind stream entry `after`, alerts behind `alert`."""
    entries = [
        entry for entry in activity.recent(limit=200) if _newer(entry["id"], request.GET.get("after", ""))
    ]
    alert_id = request.GET.get("alert", "")
    message = message_of(list(reversed(entries)), request.user.pk)
    message["kpis"] = kpis(timezone.now())
    message["last"] = entries[0]["id"] if entries else request.GET.get("after", "")
    message["newest_alert"] = newest_alert_id()
    known = int(alert_id) if alert_id.isdecimal() and len(alert_id) < 19 else message["newest_alert"]
    message["alerts"] = raised_after(known)
    return JsonResponse(message)


def _newer(entry_id: str, after: str) -> bool:
    return _order(entry_id) > _order(after)


def _order(entry_id: str) -> tuple[int, int]:
    """Stream ids are milliseconds-number; an unreadable one stands before all."""
    first, _, second = entry_id.partition("-")
    readable = first.isdecimal() and second.isdecimal() and len(entry_id) <= 41  # two 64-bit numbers
    return (int(first), int(second)) if readable else (0, 0)
