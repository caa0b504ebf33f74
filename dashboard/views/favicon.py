"""The icon that browsers ask for at a fixed address, whatever a page links."""

from pathlib import Path

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

ICON = (Path(__file__).parents[1] / "static/dashboard/img/favicon.ico").read_bytes()


@require_safe
@cache_control(max_age=86_400, public=True)
def icon(request: HttpRequest) -> HttpResponse:
    return HttpResponse(ICON, content_type="image/x-icon")
