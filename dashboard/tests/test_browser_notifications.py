"""Webhooks and notifications in Chromium: the bell opens, pages fit a narrow screen, nothing is inline."""

import os

import pytest
from django.utils import timezone

from alerts.models import NotificationDelivery, WebhookDelivery
from alerts.services import raise_system_alert
from alerts.services.outbox import relay_outbox
from alerts.tests.told_rows import make_told_rows
from tests.fixtures import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
PAGES = (
    *("/webhooks/", "/webhooks/?new", "/notifications/", "/notifications/sent/", "/notifications/rules/"),
    *("/notifications/rules/?new", "/notifications/wordings/", "/settings/notifications/"),
)


@pytest.fixture
def told(admin):
    make_told_rows(admin)
    raise_system_alert(
        engine="system",
        kind="machine.disk",
        subject="x",
        severity="critical",
        message="Disk: 93% in use, 12.4 GiB left; threshold 90%",
        at=timezone.now(),
    )
    relay_outbox()
    WebhookDelivery.objects.update(state="dead", dead_reason="given up after about 24 hours; last: timed out")
    NotificationDelivery.objects.update(state="dead", dead_reason="mail server: Connection refused")


@pytest.fixture
def page(browser, live_server, admin, settings):
    settings.LIVE_SAME_ORIGIN = True
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    opened.goto("/login/")
    opened.fill("[name=username]", admin.email)
    opened.fill("[name=password]", PASSWORD)
    opened.click("button[type=submit]")
    opened.wait_for_url("**/")
    yield opened
    context.close()
    assert problems == []


def test_the_bell_opens_and_every_page_fits(told, page):
    page.click("#bell summary")
    page.wait_for_selector("#bell-pop .bell-list")
    shots = os.environ.get("NOTIFY_SHOTS")
    if shots:
        page.screenshot(path=f"{shots}/bell.png")
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for address in (*PAGES, f"/webhooks/{WebhookDelivery.objects.get().endpoint_id}/"):
            page.goto(address)
            if shots:
                name = address.strip("/").replace("/", "-").replace("?", "-")
                page.screenshot(path=f"{shots}/{name}-{width}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (address, width)
