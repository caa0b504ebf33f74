"""The backtest panel, its figures, and the try-out, as people see them."""

import pytest

from fraud_detection.models import Backtest, Rule, RuleDraft
from fraud_detection.services.backtesting import run_backtest
from fraud_detection.tests.backtest_history import day, decide, label, pay, put_in_force, wording

pytestmark = pytest.mark.django_db
PERIOD = {"since": "2026-03-01", "until": "2026-03-31", "labels": "final"}


@pytest.fixture(autouse=True)
def own_directory(settings, tmp_path):
    settings.BACKTEST_DIR = tmp_path / "backtests"


@pytest.fixture
def rule(approving_engine, analyst):
    put_in_force(wording(params={"limit": 400}))
    decide(pay("A", 1, "600.00"), pay("B", 2, "450.00"), pay("C", 3, "20.00"))
    label("A", "fraud", day(10))
    label("B", "fraud", day(10))
    rule = Rule.objects.get(code="LARGE_AMOUNT")
    RuleDraft.objects.create(rule=rule, definition=wording(), author="ana", saved_by="ana")
    return rule


@pytest.fixture
def browser(client, analyst):
    client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    return client


def text_of(answer):
    assert answer.status_code == 200, answer.status_code
    return " ".join(answer.content.decode().split())


def test_a_backtest_is_asked_for_runs_and_shows_both_sides(rule, browser):
    address = f"/rules/{rule.pk}/backtest/"
    assert "Run backtest" in text_of(browser.get(address))
    assert browser.post(address, PERIOD).status_code == 302
    assert "no decision read yet" in text_of(browser.get(address, headers={"HX-Request": "true"}))
    backtest = Backtest.objects.get()
    assert (backtest.rule, backtest.definition["params"]) == (rule, {"limit": 500})
    run_backtest(backtest.pk)
    page = text_of(browser.get(address))
    assert "Active v1" in page and "This text" in page
    assert 'drops <b class="tn">1</b> hit and adds <b class="tn">0</b>' in page
    assert "1 fraud worth 450.00 USD" in page
    assert "This result is for" not in page
    assert "amount &gt;= p.limit: amount 450.00, p.limit 500" in page
    assert "A" in text_of(browser.get(f"/backtests/{backtest.pk}/"))
    assert "LARGE_AMOUNT" in text_of(browser.get("/backtests/"))
    csv = b"".join(browser.get(f"/backtests/{backtest.pk}/hits/").streaming_content).decode()
    assert len(csv.splitlines()) == 3


def test_a_result_of_another_text_says_so(rule, browser):
    browser.post(f"/rules/{rule.pk}/backtest/", PERIOD)
    run_backtest(Backtest.objects.get().pk)
    RuleDraft.objects.update(definition=wording(params={"limit": 700}))
    assert "The text was changed since." in text_of(browser.get(f"/rules/{rule.pk}/backtest/"))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"since": "never"}, "Since must be a day, such as 2026-11-20."),
        ({"since": "2026-04-02"}, "Until must lie after the beginning of the period."),
        ({"since": "9999-12-31", "until": "9999-12-31"}, "Since must be a day of our time."),
        ({"alert_cost": "1e400"}, "Alert cost must be a number, such as 6.50."),
        ({"friction": "101"}, "Friction share must be a share from 0 to 1."),
        ({"labels": "guessed"}, "Labels must be one of final, as_known."),
    ],
)
def test_what_cannot_be_asked_is_told_and_nothing_is_queued(rule, browser, wrong, told):
    answer = browser.post(f"/rules/{rule.pk}/backtest/", PERIOD | wrong)
    assert answer.status_code == 422
    assert told in answer.content.decode()
    assert not Backtest.objects.exists()


def test_a_draft_that_does_not_hold_is_not_replayed(rule, browser):
    RuleDraft.objects.update(definition=wording(condition="amuont >= 5"))
    answer = browser.post(f"/rules/{rule.pk}/backtest/", PERIOD)
    assert answer.status_code == 422 and "unknown name" in answer.content.decode()
    assert not Backtest.objects.exists()


def test_it_is_cancelled_once(rule, browser):
    browser.post(f"/rules/{rule.pk}/backtest/", PERIOD)
    backtest = Backtest.objects.get()
    assert browser.post(f"/backtests/{backtest.pk}/cancel/").status_code == 302
    assert not run_backtest(backtest.pk)
    backtest.refresh_from_db()
    assert (backtest.state, backtest.result) == ("cancelled", None)
    page = browser.post(f"/backtests/{backtest.pk}/cancel/", follow=True)
    assert "is cancelled already" in page.content.decode()


def test_every_part_of_a_try_out_has_its_value_and_place(rule, browser):
    page = text_of(browser.get(f"/rules/{rule.pk}/try/?event=B"))
    assert "It does not fire" in page
    assert (
        '<code>amount &gt;= p.limit</code></td><td class="num mut">1:1</td><td class="num b">false</td>'
        in page
    )
    assert '<code>p.limit</code></td><td class="num mut">1:11</td><td class="num b">500</td>' in page
    assert "600.00 at once" in text_of(browser.get(f"/rules/{rule.pk}/try/?event=A"))
    told = text_of(browser.get(f"/rules/{rule.pk}/try/?event=nothing"))
    assert "There is no event &#x27;nothing&#x27; that payments decided." in told
    assert browser.get(f"/rules/{rule.pk}/try/?event=%23999999999999999999999").status_code == 200
