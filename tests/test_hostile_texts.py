"""Texts that clients send are shown as texts, on every page that a crawl from the overview reaches."""

import re
from collections import Counter
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, resolve

from alerts.models import Alert
from alerts.services.cases.opening import open_case
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.lists import add_list_entry

pytestmark = pytest.mark.django_db
MARKUP = """"><img src=x onerror=alert(1)><script>alert(1)</script>'{{7*7}}"""
PAGES_EACH = 3  # of one address pattern
NOT_FOLLOWED = re.compile(r"/logout|/admin/|/api/|/static/|export|\.csv|\.pdf|\.zip")


class Links(HTMLParser):
    """The addresses a page leads to, and the elements that should not be there."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.planted: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if given.get("href"):
            self.addresses.append(given["href"])
        if given.get("src") == "x" or any(name.startswith("on") for name in given):
            self.planted.append(tag)

    def handle_data(self, data):
        if self.lasttag == "script" and data.strip() == "alert(1)":
            self.planted.append("script")


def is_page(answer) -> bool:
    return answer.get("Content-Type", "").startswith("text/html") and not answer.streaming


def crawl(client, start: str):
    """Each page reached as (address, answer), PAGES_EACH of a pattern at most."""
    waiting, seen, patterns = [start], {start}, Counter()
    while waiting:
        address = waiting.pop(0)
        try:
            pattern = resolve(urlsplit(address).path).route
        except Resolver404:
            continue
        patterns[pattern] += 1
        if patterns[pattern] > PAGES_EACH:
            continue
        answer = client.get(address)
        yield pattern, address, answer
        if is_page(answer):
            for link in Links(answer.content.decode()).addresses:
                found = urljoin(address, link).partition("#")[0]
                if found.startswith("/") and found not in seen and not NOT_FOLLOWED.search(found):
                    seen.add(found)
                    waiting.append(found)


@pytest.fixture
def hostile_events(payments_engine, drain, client_system, admin):
    """An alert, a case, a list entry and a person with markup wherever a text may be given."""
    texts = (
        "sender_name",
        "receiver_name",
        "merchant_name",
        "description",
        "city",
        "device_id",
        "card_token",
    )
    for number in range(2):
        event = drain(
            transaction_id=f"{MARKUP} {number}",
            sender_id=f"{MARKUP} sender",
            receiver_id=f"{MARKUP} receiver",
            **{name: f"{MARKUP} {name}" for name in texts if name in known_texts()},
            metadata={MARKUP: {MARKUP: MARKUP}},
        )
        decide_payment(event, client=client_system)
    admin.name = MARKUP
    admin.save()
    add_list_entry(list="block", kind="device", value=MARKUP, reason=MARKUP, acting_user=admin)
    return open_case(title=MARKUP, acting_user=admin, alert_ids=[Alert.objects.first().pk])


def known_texts() -> set[str]:
    from ml.domains.payments.schema import FIELDS

    return {field.name for field in FIELDS}


def test_no_page_carries_markup_that_came_with_an_event(hostile_events, client, admin):
    client.force_login(admin, backend="django.contrib.auth.backends.ModelBackend")
    patterns, showing = set(), 0
    for pattern, address, answer in crawl(client, "/"):
        assert answer.status_code in (200, 302, 403), (address, answer.status_code)
        patterns.add(pattern)
        if is_page(answer):
            text = answer.content.decode()
            assert Links(text).planted == [], address
            showing += "&lt;img src=x" in text
            assert "49" not in re.findall(r"'(\d+) (?:sender|receiver)", text), address
    assert len(patterns) >= 30
    assert showing >= 10
