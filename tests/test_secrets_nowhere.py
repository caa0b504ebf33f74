"""Secrets of every kind pass through a real server; afterwards they stand nowhere that outlives the request.

Searched: every row of every table as text, every value of the Redis store (tasks waiting in queues among
them), and what the processes logged at the most talkative level.
"""

import http.client
import json
import re
import urllib.parse
from contextlib import closing

import psycopg2
import pytest
import redis
from django.conf import settings

from tests.fixtures import PASSWORD
from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
SET_UP = """
from django.core.management import call_command
from users.models import User
call_command("install_engines")
User.objects.create_user("ada@example.com", "{password}", role="admin")
call_command("create_api_key", "shop", "--scope", "ingest", "--scope", "read")
"""
WRONG, TYPED = "Zebra-wrong-pass-77", "Giraffe-typed-token-88"
CARD = "4539 1488 0343 6467"
SESSIONS = ("django_session", "usersessions_usersession")
HOOK_TOKEN = "Tq9hookTokenPart0123"


@pytest.fixture
def server(django_db_setup, django_db_blocker, tmp_path):
    store = settings.REDIS_URL
    with django_db_blocker.unblock(), database_copy() as url:
        place = {"DATABASE_URL": url, "REDIS_URL": store, "LOG_LEVEL": "DEBUG"}
        server = RealServer(place, tmp_path / "web.log")
        said = server.manage("shell", "--no-imports", "-c", SET_UP.format(password=PASSWORD))
        server.key, server.database = said.split()[-1], url
        server.start()
        yield server
        if server.process.poll() is None:
            server.stop()


def signed_in(server) -> tuple[dict, list[str]]:
    pair = server.call("POST", "/api/v1/token/", {"email": "ada@example.com", "password": PASSWORD}).body
    again = server.call("POST", "/api/v1/token/refresh/", {"refresh": pair["refresh"]}).body
    tokens = [*pair.values(), *again.values()]
    return {"Authorization": f"Bearer {again['access']}"}, tokens


def sign_in_by_page(server, password: str) -> list[str]:
    """The session cookies that were handed out."""
    with closing(http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)) as connection:
        connection.request("GET", "/login/")
        page = connection.getresponse()
        form, cookie = page.read().decode(), page.getheader("Set-Cookie").split(";")[0]
        token = re.search(r'csrfmiddlewaretoken" value="([^"]+)', form)[1]
        body = urllib.parse.urlencode(
            {"username": "ada@example.com", "password": password, "csrfmiddlewaretoken": token}
        )
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": cookie}
        connection.request("POST", "/login/", body, kind | {"Origin": f"http://127.0.0.1:{server.port}"})
        answer = connection.getresponse()
        answer.read()
    cookies = [value for name, value in answer.getheaders() if name.lower() == "set-cookie"]
    return re.findall(r"sessionid=([a-z0-9]{20,})", " ".join(cookies))


def everything_said(server) -> list[str]:
    """Each secret once in every place where a client may say or be told one."""
    ada, secrets = signed_in(server)
    for password in (WRONG, WRONG):
        server.call("POST", "/api/v1/token/", {"email": "ada@example.com", "password": password})
    sign_in_by_page(server, WRONG)
    secrets += sign_in_by_page(server, PASSWORD)
    again = {**ada, "Idempotency_Key": "make-a-key-once"}
    made = {"client": "pos", "scopes": ["read"]}
    secrets += [server.call("POST", "/api/v1/keys/", made, **again).body["key"] for _ in range(2)]
    hook = {"url": "https://hooks.example.com/in", "events": ["alert.created"]}
    told = server.call("POST", "/api/v1/webhooks/", hook, **ada | {"Idempotency_Key": "hook-once"})
    secrets.append(told.body["secret"])
    channel = {"name": "ops", "url": f"slack://T0AAAAAAA/B0BBBBBBB/{HOOK_TOKEN}"}
    server.call("POST", "/api/v1/notifications/channels/", channel, **ada)
    keyed = {"X_API_Key": server.key}
    server.call("GET", f"/api/v1/transactions/?token={TYPED}&search={urllib.parse.quote(CARD)}", **keyed)
    server.call("GET", "/api/v1/transactions/", X_API_Key=server.key[:-4] + "0000")
    event = {"transaction_id": "S-1", "amount": "1.00", "sender_id": "a", "receiver_id": "b"}
    server.call("POST", "/api/v1/transactions/", event | {"password": TYPED, "amount": CARD}, **keyed)
    server.call("POST", "/api/v1/transactions/", event | {"metadata": {"note": CARD}}, **keyed)
    server.call("POST", "/api/v1/transactions/", [TYPED, CARD], **keyed)
    server.call("PUT", "/api/v1/nowhere/", {"authorization": TYPED}, **keyed)
    return [*secrets, server.key, PASSWORD, WRONG, TYPED, HOOK_TOKEN, *written(CARD)]


def written(card: str) -> list[str]:
    return [card, card.replace(" ", ""), card.replace(" ", "%20"), card.replace(" ", "+")]


def test_what_passed_through_stands_nowhere(server):
    secrets = everything_said(server)
    assert len(secrets) == len([secret for secret in secrets if len(secret) >= 8])
    server.stop()
    places = {"log": server.log.read_text(), **tables(server.database), **store(settings.REDIS_URL)}
    assert "S-1" in places["transactions_transaction"]  # the search does find what is kept
    for table in SESSIONS:  # Django finds a session by its key: docs/SECURITY.md says what that means
        del places[table]
    found = {(place, secret[:12]) for place, text in places.items() for secret in secrets if secret in text}
    assert found == set()


def tables(url: str) -> dict[str, str]:
    """Every table's rows as text."""
    connection = psycopg2.connect(url)
    with closing(connection), connection.cursor() as cursor:
        cursor.execute("select tablename from pg_tables where schemaname = 'public'")
        texts = {}
        for (table,) in cursor.fetchall():
            cursor.execute(f"select string_agg(t::text, E'\\n') from \"{table}\" t")
            texts[table] = cursor.fetchone()[0] or ""
    return texts


def store(url: str) -> dict[str, str]:
    """Every key of every database of the store, with its value."""
    reads = {
        "string": lambda client, key: client.get(key),
        "hash": lambda client, key: client.hgetall(key),
        "list": lambda client, key: client.lrange(key, 0, -1),
        "set": lambda client, key: client.smembers(key),
        "zset": lambda client, key: client.zrange(key, 0, -1),
        "stream": lambda client, key: client.xrange(key),
    }
    texts = {}
    with redis.Redis.from_url(url) as first:
        databases = [int(name[2:]) for name in first.info("keyspace")]
    for number in databases:
        with redis.Redis.from_url(url, db=number) as client:
            for key in client.scan_iter():
                value = reads[client.type(key).decode()](client, key)
                texts[f"redis {number} {key.decode(errors='replace')}"] = f"{key!r} {value!r}"
    return texts


def test_an_answer_shown_again_is_the_same_secret_and_not_stored_in_clear(server):
    ada, _ = signed_in(server)
    again = {**ada, "Idempotency_Key": "make-a-key-once"}
    first, second = (
        server.call("POST", "/api/v1/keys/", {"client": "pos", "scopes": ["read"]}, **again) for _ in range(2)
    )
    assert (first.status, second.status) == (201, 201)
    assert first.body == second.body
    assert second.headers["idempotent-replayed"] == "true"
    assert json.dumps(first.body["key"]) not in tables(server.database)["logs_idempotentcall"]
