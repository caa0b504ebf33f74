"""The page of streams: figures that reconcile, letters replayed and discarded."""

import pytest

from fraud_detection.models import StreamConsumer, StreamDeadLetter
from fraud_detection.services.streaming.names import Stream
from fraud_detection.services.streaming.reporting import store_lags
from fraud_detection.services.streaming.source import Lag

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser_of(client):
    def make(user):
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return make


@pytest.fixture
def letter(payments_engine):
    return StreamDeadLetter.objects.create(
        kind="valkey", stream="shop", shard=1, position="5-0", client="shop", engine="payments",
        event_id="T-9", reason="refused", detail="amount: must be a number", body=b"<b>{", digest=b"d" * 32,
    )  # fmt: skip


def test_an_empty_page_says_what_would_fill_it(browser_of, analyst):
    page = browser_of(analyst).get("/streams/").content.decode()
    assert "No consumer ran yet" in page and "No message waits" in page


def test_consumers_shards_and_letters_are_shown(browser_of, analyst, letter):
    StreamConsumer.objects.create(name="host-1", kind="valkey", group="g", events=1234, per_second=55.4)
    store_lags("valkey", "g", [Lag(Stream("shop"), 1, "host-1", 77)])
    client = browser_of(analyst)
    page = client.get("/streams/").content.decode()
    assert "host-1" in page and "1,234" in page and ">77<" in page and "T-9" in page
    part = client.get("/streams/", headers={"HX-Request": "true"}).content.decode()
    assert "host-1" in part and "<html" not in part
    shown = client.get(f"/streams/{letter.pk}/").content.decode()
    assert "amount: must be a number" in shown and "&lt;b&gt;{" in shown


def test_a_letter_that_cannot_be_decided_stays_and_one_is_discarded(browser_of, analyst, letter):
    client = browser_of(analyst)
    refused = client.post(f"/streams/{letter.pk}/replay/")
    assert refused.status_code == 422 and "still cannot be decided" in refused.content.decode()
    assert client.post(f"/streams/{letter.pk}/discard/", {"note": ""}).status_code == 422
    assert client.post(f"/streams/{letter.pk}/discard/", {"note": "a test"}).status_code == 302
    letter.refresh_from_db()
    assert (letter.state, letter.note, letter.settled_by) == ("discarded", "a test", analyst.email)
    assert client.post(f"/streams/{letter.pk}/discard/", {"note": "again"}).status_code == 409


def test_auditors_look_and_settle_nothing(browser_of, auditor, letter):
    client = browser_of(auditor)
    assert "Discard" not in client.get(f"/streams/{letter.pk}/").content.decode()
    assert client.post(f"/streams/{letter.pk}/discard/", {"note": "x"}).status_code == 403
    letter.refresh_from_db()
    assert letter.state == "waiting"
