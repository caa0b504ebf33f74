"""The box in the top bar."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from alerts.models import Alert
from dashboard.access import requires
from dashboard.selectors import search
from transactions.models import Transaction
from users.models import Customer
from users.roles import Ability

PAGES = {Alert: "dashboard:alert", Transaction: "dashboard:transaction", Customer: "dashboard:customer"}


@require_safe
@requires(Ability.READ)
def results(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").strip()[:128].replace("\x00", "")
    if text and (thing := search.named(text)):
        return redirect(PAGES[type(thing)], thing.pk)
    found = search.found(text, request.user, timezone.now()) if text else None
    return render(request, "dashboard/search.html", {"q": text, "found": found})
