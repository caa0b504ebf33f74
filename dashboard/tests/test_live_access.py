"""Who may open the live socket, over every route of it, and when one that is open is closed."""

from datetime import timedelta

import pytest
from asgiref.sync import sync_to_async
from django.utils import timezone
from rest_framework_simplejwt.tokens import AccessToken

from dashboard import consumers
from dashboard.routing import websocket_urlpatterns
from dashboard.tests.sockets import Socket
from dashboard.tests.test_live import opens, run
from users.models import User
from users.services.people import deactivate
from users.services.sessions import end_sessions, revoke_tokens
from users.services.tokens import issue_tokens, revoke_token

pytestmark = pytest.mark.django_db(transaction=True)
SOCKETS = {"ws/live/": frozenset({"admin", "analyst", "auditor"})}


def lasting(user: User, seconds: float) -> AccessToken:
    token = AccessToken(issue_tokens(user).access)
    token.set_exp(from_time=timezone.now(), lifetime=timedelta(seconds=seconds))
    return token


def test_every_socket_is_listed():
    assert {str(route.pattern) for route in websocket_urlpatterns} == set(SOCKETS)


@pytest.mark.parametrize("route", SOCKETS)
def test_people_open_it_by_session_or_token(person, route):
    for role in SOCKETS[route]:
        who = person(role)
        assert opens(f"/{route}", who), role
        assert opens(f"/{route}?token={issue_tokens(who).access}"), role


@pytest.mark.parametrize("route", SOCKETS)
def test_nobody_else_does(person, api_key, route):
    admin, gone, ended = person("admin"), person("admin"), person("admin")
    revoked = issue_tokens(admin)
    revoke_token(revoked.refresh)
    before_leaving = issue_tokens(gone).access
    deactivate(gone.pk, acting_user=admin)
    stopped = issue_tokens(ended).access
    revoke_tokens(ended)
    given = {
        "nothing": "",
        "a made-up token": "?token=a.b.c",
        "an expired token": f"?token={lasting(admin, -1)}",
        "a revoked token": f"?token={revoked.access}",
        "an ended token": f"?token={stopped}",
        "a token of somebody deactivated": f"?token={before_leaving}",
        "a token without family": f"?token={AccessToken.for_user(admin)}",
        "a refresh token": f"?token={issue_tokens(admin).refresh}",
        "a key": f"?token={api_key('admin')}",
    }
    assert [name for name, query in given.items() if opens(f"/{route}{query}")] == []


@pytest.mark.parametrize("route", SOCKETS)
@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://testserver.evil.example", ""])
def test_no_foreign_page_opens_it(person, route, origin):
    async def attempt(query: str, user: User | None) -> bool:
        socket = Socket(f"/{route}{query}", user, origin=origin)
        return await socket.connect()

    admin = person("admin")
    assert not run(attempt("", admin))
    assert not run(attempt(f"?token={issue_tokens(admin).access}", None))


def closing(socket: Socket, deed) -> int:
    """The code with which an open socket is closed after the deed."""

    async def talk() -> int:
        assert await socket.connect()
        await sync_to_async(deed)()
        code = await socket.closed()
        await socket.disconnect()
        return code

    return run(talk())


def test_a_token_that_runs_out_closes_it_at_its_second(person):
    socket = Socket(f"/ws/live/?token={lasting(person('analyst'), 1)}")
    assert closing(socket, lambda: None) == consumers.REFUSED


@pytest.mark.parametrize("deed", ["session", "tokens", "person", "session row"])
def test_what_ends_closes_it_at_the_next_look(person, monkeypatch, deed):
    from django.contrib.sessions.models import Session

    monkeypatch.setattr(consumers, "RECHECK", 0.05)
    who, admin = person("analyst"), person("admin")
    deeds = {
        "session": lambda: end_sessions(who),
        "tokens": lambda: revoke_tokens(who),
        "person": lambda: deactivate(who.pk, acting_user=admin),
        "session row": lambda: Session.objects.all().delete(),
    }
    token = f"?token={issue_tokens(who).access}" if deed == "tokens" else ""
    socket = Socket(f"/ws/live/{token}", None if token else who)
    assert closing(socket, deeds[deed]) == consumers.REFUSED
