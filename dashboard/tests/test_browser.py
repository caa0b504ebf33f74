"""The pages in Chromium: sign in, see, decide by keyboard, on a wide and on a narrow screen."""

import re

import pytest

from alerts.models import Alert
from tests.fixtures import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
SIZES = [(1440, 900), (390, 844), (360, 740)]


@pytest.fixture
def page(browser, live_server, analyst, settings):
    """A signed-in page that fails the test when the browser reports an error."""
    settings.LIVE_SAME_ORIGIN = True  # no live process runs here: the socket is refused, and the page polls
    context = browser.new_context(viewport={"width": 1440, "height": 900}, base_url=live_server.url)
    opened = context.new_page()
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on("console", lambda said: problems.append(said.text) if "Content Security" in said.text else None)
    opened.goto("/login/")
    opened.fill("[name=username]", analyst.email)
    opened.fill("[name=password]", PASSWORD)
    opened.click("button[type=submit]")
    opened.wait_for_url("**/")
    yield opened
    context.close()
    assert problems == []


def test_the_overview_draws_its_figures_and_charts(drained, page):
    assert page.inner_text("h1") == "Overview"
    assert page.inner_text(".tile [data-kpi=events]") == "1"
    for chart in ("c-days", "c-rate"):
        assert page.evaluate(f"!!Chart.getChart('{chart}')")


def test_the_page_polls_when_no_socket_opens(drained, page, decide):
    page.locator("#live", has_text="Every 5 s").wait_for()
    decide()
    page.locator(".tile [data-kpi=events]", has_text="2").wait_for()


def test_an_alert_is_closed_with_two_keys(drained, page):
    page.goto("/alerts/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/alerts/{drained.pk}/")
    page.keyboard.press("a")
    page.wait_for_selector("#pop-a:not([hidden])")
    page.keyboard.press("1")
    page.wait_for_url("**/alerts/")
    assert "closed as confirmed fraud" in page.inner_text("#toast")
    drained.refresh_from_db()
    assert (drained.disposition, drained.note) == ("confirmed_fraud", "Customer denied the payments")


def test_a_note_of_ones_own_is_a_reason_too(drained, page):
    page.goto(f"/alerts/{drained.pk}/")
    page.keyboard.press("r")
    page.keyboard.press("Enter")  # nothing is written yet: nothing is sent
    page.keyboard.type("Invoices seen")
    page.keyboard.press("Enter")
    page.wait_for_url("**/alerts/")
    drained.refresh_from_db()
    assert (drained.disposition, drained.note) == ("false_positive", "Invoices seen")


def test_rows_are_selected_and_claimed_by_keys(drained, page, analyst):
    page.goto("/alerts/")
    for key in ("j", "x"):
        page.keyboard.press(key)
    assert page.inner_text("#bulk b") == "1 selected"
    assert page.inner_text("#bulk span").startswith("9,100.00 USD, 1 high")
    page.keyboard.press("c")
    page.wait_for_selector("text=1 assigned to you")
    drained.refresh_from_db()
    assert drained.assignee == analyst


def test_a_filter_changes_the_address_and_the_rows(drained, page):
    page.goto("/alerts/")
    page.select_option("[name=severity]", "critical")
    page.wait_for_selector("text=No alert matches this filter")
    assert "severity=critical" in page.url


def test_single_keys_can_be_switched_off(drained, page):
    page.goto("/alerts/")
    page.keyboard.press("?")
    page.uncheck("#single-keys")
    page.keyboard.press("Escape")
    page.keyboard.press("j")
    assert page.locator("tr.cur").count() == 0


def test_the_theme_is_remembered(drained, page):
    before = page.get_attribute("html", "data-bs-theme")
    page.click("button[data-theme]")
    page.reload()
    assert page.get_attribute("html", "data-bs-theme") != before


@pytest.mark.parametrize("size", SIZES)
def test_no_page_scrolls_sideways(drained, page, size):
    page.set_viewport_size({"width": size[0], "height": size[1]})
    event = drained.hits.get().assessment.transaction_id
    paths = [
        "/",
        "/alerts/",
        f"/alerts/{drained.pk}/",
        "/transactions/",
        f"/transactions/{event}/",
        "/customers/",
        "/histories/",
        "/histories/new/",
        "/cases/",
        "/queues/",
        "/team/",
    ]
    for path in [*paths, f"/customers/{drained.customer_id}/", "/search/?q=claire"]:
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= size[0], path


def test_a_long_id_and_what_opens_stay_on_a_phone(page, decide, drain):
    page.set_viewport_size({"width": 390, "height": 844})
    decide(**drain(sender_id="C" + "9" * 60, receiver_id="R" * 60))
    alert = Alert.objects.get()
    for path in (f"/alerts/{alert.pk}/", f"/customers/{alert.customer_id}/"):
        page.goto(path)
        page.locator("[data-links-list]").wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, path
    page.goto(f"/alerts/{alert.pk}/")
    for name in ("Assign", "Snooze"):
        page.locator(".acts summary", has_text=name).click()
        assert page.evaluate("document.documentElement.scrollWidth") == 390, name


def test_new_alerts_are_counted_and_rows_stay(drained, page, decide, drain):
    page.goto("/alerts/")
    page.locator("#live", has_text="Every 5 s").wait_for()
    decide(**drain(sender_id="C-300"))
    page.locator("#new-pill", has_text="1 new").wait_for()
    assert page.locator("table.q tbody tr").count() == 1
    assert "9,100.00 USD at stake + 1 new = 2" in page.inner_text(".card footer")
    page.click("#new-pill")
    page.locator("text=All 2 listed").wait_for()
    assert page.locator("table.q tbody tr").count() == 2


def test_a_history_is_uploaded_mapped_and_imported(page, settings, tmp_path):
    from fraud_detection.models import HistoryUpload
    from fraud_detection.services.history_uploads import run_import

    settings.HISTORY_DIR, file = tmp_path / "histories", tmp_path / "terminals.csv"
    rows = [f"t{n},2025-01-{1 + n % 28:02d},c{n % 20},s{n % 30},{n}.5,{int(n % 5 == 0)}" for n in range(310)]
    file.write_text("\n".join(["TX_ID,TX_DATE,CUSTOMER_ID,TERMINAL_ID,TX_AMOUNT,TX_FRAUD", *rows]))
    page.goto("/histories/new/")
    page.set_input_files("#file", str(file))
    page.click("#upload button[type=submit]")
    page.wait_for_url("**/histories/uploads/*/")
    assert page.locator("select[name=column-3]").input_value() == "counterparty"
    page.fill("[name=name]", "terminals")
    page.click("#mapping button[type=submit]")
    page.wait_for_selector("#importing")
    run_import(HistoryUpload.objects.get().pk)  # what a worker does
    page.wait_for_url(re.compile(r"/histories/\d+/$"))
    assert page.inner_text("h1") == "terminals"
    assert "62" in page.inner_text(".tile:nth-child(2) .v")


def test_a_file_above_the_limit_is_refused_before_it_is_sent(page, settings, tmp_path):
    settings.HISTORY_UPLOAD_MB, file = 1, tmp_path / "large.csv"
    file.write_bytes(b"a,b,fraud\n" + b"1,2,0\n" * 200_000)
    page.goto("/histories/new/")
    page.set_input_files("#file", str(file))
    assert page.is_visible("#too-large")
    page.click("#upload button[type=submit]")
    assert page.url.endswith("/histories/new/")
