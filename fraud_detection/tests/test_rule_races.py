"""Changes of rules, lists and features that meet: each on a connection of its own and really committed."""

import pytest
from django.core.exceptions import ValidationError

from fraud_detection.models import CustomList, EngineState, ListEntry
from fraud_detection.services import rulebook
from fraud_detection.services.feature_definitions import approve as approve_feature
from fraud_detection.services.feature_definitions import new_definition, submit
from fraud_detection.services.listing.files import import_entries
from fraud_detection.services.listing.life import delete_custom_list, make_custom_list
from fraud_detection.services.listing.values import EntryRefused
from fraud_detection.services.rulebook import RuleConflict
from fraud_detection.tests.rule_life import (
    CODE,
    active,
    approve,
    drafted,
    in_force,
    pending,
    redrafted,
    revision_of,
)
from fraud_detection.tests.test_simultaneous import while_uncommitted

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def ana(person, approving_engine):
    return person("admin", email="ana@example.com")


@pytest.fixture
def ben(person):
    return person("admin", email="ben@example.com")


def test_two_rules_approved_at_once_are_both_in_force(ana, ben):
    first, second = pending(drafted(ana), ana), pending(drafted(ana, code="OTHER_ONE"), ana)
    while_uncommitted(lambda: approve(first, ben), lambda: approve(second, ben))
    deciding = EngineState.objects.get(engine="payments").rule_set.rule_versions
    assert deciding.filter(pk__in=(first.pk, second.pk)).count() == 2


def test_of_two_approvals_of_one_version_the_later_is_told(ana, ben):
    version = pending(drafted(ana), ana)
    seen = revision_of(version)
    with pytest.raises(RuleConflict, match=r"ben@example.com made .* active"):
        while_uncommitted(
            lambda: rulebook.approve(version, seen=seen, acting_user=ben),
            lambda: rulebook.approve(version, seen=seen, acting_user=ben),
        )
    assert in_force() == ({f"{CODE} v1"}, set(), {})


@pytest.mark.parametrize("deed", ["retire", "roll_back", "pause"])
def test_a_newer_version_put_in_force_meanwhile_is_neither_lost_nor_doubled(ana, ben, deed):
    oldest = active(drafted(ana), ana, ben)
    former = active(redrafted(oldest.rule, ana, severity="low"), ana, ben)
    newer = pending(redrafted(oldest.rule, ana, severity="medium"), ana)
    given = {"seen": revision_of(former), "acting_user": ben} | (
        {"to": oldest} if deed == "roll_back" else {}
    )
    with pytest.raises(RuleConflict):
        while_uncommitted(lambda: approve(newer, ben), lambda: getattr(rulebook, deed)(former, **given))
    assert in_force() == ({f"{CODE} v3"}, set(), {})


def test_a_list_and_a_feature_of_one_name_made_at_once_are_not_both_in_force(ana, ben):
    spec = {"entity": "sender", "aggregate": "count", "window": "24h"}
    row = new_definition(engine="payments", name="sent_today", spec=spec, acting_user=ana)
    row = submit(row, seen=row.revision, acting_user=ana)
    with pytest.raises(ValidationError, match="means something else"):
        while_uncommitted(
            lambda: approve_feature(row, seen=row.revision, acting_user=ben),
            lambda: make_custom_list(name="sent_today", description="d", acting_user=ana),
        )
    assert not CustomList.objects.exists()


def test_nothing_is_put_on_a_list_that_is_being_deleted(ana):
    make_custom_list(name="risky_words", description="d", acting_user=ana)
    with pytest.raises(EntryRefused, match="there is no list"):
        while_uncommitted(
            lambda: delete_custom_list(name="risky_words", seen=1, acting_user=ana),
            lambda: import_entries(list="risky_words", content=b"value,reason\nlotto,r\n", acting_user=ana),
        )
    assert not ListEntry.objects.exists()
