"""The pages of lists, snoozes and packs: what they show, and what a form changes or refuses."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from alerts.models import Alert
from fraud_detection.models import CustomList, ListEntry, Rule, RuleDraft, RuleSnooze
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.listing.life import make_custom_list
from fraud_detection.services.lists import add_list_entry
from users.models import Customer

pytestmark = pytest.mark.django_db


@pytest.fixture
def page(client, analyst, payments_engine):
    client.force_login(analyst, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def mules(payments_engine, analyst):
    return make_custom_list(name="known_mules", kind="account", description="Mules", acting_user=analyst)


def said(answer):
    return [str(message) for message in answer.context["messages"]]


def put(user, value="acc-7", name="known_mules", kind="account", **options):
    return add_list_entry(list=name, kind=kind, value=value, reason="seen", acting_user=user, **options)


def test_the_lists_with_counts_and_rules(page, mules, analyst):
    put(analyst)
    rule = Rule.objects.create(engine="payments", code="PAYS_MULE")
    RuleDraft.objects.create(
        rule=rule, definition={"condition": "receiver_id in known_mules"}, author="a", saved_by="a"
    )
    text = page.get("/lists/").content.decode()
    assert "known_mules" in text and "PAYS_MULE" in text and "0 hits in 30 days" in text
    detail = page.get("/lists/known_mules/").content.decode()
    assert "acc-7" in detail and "PAYS_MULE" in detail
    refused = page.post("/lists/known_mules/delete/", {"version": 1})
    assert refused.status_code == 409 and "PAYS_MULE of payments (draft)" in refused.content.decode()
    assert CustomList.objects.get().removed_at is None


def test_a_list_is_made_described_and_deleted(page):
    asked = {"name": "risky_words", "kind": "word", "description": "Watched"}
    assert page.post("/lists/new/", asked)["Location"] == "/lists/risky_words/"
    again = page.post("/lists/new/", asked)
    assert again.status_code == 422 and "a list &#x27;risky_words&#x27; already" in again.content.decode()
    page.post("/lists/risky_words/describe/", {"description": "Watched words", "version": 1})
    assert CustomList.objects.get().description == "Watched words"
    assert page.post("/lists/risky_words/delete/", {"version": 1}).status_code == 409
    assert page.post("/lists/risky_words/delete/", {"version": 2})["Location"] == "/lists/"
    assert page.get("/lists/risky_words/").status_code == 404


def test_an_entry_is_added_changed_and_taken_off(page, mules):
    asked = {"list": "known_mules", "kind": "account", "value": "acc-7", "reason": "seen", "expires_at": ""}
    assert page.post("/lists/add/", asked)["Location"] == "/lists/known_mules/"
    entry = ListEntry.objects.get()
    change = {"reason": "confirmed", "expires_at": "2999-01-01T12:00", "version": 1}
    assert page.post(f"/lists/entries/{entry.pk}/edit/", change).status_code == 302
    assert page.post(f"/lists/entries/{entry.pk}/edit/", change).status_code == 409
    assert page.post(f"/lists/entries/{entry.pk}/edit/", change | {"expires_at": "soon"}).status_code == 422
    entry.refresh_from_db()
    assert (entry.reason, entry.expires_at.year, entry.revision) == ("confirmed", 2999, 2)
    page.post(f"/lists/entries/{entry.pk}/remove/")
    assert page.get("/lists/known_mules/").context["page"].rows == []
    assert "acc-7" in page.get("/lists/known_mules/?state=removed").content.decode()


def test_what_cannot_stand_is_said_and_not_stored(page, mules):
    wrong = {"list": "block", "kind": "ip_range", "value": "10.0.0.1/8", "reason": "r"}
    answer = page.post("/lists/add/", wrong, follow=True)
    assert "the range it lies in is 10.0.0.0/8" in said(answer)[0] and not ListEntry.objects.exists()


def test_a_csv_names_each_wrong_line_and_stores_all_or_nothing(page, mules):
    def send(text):
        file = SimpleUploadedFile("mules.csv", text.encode(), "text/csv")
        return page.post("/lists/known_mules/import/", {"file": file, "reason": ""})

    refused = send("value,reason\nacc-1,r\n,r\nacc-2,\n")
    text = refused.content.decode()
    assert refused.status_code == 422 and "line 3, value" in text and "line 4, reason" in text
    assert not ListEntry.objects.exists()
    assert send("value,reason\nacc-1,r\n").status_code == 302
    out = b"".join(page.get("/lists/known_mules/export/").streaming_content).decode()
    assert out.splitlines()[1].startswith("acc-1,account,r,,")


def test_entries_are_searched_and_paged(page, mules, analyst):
    for number in range(60):
        put(analyst, f"acc-{number}")
    first = page.get("/lists/known_mules/")
    assert len(first.context["page"].rows) == 50 and first.context["page"].after
    following = page.get("/lists/known_mules/", {"after": first.context["page"].after})
    assert [entry.value for entry in following.context["page"].rows][-1] == "acc-0"
    found = page.get("/lists/known_mules/?q=ACC-59").context["page"].rows
    assert [entry.value for entry in found] == ["acc-59"]
    assert page.get("/lists/known_mules/?q=%00x&state=nothing").status_code == 200


def test_a_customer_is_put_on_a_list_from_their_page(page):
    customer = Customer.objects.create(external_id="cust-1")
    at = f"/customers/{customer.pk}/"
    assert 'value="cust-1"' in page.get(at).content.decode()
    asked = {"list": "block", "kind": "customer", "value": "cust-1", "reason": "fraud", "next": at}
    assert page.post("/lists/add/", asked)["Location"] == at
    assert ListEntry.objects.get().value == "cust-1"
    elsewhere = page.post("/lists/add/", asked | {"next": "https://example.com/"})
    assert elsewhere["Location"] == "/lists/block/"


def test_a_rule_is_snoozed_from_an_alert_and_its_hit_is_marked(page, drain, client_system):
    decide_payment(drain(), client=client_system)
    alert = Alert.objects.get()
    at = f"/alerts/{alert.pk}/"
    assert f"Snooze {alert.rule} for this {alert.subject_kind}" in page.get(at).content.decode()
    asked = {
        "engine": alert.engine,
        "rule": alert.rule,
        "subject_kind": alert.subject_kind,
        "subject": alert.subject,
        "reason": "known",
        "days": "30",
        "next": at,
    }
    assert page.post("/rule-snoozes/new/", asked)["Location"] == at
    snooze = RuleSnooze.objects.get()
    assert timedelta(days=29) < snooze.until - timezone.now() <= timedelta(days=30)
    assert "keeps quiet about" in page.get(at).content.decode()
    rule = Rule.objects.get(engine=alert.engine, code=alert.rule)
    assert snooze.subject in page.get(f"/rules/{rule.pk}/").content.decode()
    page.post(f"/rule-snoozes/{snooze.pk}/end/", {"next": at})
    snooze.refresh_from_db()
    assert snooze.ended_at is not None


@pytest.mark.parametrize("changes", [{"days": "0"}, {"days": "400"}, {"days": "x"}, {"rule": "BLOCKLIST"}])
def test_a_snooze_that_cannot_be_is_said(page, changes):
    asked = {
        "engine": "payments",
        "rule": "ACCOUNT_DRAIN",
        "subject_kind": "sender",
        "subject": "acc-1",
        "reason": "r",
        "days": "30",
    }
    answer = page.post("/rule-snoozes/new/", asked | changes, follow=True)
    assert said(answer)[0].startswith("Not snoozed.") and not RuleSnooze.objects.exists()


def test_a_pack_is_shown_and_loaded_as_drafts(page):
    text = page.get("/rules/packs/").content.decode()
    assert "Mule accounts" in text and "known_mules" in text
    answer = page.post("/rules/packs/mule_accounts/load/", follow=True)
    assert said(answer) == ["Drafted, deciding nothing yet: PAYS_KNOWN_MULE, MULE_FAN_IN."]
    assert RuleDraft.objects.count() == 2
    assert page.get("/rules/export/payments/")["Content-Type"].startswith("application/yaml")
    assert page.post("/rules/packs/nothing/load/").status_code == 404


def test_an_auditor_sees_no_form(client, auditor, mules):
    client.force_login(auditor, backend="django.contrib.auth.backends.ModelBackend")
    for at in ("/lists/", "/lists/known_mules/", "/rules/packs/"):
        assert 'method="post" action="/lists' not in client.get(at).content.decode()
    assert client.post("/lists/new/", {}).status_code == 403
