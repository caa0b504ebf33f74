"""The registry in Chromium: charts of a report, a promotion in two clicks, narrow screens."""

import pytest
from django.conf import settings as django_settings

from fraud_detection.models import ModelVersion
from fraud_detection.services.model_registry import promote_first
from tests.model_report import REPORT

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
CHARTS = ("c-roc", "c-pr", "c-cal", "c-cost", "c-imp", "c-dep-0", "c-dep-1", "c-dep-2")


@pytest.fixture
def candidate(registered):
    promote_first(registered(), created_by="ana@example.com")
    return registered(report=REPORT)


@pytest.fixture
def page(browser, live_server, signed_in, settings):
    """A page of an admin that fails the test when the browser reports an error."""
    settings.LIVE_SAME_ORIGIN = True  # no live process runs here: the page polls
    cookie = signed_in("admin").cookies[django_settings.SESSION_COOKIE_NAME].value
    context = browser.new_context(base_url=live_server.url)
    context.add_cookies(
        [{"name": django_settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    yield opened
    context.close()
    assert problems == []


def test_a_report_draws_its_charts_in_both_themes(candidate, page):
    page.goto(f"/models/{candidate.pk}/")
    for _ in range(2):
        for chart in CHARTS:
            assert page.evaluate(f"Chart.getChart('{chart}').data.datasets[0].data.length") > 1, chart
        page.click("button[data-theme]")


def test_a_model_is_promoted_in_two_clicks(candidate, page):
    page.goto("/models/")
    page.locator("tr", has_text="payments-2").get_by_text("Promote").click()
    page.get_by_role("button", name="Promote payments-2").click()
    page.locator("#toast", has_text="payments-2 is champion now").wait_for()
    assert ModelVersion.objects.get(pk=candidate.pk).stage == "champion"


@pytest.mark.parametrize("width", [1440, 390, 360])
def test_no_page_of_models_scrolls_sideways(candidate, page, width):
    page.set_viewport_size({"width": width, "height": 844})
    for path in ("/models/", f"/models/{candidate.pk}/", f"/models/{candidate.pk}/?do=promote"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
