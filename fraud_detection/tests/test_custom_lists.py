"""Custom lists: words that conditions read, as they stood at the moment of the decision."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, CustomList, EngineState, ListEntry, RuleVersion
from fraud_detection.services import serving
from fraud_detection.services.custom_lists import make_custom_list
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.engine_setup import definition_digest, first_version, new_rule_set
from fraud_detection.services.lists import EntryRefused, add_list_entry, remove_list_entry
from fraud_detection.services.replaying import replay
from logs.models import AuditEvent
from users.services import client_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def risky(payments_engine, admin):
    """A rule over a custom list beside the pack, and the list with one word."""
    make_custom_list(name="risky_categories", description="Watched shops", acting_user=admin)
    spec = replace(
        ENGINES["payments"].pack[0],
        code="RISKY_CATEGORY",
        family="merchant",
        condition="merchant_category in risky_categories",
        reason="A watched category",
        params={},
        evidence=(),
    )
    version = first_version("payments", spec)
    state = EngineState.objects.get(engine="payments")
    state.rule_set = new_rule_set("payments", [*state.rule_set.rule_versions.all(), version])
    state.revision += 1
    state.save()
    serving.forget()
    return add("gambling", admin)


def add(word, admin, **options):
    entry = add_list_entry(
        list="risky_categories", kind="word", value=word, reason="watched", acting_user=admin, **options
    )
    serving._checked_at.clear()  # the seconds between two looks have passed
    return entry


def hits(payment, **changes):
    body = decide_payment(payment(**changes), client=client_system("shop")).body
    return body["id"], "RISKY_CATEGORY" in [hit["rule"] for hit in body["alerts"]]


def test_a_word_on_the_list_fires_and_another_does_not(risky, payment):
    assert hits(payment, merchant_category="gambling")[1]
    assert not hits(payment, merchant_category="books")[1]
    assert not hits(payment)[1]


def test_a_change_is_served_and_earlier_decisions_still_replay(risky, payment, admin):
    before, fired = hits(payment, merchant_category="betting")
    assert not fired
    added = add("betting", admin)
    during, fired = hits(payment, merchant_category="betting")
    assert fired
    remove_list_entry(entry_id=added.pk, acting_user=admin)
    serving._checked_at.clear()
    after, fired = hits(payment, merchant_category="betting")
    assert not fired
    for decision in (before, during, after):
        assert replay(Assessment.objects.get(pk=decision)).equal


def test_an_expired_word_is_off_the_list(risky, payment, admin):
    entry = add("crypto", admin, expires_at=timezone.now() + timedelta(hours=1))
    assert hits(payment, merchant_category="crypto")[1]
    ListEntry.objects.filter(pk=entry.pk).update(expires_at=timezone.now())
    serving._checked_at.clear()
    assert not hits(payment, merchant_category="crypto")[1]


def test_lists_and_kinds_must_fit(risky, admin):
    for name, kind in (("nowhere", "word"), ("block", "word"), ("risky_categories", "device")):
        with pytest.raises(EntryRefused):
            add_list_entry(list=name, kind=kind, value="x", reason="r", acting_user=admin)
    assert ListEntry.objects.count() == 1


@pytest.mark.parametrize("name", ["ab", "Risky", "1st", "with space", "a" * 49])
def test_a_name_that_rules_could_not_write_is_refused(payments_engine, admin, name):
    with pytest.raises(ValidationError):
        make_custom_list(name=name, description="d", acting_user=admin)
    assert (
        not CustomList.objects.exists() and not AuditEvent.objects.filter(subject_kind="custom_list").exists()
    )


def test_a_rule_whose_list_is_gone_degrades_by_name(risky, payment):
    version = RuleVersion.objects.get(rule__code="RISKY_CATEGORY")
    definition = version.definition | {"condition": "merchant_category in no_such_list"}
    RuleVersion.objects.filter(pk=version.pk).update(
        definition=definition, digest=definition_digest(definition)
    )
    serving.forget()
    body = decide_payment(payment(), client=client_system("shop")).body
    assert "rule RISKY_CATEGORY" in body["degraded_parts"]
