"""A custom list from its making to its end, its entries edited, and the rules that read it."""

from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from fraud_detection.models import CustomList, ListEntry, Rule, RuleDraft
from fraud_detection.services.custom_lists import custom_lists
from fraud_detection.services.listing.editing import edit_list_entry
from fraud_detection.services.listing.life import (
    ListConflict,
    ListInUse,
    delete_custom_list,
    describe_custom_list,
    make_custom_list,
)
from fraud_detection.services.listing.usage import Reading, names_in, rules_reading
from fraud_detection.services.lists import EntryRefused, add_list_entry, remove_list_entry
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def mules(payments_engine, admin):
    return make_custom_list(name="known_mules", kind="account", description="Mules", acting_user=admin)


@pytest.fixture
def entry(mules, analyst):
    return add(analyst, "acc-7")


def add(user, value, **options):
    return add_list_entry(
        list="known_mules", kind="account", value=value, reason="seen", acting_user=user, **options
    )


def deeds(kind):
    return list(AuditEvent.objects.filter(subject_kind=kind).order_by("id").values_list("action", flat=True))


def drafted(condition, code="NEW_RULE"):
    rule = Rule.objects.create(engine="payments", code=code)
    RuleDraft.objects.create(rule=rule, definition={"condition": condition}, author="a", saved_by="a")
    return rule


def test_a_list_of_entities_takes_its_kind_alone(mules, analyst):
    assert add(analyst, " acc-7 ").value == "acc-7"
    with pytest.raises(EntryRefused, match="holds entries of kind 'account'"):
        add_list_entry(list="known_mules", kind="word", value="x", reason="r", acting_user=analyst)
    assert custom_lists(timezone.now())["known_mules"] == {"acc-7"}


@pytest.mark.parametrize(
    "name", ["amount", "currency", "sender_id", "missing", "true", "block", "startsWith"]
)
def test_a_name_that_means_something_in_rules_is_refused(name, payments_engine, admin):
    with pytest.raises(ValidationError):
        make_custom_list(name=name, description="d", acting_user=admin)
    assert not CustomList.objects.exists()


def test_a_list_cannot_hold_ranges(payments_engine, admin):
    with pytest.raises(ValidationError, match="not a valid choice"):
        make_custom_list(name="bad_networks", kind="ip_range", description="d", acting_user=admin)


def test_describing_refuses_a_stale_view(mules, admin):
    describe_custom_list(name="known_mules", description="Confirmed mules", seen=1, acting_user=admin)
    with pytest.raises(ListConflict, match="changed since version 1"):
        describe_custom_list(name="known_mules", description="Other", seen=1, acting_user=admin)
    kept = CustomList.objects.get()
    assert (kept.description, kept.revision) == ("Confirmed mules", 2)
    assert deeds("custom_list") == ["custom_list.made", "custom_list.described"]


@pytest.mark.parametrize(
    ("condition", "read"),
    [
        ("receiver_id in known_mules && amount > 10", True),
        ("receiver_id in known_mules && (amount >", True),
        ('receiver_id == "known_mules"', False),
        ("amount > 10 // known_mules", False),
    ],
)
def test_a_draft_that_reads_the_list_keeps_it(condition, read, mules, entry, admin):
    rule = drafted(condition)
    if not read:
        delete_custom_list(name="known_mules", seen=1, acting_user=admin)
        assert custom_lists(timezone.now()) == {}
        return
    assert rules_reading(["known_mules"]) == {
        "known_mules": [Reading("payments", "NEW_RULE", "draft", rule.pk)]
    }
    with pytest.raises(ListInUse, match=r"NEW_RULE of payments \(draft\)"):
        delete_custom_list(name="known_mules", seen=1, acting_user=admin)
    assert custom_lists(timezone.now()) == {"known_mules": {"acc-7"}}
    assert "custom_list.deleted" not in deeds("custom_list")


def test_names_are_found_in_every_expression():
    definition = {"condition": "a in one", "requires": "b in two", "severity": "c in three ? 'low' : 'high'"}
    assert names_in(definition | {"reason": "four", "weight": 0.5}) == {
        "a",
        "one",
        "b",
        "two",
        "c",
        "three",
    } | {"in"}


def test_a_deleted_list_is_as_it_stood_for_earlier_moments_and_comes_back_empty(mules, entry, admin):
    before = timezone.now()
    delete_custom_list(name="known_mules", seen=1, acting_user=admin)
    assert custom_lists(before) == {"known_mules": {"acc-7"}}
    assert custom_lists(timezone.now()) == {}
    with pytest.raises(EntryRefused, match="there is no list"):
        add(admin, "acc-8")
    with pytest.raises(ValidationError, match="held 'account'"):
        make_custom_list(name="known_mules", description="d", acting_user=admin)
    make_custom_list(name="known_mules", kind="account", description="Again", acting_user=admin)
    assert custom_lists(timezone.now()) == {"known_mules": frozenset()}


def test_an_edit_changes_reason_and_end_and_tells_of_both(entry, analyst):
    end = timezone.now() + timedelta(days=3)
    edited = edit_list_entry(
        entry_id=entry.pk, reason="confirmed", expires_at=end, seen=1, acting_user=analyst
    )
    assert (edited.reason, edited.expires_at, edited.revision) == ("confirmed", end, 2)
    told = AuditEvent.objects.get(action="list_entry.edited")
    assert (told.before, told.after) == (
        {"list": "known_mules", "reason": "seen", "expires_at": None},
        {"list": "known_mules", "reason": "confirmed", "expires_at": end.isoformat()},
    )


def test_an_edit_that_cannot_be_changes_nothing(entry, analyst):
    def edit(**changes):
        asked = {"reason": "x", "expires_at": None, "seen": 1} | changes
        edit_list_entry(entry_id=entry.pk, acting_user=analyst, **asked)

    with pytest.raises(ListConflict, match="changed since version 9"):
        edit(seen=9)
    with pytest.raises(EntryRefused, match="lie in the future"):
        edit(expires_at=timezone.now())
    with pytest.raises(EntryRefused, match="say why"):
        edit(reason=" ")
    assert ListEntry.objects.get().reason == "seen" and deeds("list_entry") == ["list_entry.added"]
    ListEntry.objects.update(expires_at=timezone.now())
    with pytest.raises(ListConflict, match="has expired"):
        edit()
    remove_list_entry(entry_id=entry.pk, acting_user=analyst)
    with pytest.raises(ListConflict, match=f"removed by {analyst.email}"):
        edit(seen=2)
