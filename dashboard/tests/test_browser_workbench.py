"""The workbench in Chromium: a wrong name is told as one types, mended, saved; a second save conflicts."""

import pytest
from django.conf import settings as django_settings

from fraud_detection.models import Rule, RuleDraft
from fraud_detection.services.rulebook import save_draft
from fraud_detection.services.workbench import sample

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def rule(payments_engine):
    sample.forget()
    yield Rule.objects.get(engine="payments", code="NEW_PAYEE_HIGH_AMOUNT")
    sample.forget()


@pytest.fixture
def page(rule, browser, live_server, signed_in, settings):
    """A page of an analyst that fails the test when the browser reports an error."""
    settings.LIVE_SAME_ORIGIN = True  # no live process runs here: the page polls
    cookie = signed_in("analyst").cookies[django_settings.SESSION_COOKIE_NAME].value
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


def test_a_wrong_name_is_told_mended_saved_and_a_second_save_conflicts(page, rule, person):
    page.goto(f"/rules/{rule.pk}/")
    page.locator("#count", has_text="no errors").wait_for()
    page.locator(".ed .ln", has_text="first_pair").first.click()
    page.keyboard.press("Control+End")
    page.keyboard.type("\n&& sender_cout_1h > 3")
    page.locator(".ed .ln.err", has_text="3:4 Unknown name 'sender_cout_1h'. Did you mean").wait_for()
    assert page.locator(".ed .sq").all_inner_texts() == ["sender_cout_1h"]
    assert page.locator("#english .q").inner_text() == "line 3 (not understood yet)"

    for _ in range(len("cout_1h > 3")):
        page.keyboard.press("Backspace")
    page.keyboard.type("count_1")
    page.locator(".comp li[aria-selected=true]", has_text="sender_count_1h").wait_for()
    page.keyboard.press("Tab")
    page.keyboard.type(" > 3")
    page.locator("#count", has_text="no errors").wait_for()
    page.locator("#changed", has_text="changed since v1: line 3").wait_for()
    page.keyboard.press("Control+s")
    page.locator("#toast", has_text="Draft saved").wait_for()
    assert RuleDraft.objects.get().definition["condition"].endswith("\n&& sender_count_1h > 3")

    draft = RuleDraft.objects.get()
    ben = person("analyst", email="ben@example.com")
    save_draft(rule, {**draft.definition, "family": "other"}, seen=draft.revision, acting_user=ben)
    page.keyboard.type(" && is_night")  # the caret is where it was
    page.keyboard.press("Control+s")
    page.locator(".note.warn", has_text="ben@example.com saved family").wait_for()
    assert RuleDraft.objects.get().definition["family"] == "other"
    assert page.locator("[name=condition]").input_value().endswith("sender_count_1h > 3 && is_night")
    page.get_by_role("button", name="save yours over it").click()
    page.locator("#toast", has_text="Draft saved").wait_for()
    stored = RuleDraft.objects.get()
    assert stored.definition["condition"].endswith("&& is_night") and stored.definition["family"] == "amount"
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
