"""Two at once on one case, over two real connections."""

import itertools
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection, transaction

from alerts.models import Alert, Case, CaseAlert, CaseComment, CaseRule
from alerts.services import raise_alerts
from alerts.services.cases.commenting import comment_on_case
from alerts.services.cases.errors import CaseConflict
from alerts.services.cases.merging import merge_cases
from alerts.services.cases.opening import open_case
from alerts.services.cases.ruling import apply_case_rules
from alerts.tests.conftest import NOON
from users.models import Customer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def customer(transactional_db):
    return Customer.objects.create(external_id="C-1")


def in_thread(work):
    """Run on a connection of its own."""

    def run():
        try:
            return work()
        finally:
            connection.close()

    return run


def waits_for_a_lock(others):
    """Whether another connection waits; asked again until it does."""
    for _ in range(20_000):
        with connection.cursor() as cursor:
            cursor.execute(
                "select count(*) from pg_locks l join pg_stat_activity a using (pid)"
                " where not l.granted and a.datname = current_database()"
            )
            if cursor.fetchone()[0] >= others:
                return True
    return False


@pytest.mark.parametrize("chain", [1, 2])
def test_a_comment_on_a_case_that_is_being_merged_lands_in_the_target(customer, analyst, chain):
    cases = [open_case(title=str(n), acting_user=analyst, customer=customer) for n in range(chain + 1)]
    first = cases[0]
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            for source, target in itertools.pairwise(cases):
                source.refresh_from_db()
                target.refresh_from_db()
                merge_cases(
                    case_id=source.pk,
                    into_id=target.pk,
                    acting_user=analyst,
                    seen_version=source.version,
                    into_seen_version=target.version,
                )
            posted = pool.submit(
                in_thread(lambda: comment_on_case(case_id=first.pk, acting_user=analyst, text="late"))
            )
            assert waits_for_a_lock(1)
        assert posted.result(20).case == cases[-1]
    assert CaseComment.objects.get().case == cases[-1]


def test_many_comment_while_the_case_is_merged_and_none_is_lost(customer, analyst):
    source, target = (open_case(title=t, acting_user=analyst, customer=customer) for t in "ab")
    start = threading.Barrier(5)

    def comments(name):
        start.wait(20)
        for number in range(10):
            comment_on_case(case_id=source.pk, acting_user=analyst, text=f"{name} {number}")

    def merge():
        start.wait(20)
        return merge_cases(
            case_id=source.pk, into_id=target.pk, acting_user=analyst, seen_version=1, into_seen_version=1
        )

    with ThreadPoolExecutor(5) as pool:
        work = [pool.submit(in_thread(lambda n=n: comments(n))) for n in range(4)]
        pool.submit(in_thread(merge)).result(20)
        for each in work:
            each.result(20)
    assert CaseComment.objects.filter(case=target).count() == 40


def test_two_merges_of_the_same_cases_crosswise_leave_one_target(customer, analyst):
    pair = [open_case(title=t, acting_user=analyst, customer=customer) for t in "ab"]
    start = threading.Barrier(2)

    def merge(source, target):
        start.wait(20)
        try:
            merge_cases(
                case_id=source.pk,
                into_id=target.pk,
                acting_user=analyst,
                seen_version=1,
                into_seen_version=1,
            )
        except CaseConflict as conflict:
            return str(conflict)
        return ""

    with ThreadPoolExecutor(2) as pool:
        ways = (pair, pair[::-1])
        said = [pool.submit(in_thread(lambda w=way: merge(*w))) for way in ways]
        answers = sorted(each.result(20) for each in said)
    assert answers[0] == "" and "merged" in answers[1]
    assert Case.objects.filter(status="closed").count() == 1


def test_two_processes_with_rules_make_one_case_of_a_customer(customer, suspicion):
    CaseRule.objects.create(name="all", since=NOON)
    raise_alerts([suspicion(subject=str(n), customer_id=customer.pk) for n in range(30)], at=NOON)
    start = threading.Barrier(4)

    def work():
        start.wait(20)
        return apply_case_rules(NOON + timedelta(minutes=1))

    with ThreadPoolExecutor(4) as pool:
        joined = [pool.submit(in_thread(work)) for _ in range(4)]
        assert sum(each.result(20) for each in joined) == 30
    assert Case.objects.count() == 1 and CaseAlert.objects.filter(held=True).count() == 30


def test_two_people_put_one_alert_into_one_case(customer, analyst, suspicion):
    alert = raise_alerts([suspicion(customer_id=None)], at=NOON)[0]
    start = threading.Barrier(2)

    def work(title):
        start.wait(20)
        try:
            return open_case(title=title, acting_user=analyst, alert_ids=[alert])
        except CaseConflict:
            return None

    with ThreadPoolExecutor(2) as pool:
        made = [pool.submit(in_thread(lambda t=t: work(t))) for t in "ab"]
        assert sorted(each.result(20) is None for each in made) == [False, True]
    assert Case.objects.count() == 1 and Alert.objects.get().memberships.count() == 1
