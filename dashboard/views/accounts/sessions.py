"""Where one is signed in, and ending it there."""

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from users.accounts.sessions import end_others, end_session

# The first that is found counts: others write the names of those below into theirs.
BROWSERS = {"Edg/": "Edge", "OPR/": "Opera", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Mac OS": "macOS", "Windows": "Windows"}
SYSTEMS |= {"Linux": "Linux"}


def browser_of(user_agent: str) -> str:
    """Such as "Firefox on Windows"; as it named itself where it is none of the known."""
    browser = next((name for mark, name in BROWSERS.items() if mark in user_agent), "")
    system = next((name for mark, name in SYSTEMS.items() if mark in user_agent), "")
    return f"{browser} on {system}" if browser and system else user_agent[:80] or "Unnamed browser"


def listing(request: HttpRequest) -> HttpResponse:
    if request.method == "POST":
        count = end_others(request)
        messages.success(request, f"Signed out of {count} other session{'s' if count != 1 else ''}.")
        return redirect("usersessions_list")
    held = sorted(
        UserSession.objects.purge_and_list(request.user), key=lambda one: one.created_at, reverse=True
    )
    for one in held:
        one.browser = browser_of(one.user_agent)
    context = {"sessions": held, "hours": settings.SESSION_COOKIE_AGE // 3600}
    return render(request, "dashboard/account/sessions.html", context)


def end(request: HttpRequest, pk: int) -> HttpResponse:
    """One that is gone or somebody else's changes nothing and tells nothing."""
    held = UserSession.objects.filter(user=request.user, pk=pk).first()
    if held is not None:
        end_session(held, request)
        messages.success(request, "Signed out there.")
    return redirect("usersessions_list")
