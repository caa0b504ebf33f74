"""Custom lists: words that conditions read, as they stood at the moment of the decision."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.utils import timezone

from fraud_detection.engines.registry import ENGINES
from fraud_detection.models import Assessment, CustomList, EngineState, ListEntry, RuleVersion
from fraud_detection.services import serving
from fraud_detection.services.custom_lists import MARK, lists_mark, make_custom_list
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.engine_setup import definition_digest, first_versions, new_rule_set
from fraud_detection.services.listing.editing import edit_list_entry
from fraud_detection.services.listing.files import import_entries
from fraud_detection.services.listing.life import delete_custom_list
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
    (version,) = first_versions("payments", [spec])
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


def test_a_list_deleted_while_a_rule_uses_it_degrades_each_decision_by_name(risky, payment):
    assert hits(payment, merchant_category="gambling")[1]
    CustomList.objects.filter(name="risky_categories").delete()  # as no service would
    serving._checked_at.clear()
    body = decide_payment(payment(merchant_category="gambling"), client=client_system("shop")).body
    assert body["degraded"] and "rule RISKY_CATEGORY" in body["degraded_parts"]
    assert "RISKY_CATEGORY" not in [hit["rule"] for hit in body["alerts"]]


def test_an_entity_list_is_read_by_the_id_of_a_party(risky, payment, admin):
    make_custom_list(name="known_mules", kind="account", description="Mules", acting_user=admin)
    version = RuleVersion.objects.get(rule__code="RISKY_CATEGORY")
    definition = version.definition | {"condition": "receiver_id in known_mules || sender_id in known_mules"}
    RuleVersion.objects.filter(pk=version.pk).update(
        definition=definition, digest=definition_digest(definition)
    )
    add_list_entry(list="known_mules", kind="account", value="mule-1", reason="r", acting_user=admin)
    serving.forget()
    decision, fired = hits(payment, receiver_id="mule-1")
    assert fired and not hits(payment)[1]
    assert replay(Assessment.objects.get(pk=decision)).equal


def test_a_rule_whose_list_is_gone_degrades_by_name(risky, payment):
    version = RuleVersion.objects.get(rule__code="RISKY_CATEGORY")
    definition = version.definition | {"condition": "merchant_category in no_such_list"}
    RuleVersion.objects.filter(pk=version.pk).update(
        definition=definition, digest=definition_digest(definition)
    )
    serving.forget()
    body = decide_payment(payment(), client=client_system("shop")).body
    assert "rule RISKY_CATEGORY" in body["degraded_parts"]


def test_every_change_is_noticed_without_a_look_at_the_entries(payments_engine, admin):
    make_custom_list(name="risky_categories", description="Watched shops", acting_user=admin)
    now = timezone.now()
    marks = [lists_mark(now)]

    def changed() -> tuple[bool, bool]:
        marks.append(lists_mark(now))
        return marks[-1].custom != marks[-2].custom, marks[-1].entities != marks[-2].entities

    assert changed() == (False, False)
    word = add("forex", admin)
    assert changed() == (True, False)
    add("forex", admin)  # stands already
    assert changed() == (False, False)
    edit_list_entry(
        entry_id=word.pk, reason="r", expires_at=now + timedelta(days=1), seen=1, acting_user=admin
    )
    assert changed() == (True, False)
    import_entries(list="risky_categories", content=b"value,reason\nlotto,r\n", acting_user=admin)
    assert changed() == (True, False)
    blocked = [
        add_list_entry(list="block", kind=kind, value=value, reason="r", acting_user=admin)
        for kind, value in (("device", "dev-1"), ("ip_range", "10.0.0.0/8"))
    ]
    assert changed() == (False, True)
    remove_list_entry(entry_id=blocked[1].pk, acting_user=admin)
    assert changed() == (False, True)
    remove_list_entry(entry_id=word.pk, acting_user=admin)
    assert changed() == (True, False)
    delete_custom_list(name="risky_categories", seen=1, acting_user=admin)
    assert changed() == (True, False)


def test_the_mark_of_many_entries_is_read_from_indexes(db):
    ListEntry.objects.bulk_create(
        ListEntry(list="risky_categories", kind="word", value=f"w{n}", reason="r", created_by="a")
        for n in range(20_000)
    )
    with connection.cursor() as cursor:
        cursor.execute("analyze fraud_detection_listentry")
        cursor.execute(f"explain {MARK}", {"now": timezone.now()})
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "Seq Scan on fraud_detection_listentry" not in plan, plan
