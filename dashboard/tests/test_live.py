"""The socket, what it says, and the question that replaces it."""

import asyncio
import json
import threading
import time
from collections.abc import Coroutine

import pytest
from asgiref.sync import sync_to_async
from django.db import connections

from dashboard.live.messages import KEPT, Outbox, message_of
from dashboard.tests.sockets import Socket
from logs import activity
from users.services.tokens import issue_tokens

DECISION = {"id": 1, "transaction_id": "t-1", "decision": "review", "amount": 10.0}


def entry(number: int, kind: str = "decision") -> dict:
    return {
        "id": f"{number}-0",
        "kind": kind,
        "at": "2026-01-01T00:00:00+00:00",
        "data": {**DECISION, "id": number},
    }


def run(talk: Coroutine):
    """Its result, from a loop of its own: Playwright's runs in the test's thread for the whole session."""

    async def and_close():
        try:
            return await talk
        finally:
            await sync_to_async(connections.close_all)()

    answer: list = []
    thread = threading.Thread(target=lambda: answer.append(asyncio.run(and_close())))
    thread.start()
    thread.join()
    return answer[0]


def opens(path: str, user=None) -> bool:
    async def attempt() -> bool:
        socket = Socket(path, user)
        accepted = await socket.connect()
        await socket.disconnect()
        return accepted

    return run(attempt())


def test_an_outbox_merges_and_starts_anew():
    outbox = Outbox()
    for number in range(KEPT + 5):
        outbox.add(entry(number))
    outbox.add(entry(999, "job"))
    message = outbox.take()
    assert (message["decided"], len(message["decisions"])) == (KEPT + 5, KEPT)
    assert message["decisions"][-1]["id"] == KEPT + 4
    assert not outbox


def test_only_the_newest_figures_are_told():
    outbox = Outbox()
    outbox.show({"events": 1}, [{"id": 1}])
    outbox.show({"events": 2}, [{"id": 2}])
    message = outbox.take()
    assert (message["kpis"], message["alerts"]) == ({"events": 2}, [{"id": 1}, {"id": 2}])


def test_message_of_keeps_the_order_of_time():
    assert [d["id"] for d in message_of([entry(1), entry(2)])["decisions"]] == [1, 2]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["admin", "analyst", "auditor"])
def test_people_who_read_may_connect(person, role):
    assert opens("/ws/live/", person(role))


@pytest.mark.django_db(transaction=True)
def test_a_token_opens_too(person):
    assert opens(f"/ws/live/?token={issue_tokens(person('analyst')).access}")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("path", ["/ws/live/", "/ws/live/?token=x", "/ws/live/?token="])
def test_strangers_may_not_connect(path):
    assert not opens(path)


@pytest.mark.django_db(transaction=True)
def test_somebody_deactivated_may_not_connect(person):
    assert not opens("/ws/live/", person("analyst", is_active=False))


@pytest.mark.django_db(transaction=True)
def test_decisions_and_figures_reach_every_open_page(person, decide):
    async def talk() -> list[dict]:
        first, second = Socket("/ws/live/", user), Socket("/ws/live/", user)
        await first.connect()
        await second.connect()
        figures = await first.receive()
        assert figures["kpis"]["events"] == 0
        await sync_to_async(decide)(transaction_id="t-live")
        told = [await until(socket, "t-live") for socket in (first, second)]
        counted = await figure(first, 1)
        await first.disconnect()
        await second.disconnect()
        return [*told, counted]

    user = person("analyst")
    first, second, counted = run(talk())
    assert first["decision"] == second["decision"] == "approve"
    assert first["risk_score"] == 0.0
    assert counted["events"] == 1


async def until(socket: Socket, transaction_id: str) -> dict:
    while True:
        message = await socket.receive()
        for decision in message["decisions"]:
            if decision["transaction_id"] == transaction_id:
                return decision


async def figure(socket: Socket, events: int) -> dict:
    while True:
        kpis = (await socket.receive())["kpis"]
        if kpis and kpis["events"] == events:
            return kpis


@pytest.mark.django_db(transaction=True)
def test_a_burst_is_told_in_at_most_ten_messages_a_second(person):
    async def talk() -> tuple[int, int, float]:
        socket = Socket("/ws/live/", user)
        await socket.connect()
        await socket.receive()
        started, messages, decided = time.monotonic(), 0, 0
        for number in range(300):
            await sync_to_async(activity.publish)("decision", {**DECISION, "id": number})
        while decided < 300:
            message = await socket.receive()
            messages, decided = messages + 1, decided + message["decided"]
        took = time.monotonic() - started
        await socket.disconnect()
        return messages, decided, took

    user = person("analyst")
    messages, decided, took = run(talk())
    assert decided == 300
    assert messages <= took * 10 + 2


@pytest.mark.django_db(transaction=True)
def test_pages_that_leave_stop_the_feed(person):
    async def talk() -> tuple[bool, list]:
        from dashboard.live.feed import feed

        socket = Socket("/ws/live/", user)
        await socket.connect()
        running = bool(feed()._tasks)
        await socket.disconnect()
        await asyncio.sleep(0)
        return running, feed()._tasks

    user = person("analyst")
    assert run(talk()) == (True, [])


def test_polling_tells_the_same(signed_in, decide):
    client = signed_in("auditor")
    decide(transaction_id="t-1")
    first = client.get("/live/state/").json()
    assert [d["transaction_id"] for d in first["decisions"]] == ["t-1"]
    assert first["kpis"]["events"] == 1
    decide(transaction_id="t-2")
    second = client.get("/live/state/", {"after": first["last"], "alert": "0"}).json()
    assert [d["transaction_id"] for d in second["decisions"]] == ["t-2"]
    assert client.get("/live/state/", {"after": second["last"]}).json()["decisions"] == []


def test_polling_names_alerts_raised_since(signed_in, drained):
    client = signed_in("analyst")
    answer = client.get("/live/state/", {"alert": str(drained.pk - 1)}).json()
    assert [alert["id"] for alert in answer["alerts"]] == [drained.pk]
    assert client.get("/live/state/", {"alert": str(answer["newest_alert"])}).json()["alerts"] == []
    assert json.dumps(client.get("/live/state/", {"alert": "x", "after": "y"}).json()["alerts"]) == "[]"


@pytest.mark.parametrize("after", ["9" * 5_000 + "-1", "1-" + "9" * 5_000, "x", "-", ""])
def test_polling_behind_an_unreadable_entry_tells_all(signed_in, decide, after):
    decide(transaction_id="t-1")
    answer = signed_in("auditor").get("/live/state/", {"after": after})
    assert [d["transaction_id"] for d in answer.json()["decisions"]] == ["t-1"]
