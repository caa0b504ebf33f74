"""Lists in and out as CSV: all or nothing, repeatable, and safe to open in a spreadsheet."""

import csv
import io
from datetime import timedelta

import pytest
from django.utils import timezone

from fraud_detection.models import ListEntry
from fraud_detection.services.listing.csv_form import FileRefused, guarded, unguarded
from fraud_detection.services.listing.files import Imported, ImportRefused, exported, import_entries
from fraud_detection.services.listing.life import make_custom_list
from fraud_detection.services.lists import EntryRefused, add_list_entry
from logs.models import AuditEvent

pytestmark = pytest.mark.django_db


@pytest.fixture
def load(admin):
    def run(text, name="block", **options):
        content = text if isinstance(text, bytes) else text.encode()
        return import_entries(list=name, content=content, acting_user=admin, **options)

    return run


@pytest.fixture
def words(payments_engine, admin):
    return make_custom_list(name="risky_words", description="d", acting_user=admin)


def standing(name="block"):
    found = ListEntry.objects.filter(list=name, removed_at=None).order_by("id")
    return list(found.values_list("kind", "value", "reason"))


def test_a_file_is_taken_once_and_its_repetition_changes_nothing(load):
    text = "kind,value,reason\r\ndevice,dev-1,stolen\r\nip,2001:0DB8::1,proxy\r\n\r\ndevice,dev-1,twice\r\n"
    assert load(text) == Imported(added=2, unchanged=1, refused=0)
    assert load(text) == Imported(added=0, unchanged=3, refused=0)
    assert standing() == [("device", "dev-1", "stolen"), ("ip", "2001:db8::1", "proxy")]
    assert AuditEvent.objects.filter(action="list.imported").count() == 2


def test_one_wrong_line_and_nothing_is_stored(load):
    text = "value,kind,reason,expires_at\ndev-1,device,r,\n10.0.0.9/8,ip_range,r,\nx,nobody,r,\n,device,r,\n"
    text += "d,device,,\nd,device,r,2020-01-01\nd,device,r,soon\nd,device,r,,extra\n"
    with pytest.raises(ImportRefused, match="7 lines cannot be taken, so nothing was stored") as refused:
        load(text)
    assert [(error.line, error.column) for error in refused.value.errors] == [
        (3, "value"),
        (4, "kind"),
        (5, "value"),
        (6, "reason"),
        (7, "expires_at"),
        (8, "expires_at"),
        (9, "expires_at"),
    ]
    assert not ListEntry.objects.exists() and not AuditEvent.objects.filter(action="list.imported").exists()


def test_the_sound_lines_alone_when_that_is_asked_for(load):
    done = load("value,kind,reason\ndev-1,device,r\nx,nobody,r\n", partial=True)
    assert (done.added, done.refused, done.errors[0].line) == (1, 1, 3)
    assert standing() == [("device", "dev-1", "r")]


def test_a_custom_list_needs_no_kind_and_one_reason_may_serve_all(load, words):
    assert load("value\ngambling\nbetting\n", "risky_words", reason="watched").added == 2
    assert standing("risky_words") == [("word", "gambling", "watched"), ("word", "betting", "watched")]


def test_an_expired_entry_makes_room(load, analyst):
    old = add_list_entry(
        list="block",
        kind="device",
        value="dev-1",
        reason="old",
        acting_user=analyst,
        expires_at=timezone.now() - timedelta(hours=1),
    )
    assert load("value,kind,reason\ndev-1,device,new\n").added == 1
    old.refresh_from_db()
    assert old.removed_at is not None and standing() == [("device", "dev-1", "new")]


def test_ten_thousand_entries_in_one_request(load, words, django_assert_max_num_queries):
    text = "value\n" + "".join(f"word-{number}\n" for number in range(10_000))
    with django_assert_max_num_queries(8):
        assert load(text, "risky_words", reason="bulk").added == 10_000
    assert load(text, "risky_words", reason="bulk") == Imported(0, 10_000, 0)
    assert ListEntry.objects.count() == 10_000


def test_what_goes_out_comes_back_the_same_and_is_no_formula(load, words, admin):
    odd = ["=1+1", "+49", "-x", "@cmd", "'=quoted", "''=twice", "o'neil", 'with "quotes", and comma', "naïve"]
    for word in odd:
        add_list_entry(
            list="risky_words",
            kind="word",
            value=word,
            reason="=HYPERLINK(1)",
            acting_user=admin,
            expires_at=timezone.now() + timedelta(days=1),
        )
    out = "".join(exported("risky_words"))
    cells = [cell for row in list(csv.reader(io.StringIO(out)))[1:] for cell in row]
    assert not [cell for cell in cells if cell[:1] in ("=", "+", "-", "@")]
    before = list(ListEntry.objects.order_by("id").values_list("value", "reason", "expires_at"))
    ListEntry.objects.all().delete()
    assert load(out, "risky_words").added == len(odd)
    assert list(ListEntry.objects.order_by("id").values_list("value", "reason", "expires_at")) == before


@pytest.mark.parametrize("cell", ["=1", "'=1", "''=1", "plain", "'quoted", "", "it's"])
def test_a_guarded_cell_is_read_as_it_was(cell):
    assert unguarded(guarded(cell)) == cell


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1 must name the columns"),
        (b"kind,reason\nx,y\n", "'value' among them"),
        (b"value,colour\nx,y\n", "'colour' is no column"),
        (b"value,value\nx,y\n", "names a column twice"),
        (b"value,kind,reason\n", "there are no entries"),
        (b"value\nnul\x00\n", "line 2: holds a NUL byte"),
        (b"value\n\xff\xfe\n", "line 2: not UTF-8"),
        ("value\nx\n".encode("utf-16"), "UTF-16"),
        (b'value,kind,reason\n"open,device,r\n', "not CSV"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_the_remedy(content, said, load):
    with pytest.raises(FileRefused, match=said):
        load(content)
    assert not ListEntry.objects.exists()


def test_an_unknown_list_is_refused(load):
    with pytest.raises(EntryRefused, match="there is no list 'nowhere'"):
        load("value\nx\n", "nowhere")
