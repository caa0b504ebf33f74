"""Sealing while others write: nothing slips in behind a seal, nothing is missed, nobody is made to wait."""

import random
import threading

import psycopg2
import pytest
from django.db import connection

from logs.models import AuditEvent, AuditSeal
from logs.services.chain.sealing import seal_events
from logs.services.chain.verifying import verify_audit

pytestmark = pytest.mark.django_db(transaction=True)
INSERT = """
    insert into logs_auditevent (at, actor_kind, actor, action, subject_kind, subject, request_id)
    values (now(), 'system', 'tests', 'thing.done', 'thing', %s, '') returning id
"""


class Writer:
    """A connection of its own; `write` leaves its transaction open."""

    def __init__(self):
        wanted = connection.get_connection_params()
        self.connection = psycopg2.connect(
            **{key: wanted[key] for key in ("dbname", "user", "password", "host", "port") if key in wanted}
        )

    def write(self, subject="1"):
        with self.connection.cursor() as cursor:
            cursor.execute(INSERT, (subject,))
            return cursor.fetchone()[0]

    def commit(self):
        self.connection.commit()

    def rollback(self):
        self.connection.rollback()


@pytest.fixture
def writer():
    made = []

    def make():
        made.append(Writer())
        return made[-1]

    yield make
    for each in made:
        each.connection.close()


def test_an_event_that_commits_late_with_a_smaller_id_is_waited_for(writer):
    slow, quick = writer(), writer()
    smaller, larger = slow.write(), quick.write()
    quick.commit()
    assert smaller < larger
    assert (
        seal_events(patience=0) == []
    )  # the larger one can be seen, but sealing it would lock out the smaller
    slow.commit()
    (seal,) = seal_events(patience=0)
    assert (seal.events, seal.last_id) == (2, larger)
    assert verify_audit().ok


def test_a_long_open_writer_keeps_back_no_other_writer_and_later_ones_are_not_waited_for(writer):
    slow, others = writer(), writer()
    slow.write()
    sealed = []
    thread = threading.Thread(target=lambda: sealed.extend(_sealed_by_a_thread()))
    thread.start()
    ids = []
    for _ in range(20):
        ids.append(others.write())
        others.commit()  # would wait here if the sealer held a lock
    last = others.write()  # still open: its id was handed out after the sealer began or it is waited for too
    slow.commit()
    others.commit()
    thread.join()
    seal_events()
    covered = AuditSeal.objects.order_by("-number").first().last_id
    assert covered >= last and verify_audit().events == 22


def _sealed_by_a_thread():
    try:
        return seal_events(patience=20)
    finally:
        connection.close()


def test_what_was_rolled_back_leaves_a_gap_and_no_finding(writer):
    one = writer()
    one.write()
    one.rollback()
    kept = one.write()
    one.commit()
    (seal,) = seal_events(patience=0)
    assert (seal.events, seal.last_id) == (1, kept)
    assert verify_audit().ok


def test_readers_and_writers_of_other_tables_are_not_waited_for(writer):
    other, here = writer(), writer()
    with other.connection.cursor() as cursor:
        cursor.execute("select count(*) from logs_auditevent")
        cursor.execute("insert into users_clientsystem (name, created_at) values ('x', now())")
    here.write()
    here.commit()
    assert [seal.events for seal in seal_events(patience=0)] == [1]


def test_many_writers_and_two_sealers_leave_a_chain_that_holds_every_event_once(writer):
    stop, total = threading.Event(), []

    def write(seed):
        chance, mine = random.Random(seed), writer()
        for _ in range(60):
            count = chance.randint(1, 3)
            for _ in range(count):
                mine.write(str(seed))
            if chance.random() < 0.2:
                mine.rollback()
            else:
                mine.commit()
                total.append(count)

    def seal():
        try:
            while not stop.is_set():
                seal_events(patience=1)
        finally:
            connection.close()

    sealers = [threading.Thread(target=seal) for _ in range(2)]
    writers = [threading.Thread(target=write, args=(seed,)) for seed in range(6)]
    for thread in (*sealers, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    for thread in sealers:
        thread.join()
    seal_events()
    report = verify_audit()
    assert (report.ok, report.unsealed) == (True, 0)
    assert report.events == sum(total) == AuditEvent.objects.count()
