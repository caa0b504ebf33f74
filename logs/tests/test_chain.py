"""The sealed chain: whatever is done to a sealed event, or to a seal, is found and named."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from logs.models import AuditEvent, AuditSeal, AuditSealEntries, SystemEvent
from logs.services import record
from logs.services.chain import sealing
from logs.services.chain.hashing import COLUMNS, digest_of
from logs.services.chain.heads import Head, HeadRefused, exported, read_head
from logs.services.chain.sealing import last_seal, seal_events
from logs.services.chain.verified import verify_and_note
from logs.services.chain.verifying import verify_audit

pytestmark = pytest.mark.django_db


def deeds(count, **changes):
    return [
        record(
            **(
                {
                    "action": "alert.assigned",
                    "actor_kind": "user",
                    "actor": "ana@example.com",
                    "subject_kind": "alert",
                    "subject": str(number),
                    "before": {"assignee": None},
                    "after": {"assignee": "ana@example.com", "amount": 12.5},
                }
                | changes
            )
        )
        for number in range(count)
    ]


def as_owner(statement, *values):
    """What somebody with the owner's rights can do once the triggers are off."""
    with connection.cursor() as cursor:
        cursor.execute("set session_replication_role = replica")
        cursor.execute(statement, values)
        cursor.execute("set session_replication_role = origin")


def found(*heads):
    return [(finding.kind, finding.event, finding.seal) for finding in verify_audit(heads).findings]


@pytest.fixture
def trail(monkeypatch):
    """Ten events in seals of at most four; their ids."""
    monkeypatch.setattr(sealing, "EVENTS_A_SEAL", 4)
    events = [event.pk for event in deeds(10)]
    assert [seal.events for seal in seal_events()] == [4, 4, 2]
    return events


def test_an_untouched_trail_verifies_and_the_newest_events_are_counted(trail):
    deeds(3)
    report = verify_audit()
    assert (report.ok, report.events, report.seals, report.unsealed) == (True, 10, 3, 3)
    assert report.head == Head(3, last_seal().hash)


def test_sealing_goes_on_where_it_ended_and_seals_nothing_twice(trail):
    assert seal_events() == []
    deeds(1)
    (seal,) = seal_events()
    before = AuditSeal.objects.get(number=3)
    assert (seal.number, seal.events, seal.previous, seal.after_id) == (4, 1, before.hash, before.last_id)
    assert verify_audit().ok
    told = SystemEvent.objects.filter(kind="audit.sealed").first()
    assert told.detail == {"seal": 4, "hash": seal.hash, "events": 1}


@pytest.mark.parametrize(
    "change",
    [
        "at = at + interval '1 microsecond'",
        "actor_kind = 'key'",
        "actor = 'bob@example.com'",
        "action = 'alert.resolved'",
        "subject_kind = 'case'",
        "subject = '99'",
        "before = null",
        "before = 'null'",
        "after = jsonb_set(after, '{amount}', '12.50000000000000000001')",
        "request_id = 'req-1234'",
    ],
)
def test_an_edited_event_is_named(trail, change):
    as_owner(f"update logs_auditevent set {change} where id = %s", trail[5])
    assert found() == [("edited", trail[5], 2)]


def test_every_column_of_the_table_is_hashed():
    with connection.cursor() as cursor:
        cursor.execute(
            "select column_name from information_schema.columns where table_name = 'logs_auditevent'"
        )
        assert {row[0] for row in cursor.fetchall()} == {"id", *COLUMNS}


@pytest.mark.parametrize("place", [0, 3, 5])
def test_a_deleted_event_is_named(trail, place):
    as_owner("delete from logs_auditevent where id = %s", trail[place])
    assert found() == [("deleted", trail[place], place // 4 + 1)]


def test_a_run_of_deleted_events_is_one_finding(trail):
    as_owner("delete from logs_auditevent where id between %s and %s", trail[2], trail[6])
    (finding,) = verify_audit().findings
    assert finding.text == f"5 events from {trail[2]} to {trail[6]} are gone"


def test_an_event_inserted_with_an_old_id_is_named(trail):
    as_owner("delete from logs_auditevent where id = %s", trail[5])
    copied = ", ".join(COLUMNS).replace("actor,", "'mallory',")
    as_owner(
        f"insert into logs_auditevent (id, {', '.join(COLUMNS)}) select %s, {copied}"
        " from logs_auditevent where id = %s",
        trail[0] - 1,
        trail[4],
    )
    assert sorted(found()) == [("deleted", trail[5], 2), ("inserted", trail[0] - 1, None)]


def test_an_event_with_an_id_that_was_never_handed_out_is_named(trail):
    AuditEvent.objects.filter(pk=trail[4]).first()
    AuditEvent.objects.create(
        id=trail[-1] + 10_000, action="x", actor_kind="user", actor="m", subject_kind="s", subject="1"
    )
    assert found() == [("inserted", trail[-1] + 10_000, None)]


@pytest.mark.parametrize(("one", "other"), [(4, 6), (1, 9)])
def test_swapped_events_are_named_as_reordered(trail, one, other):
    one, other = trail[one], trail[other]
    for old, new in ((one, -1), (other, one), (-1, other)):
        as_owner("update logs_auditevent set id = %s where id = %s", new, old)
    assert [finding[:2] for finding in found()] == [("reordered", one), ("reordered", other)]
    assert verify_audit().findings[0].text.endswith(f"it was sealed as event {other}")


def test_a_trail_cut_off_at_its_end_is_found(trail):
    as_owner("delete from logs_auditevent where id >= %s", trail[7])
    (finding,) = verify_audit().findings
    assert (finding.kind, finding.event) == ("truncated", trail[7])
    assert finding.text.startswith(f"3 events from {trail[7]} to {trail[9]} are gone")


def test_an_end_cut_off_with_its_seals_shows_against_an_exported_head(trail):
    head = Head(3, last_seal().hash)
    as_owner("delete from logs_auditsealentries where seal_id = 3")
    as_owner("delete from logs_auditseal where number = 3")
    as_owner("delete from logs_auditevent where id >= %s", trail[8])
    assert found() == []
    assert found(head) == [("truncated", None, 3)]
    assert found(Head(0, head.hash)) == [("head", None, None)]
    assert found(Head(2, last_seal().hash)) == []


def test_the_last_verification_remembers_the_head_by_itself(trail):
    assert verify_and_note().ok
    as_owner("delete from logs_auditsealentries where seal_id = 3")
    as_owner("delete from logs_auditseal where number = 3")
    report = verify_and_note()
    assert [finding.kind for finding in report.findings] == ["truncated"]
    told = SystemEvent.objects.filter(kind="audit.verified").first()
    assert (told.level, told.detail["ok"], told.detail["findings"][0]["seal"]) == ("error", False, 3)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ("update logs_auditseal set hash = repeat('0', 64) where number = 2", {2, 3}),
        ("update logs_auditseal set last_id = last_id + 1 where number = 3", {3}),
        ("update logs_auditseal set sealed_at = sealed_at - interval '1 day' where number = 1", {1}),
        ("update logs_auditseal set events = 3 where number = 1", {1}),
        ("update logs_auditsealentries set packed = '' where seal_id = 2", {2}),
        ("delete from logs_auditsealentries where seal_id = 3", {3}),
    ],
)
def test_a_tampered_seal_is_named(trail, change, expected):
    as_owner(change)
    assert {seal for kind, _, seal in found() if kind == "seal"} == expected


def test_a_seal_that_is_gone_is_named_and_accuses_no_event(trail):
    as_owner("delete from logs_auditsealentries where seal_id = 2")
    as_owner("delete from logs_auditseal where number = 2")
    assert found() == [("seal", None, 2)]


def test_a_chain_rebuilt_over_an_edit_shows_against_an_exported_head(trail):
    head = Head(3, last_seal().hash)
    as_owner("update logs_auditevent set actor = 'nobody' where id = %s", trail[0])
    as_owner("delete from logs_auditsealentries")
    as_owner("delete from logs_auditseal")
    seal_events()
    assert found() == [] and found(head) == [("head", None, 3)]


@pytest.mark.parametrize("table", ["auditseal", "auditsealentries", "auditcheckpoint"])
def test_the_database_refuses_to_change_the_chain(trail, table):
    from logs.tests.test_audit import refused, sql

    if table != "auditcheckpoint":  # there is none
        column = {"auditseal": "events", "auditsealentries": "seal_id"}[table]
        assert refused(lambda: sql(f"update logs_{table} set {column} = 1")).endswith("UPDATE is refused")
        assert refused(lambda: sql(f"delete from logs_{table}")).endswith("DELETE is refused")
    with connection.cursor() as cursor:
        cursor.execute("set constraints all immediate")
    assert refused(lambda: sql(f"truncate logs_{table} cascade")).endswith("TRUNCATE is refused")


def test_the_command_names_the_event_and_fails(trail):
    out = StringIO()
    call_command("verify_audit", stdout=out)
    assert "10 sealed events in 3 seals, head 3:" in out.getvalue()
    as_owner("update logs_auditevent set actor = 'nobody' where id = %s", trail[3])
    with pytest.raises(CommandError, match="not as it was sealed: 1 finding"):
        call_command("verify_audit", stdout=out)
    assert f"EDITED: event {trail[3]} was edited after it was sealed" in out.getvalue()


def test_the_head_is_exported_and_compared(trail, tmp_path):
    file = tmp_path / "head.json"
    call_command("seal_audit", "--out", str(file), stdout=StringIO())
    assert json.loads(file.read_text()) == exported(last_seal())
    call_command("verify_audit", "--head", str(file), stdout=StringIO())
    with pytest.raises(CommandError, match="cannot be written"):
        call_command("seal_audit", "--out", str(file), stdout=StringIO())
    file.write_text(file.read_text().replace(last_seal().hash, "f" * 64))
    with pytest.raises(CommandError, match="1 finding"):
        call_command("verify_audit", "--head", str(file), stdout=StringIO())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"seal": 1, "hash": "abc"}', '{"seal": [], "hash": 1}'])
def test_what_is_no_head_is_refused(tmp_path, content):
    file = tmp_path / "head.json"
    file.write_text(content)
    with pytest.raises(HeadRefused):
        read_head(str(file))
    with pytest.raises(HeadRefused):
        read_head("no such file")
    assert read_head("7:" + "a" * 64) == Head(7, "a" * 64)


TEXTS = st.one_of(st.none(), st.text(st.characters(codec="utf-8"), max_size=6))


@settings(max_examples=200, deadline=None)
@given(st.lists(TEXTS, min_size=2, max_size=4), st.lists(TEXTS, min_size=2, max_size=4))
def test_different_columns_have_different_digests(one, other):
    assert (digest_of(one) == digest_of(other)) is (one == other)


@settings(max_examples=25, deadline=None)
@given(data=st.data())
def test_any_set_of_deleted_and_edited_events_is_found(data):
    events = [event.pk for event in deeds(8)]
    seal_events()
    fates = data.draw(st.lists(st.sampled_from(["kept", "edited", "deleted"]), min_size=8, max_size=8))
    gone = [event for event, fate in zip(events, fates, strict=True) if fate == "deleted"]
    edited = [event for event, fate in zip(events, fates, strict=True) if fate == "edited"]
    as_owner("delete from logs_auditevent where id = any(%s)", gone)
    as_owner("update logs_auditevent set actor = 'x' || id where id = any(%s)", edited)
    report = verify_audit()
    assert [finding.event for finding in report.findings if finding.kind == "edited"] == edited
    assert report.ok is (not gone and not edited)
    assert len(report.findings) >= len(edited) + bool(gone)
    as_owner("delete from logs_auditevent")
    as_owner("delete from logs_auditsealentries")
    as_owner("delete from logs_auditseal")


def test_entries_bind_ids(trail):
    assert len(bytes(AuditSealEntries.objects.get(seal=1).packed)) == 4 * 40
