"""The workbench page: what it shows to whom, drafts saved and refused, checks as one types."""

import json

import pytest

from fraud_detection.models import Rule, RuleDraft
from fraud_detection.services.rulebook import save_draft
from fraud_detection.services.workbench import sample
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def rule(payments_engine):
    sample.forget()
    yield Rule.objects.get(engine="payments", code="NEW_PAYEE_HIGH_AMOUNT")
    sample.forget()


def fields(**changes):
    """The form of NEW_PAYEE_HIGH_AMOUNT as the page sends it, nothing changed."""
    return {
        "condition": "first_pair && amount >= p.min_amount\r\n"
        "  && amount >= p.mean_ratio * sender_earlier_mean_30d",
        "requires": "sender_earlier_count_30d >= p.min_count",
        "code": "NEW_PAYEE_HIGH_AMOUNT",
        "family": "amount",
        "subject": "sender",
        "severity": "medium",
        "confidence": "",
        "weight": "",
        "outcome": "",
        "reason": "{amount} to a new payee",
        "description": "The sender's first event to this receiver, well above its usual amount.",
        "evidence": "amount, sender_earlier_mean_30d, sender_earlier_count_30d",
        "param_name": ["mean_ratio", "min_amount", "min_count", ""],
        "param_kind": ["number", "number", "number", "number"],
        "param_value": ["3", "500", "5", ""],
        **changes,
    }


def text_of(answer, status=200):
    assert answer.status_code == status
    return answer.content.decode()


def test_the_page_shows_the_text_in_force_with_its_english(signed_in, rule):
    page = text_of(signed_in("analyst").get(f"/rules/{rule.pk}/"))
    assert "  &amp;&amp; amount &gt;= p.mean_ratio * sender_earlier_mean_30d" in page
    assert "<u>the sender pays this receiver for the first time</u>" in page
    assert "payments · v1, no draft" in page and "the same as v1" in page
    assert 'value="500"' in page and "Ctrl S" in page


def test_an_auditor_sees_everything_and_changes_nothing(signed_in, rule):
    auditor = signed_in("auditor")
    page = text_of(auditor.get(f"/rules/{rule.pk}/"))
    assert "data-readonly" in page and "Ctrl S" not in page
    assert 'name="condition" id="f-condition" rows="6"' in page and "readonly" in page
    assert auditor.post(f"/rules/{rule.pk}/", fields(seen="0")).status_code == 403
    assert auditor.post("/rules/check/", fields(rule=rule.pk)).status_code == 403
    assert not RuleDraft.objects.exists()


def test_saving_makes_a_draft_and_only_what_was_changed_differs(signed_in, rule):
    analyst = signed_in("analyst")
    posted = fields(seen="0", reason="x {amount}", weight="0.25")
    answer = analyst.post(f"/rules/{rule.pk}/", posted, follow=True)
    page = text_of(answer)
    draft = RuleDraft.objects.get()
    first = rule.versions.get().definition
    assert draft.definition == {**first, "reason": "x {amount}", "weight": 0.25}  # its layout is kept too
    assert "draft v2 by you" in page and "changed since v1: reason, weight" in page
    told = AuditEvent.objects.get(action="rule.draft_saved")
    assert told.after == {"revision": 1, "fields": ["reason", "weight"]}


def test_an_unfinished_text_is_saved_and_its_errors_are_shown(signed_in, rule):
    answer = signed_in("analyst").post(
        f"/rules/{rule.pk}/", fields(seen="0", condition="first_pair\r\n  && amont > 3"), follow=True
    )
    page = text_of(answer)
    assert (
        '<b class="tn">2:6</b> Unknown name &#x27;amont&#x27;. Did you mean <b class="mono">amount</b>?'
        in page
    )
    assert RuleDraft.objects.get().definition["condition"] == "first_pair\n  && amont > 3"
    assert "changed since v1: line 1, line 2" in page


def test_of_two_who_save_the_second_is_told_who_and_what(signed_in, rule, person):
    ben = person("analyst", email="ben@example.com")
    mine = signed_in("analyst")
    save_draft(rule, {**rule.versions.get().definition, "family": "other"}, seen=0, acting_user=ben)
    page = text_of(mine.post(f"/rules/{rule.pk}/", fields(seen="0", condition="is_night")), 409)
    assert "ben@example.com saved family at" in page and "Your text was not saved" in page
    assert '<span class="add">+ is_night</span>' in page and '<span class="del">- other</span>' in page
    assert 'name="seen" value="0"' in page and "\nis_night</textarea>" in page
    assert RuleDraft.objects.get().definition["family"] == "other"
    again = mine.post(f"/rules/{rule.pk}/", fields(seen="0", over="1", condition="is_night"), follow=True)
    assert text_of(again) and RuleDraft.objects.get().definition["condition"] == "is_night"


def test_what_cannot_be_stored_is_refused_by_name(signed_in, rule):
    analyst = signed_in("analyst")
    page = text_of(
        analyst.post(f"/rules/{rule.pk}/", fields(seen="0", param_value=["three", "1", "1", ""])), 422
    )
    assert "parameter &#x27;mean_ratio&#x27; is a number; &#x27;three&#x27; is none" in page
    page = text_of(analyst.post(f"/rules/{rule.pk}/", fields(seen="0", condition="x" * 5_000)), 422)
    assert "condition has 5,000 characters; at most 4,000 are allowed" in page
    text_of(analyst.post(f"/rules/{rule.pk}/", fields(seen="0", reason="a\0b")), 422)
    assert not RuleDraft.objects.exists()


def test_a_check_says_what_is_wrong_and_stores_nothing(signed_in, rule):
    analyst = signed_in("analyst")
    answer = analyst.post("/rules/check/", fields(rule=rule.pk, condition="first_pair\r\n&& amuont > 3"))
    told = json.loads(text_of(answer))
    found = [(e["field"], e["line"], e["column"], e["length"], e["suggestion"]) for e in told["errors"]]
    assert found == [("condition", 2, 4, 6, "amount")]
    assert '<span class="q">line 2 (not understood yet)</span>' in told["_english"]
    assert "1 error" in told["_count"]
    assert analyst.post("/rules/check/", fields(engine="nope")).status_code == 404
    assert analyst.post("/rules/check/", fields(rule="99999")).status_code == 404
    assert not RuleDraft.objects.exists()


def test_the_names_of_an_engine(signed_in):
    auditor = signed_in("auditor")
    told = json.loads(text_of(auditor.get("/rules/names/?engine=payments")))
    amount = next(each for each in told["features"] if each["name"] == "amount")
    assert amount == {
        "name": "amount",
        "kind": "number",
        "unit": "money",
        "meaning": "Amount of the event.",
        "typical": "",
        "missing": None,
    }
    assert auditor.get("/rules/names/?engine=customers").status_code == 404


def test_a_new_rule_begins_with_an_engine(signed_in):
    analyst = signed_in("analyst")
    assert "?engine=aml" in text_of(analyst.get("/rules/new/"))
    assert "not saved yet" in text_of(analyst.get("/rules/new/?engine=payments"))
    answer = analyst.post("/rules/new/", fields(engine="payments", code="MY_RULE"), follow=True)
    assert "payments · draft v1 by you" in text_of(answer)
    made = Rule.objects.get(code="MY_RULE")
    assert made.draft.definition["params"] == {"mean_ratio": 3, "min_amount": 500, "min_count": 5}


def test_a_code_that_is_taken_is_refused(signed_in):
    page = text_of(signed_in("analyst").post("/rules/new/", fields(engine="payments", code="BLOCKLIST")), 422)
    assert "has a rule &#x27;BLOCKLIST&#x27; already" in page and "\nfirst_pair" in page
    assert not RuleDraft.objects.exists()
