"""Importing, opening and deleting histories: whole, audited, or refused with nothing stored."""

import gzip
import json
import os
import time
from io import StringIO

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command

from fraud_detection.models import ImportedHistory
from fraud_detection.services.histories import (
    HistoryExists,
    HistoryRefused,
    NoSuchHistory,
    delete_history,
    home,
    import_history,
    open_history,
    sweep,
)
from logs.models import AuditEvent
from ml.history import HistoryDamaged

pytestmark = pytest.mark.django_db

MAPPING = {
    "id": "tx",
    "time": {"column": "when"},
    "entity": "card",
    "amount": "amt",
    "label": {"column": "fraud", "fraud": ["yes"], "legitimate": ["no"]},
}
HEADER = "tx,when,card,amt,channel,fraud"
ROWS = [
    f"t{n},2025-01-{n:02d} 10:00,c{n % 3},{n}.50,web,{'yes' if n % 4 == 0 else 'no'}" for n in range(1, 21)
]


@pytest.fixture(autouse=True)
def history_dir(settings, tmp_path):
    settings.HISTORY_DIR = tmp_path / "histories"
    return settings.HISTORY_DIR


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "payments.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n")
    return path


def imported(file, name="cards", **options):
    return import_history(file=file, mapping=MAPPING, name=name, acting="ann@example.com", **options)


def nothing_stored(history_dir) -> bool:
    left = [path.name for path in history_dir.iterdir()] if history_dir.exists() else []
    return not ImportedHistory.objects.exists() and left == []


def test_a_history_is_imported_opened_and_audited(file):
    made = imported(file, request_id="r-1")
    assert (made.name, made.rows, made.positives, made.created_by) == ("cards", 20, 5, "ann@example.com")
    history = open_history("cards")
    assert history.ids.tolist()[:2] == ["t1", "t2"]
    assert history.events["amount_minor"].tolist()[:2] == [150, 250]
    assert history.report["balance"]["fraud_share"] == 0.25 == made.report["balance"]["fraud_share"]
    deed = AuditEvent.objects.get(action="history.imported")
    assert (deed.subject, deed.actor, deed.request_id) == ("cards", "ann@example.com", "r-1")
    assert deed.after == {"rows": 20, "positives": 5, "refused": 0}


def test_a_name_is_taken_once(file, history_dir):
    first = imported(file)
    with pytest.raises(HistoryExists, match="there is a history 'cards' already"):
        imported(file)
    assert [path.name for path in history_dir.iterdir()] == [first.directory]


@pytest.mark.parametrize("name", ["", "../up", "a b", "-x", "a" * 65, "x\n"])
def test_names_that_cannot_be_directories_are_refused(file, name, history_dir):
    with pytest.raises(ValidationError, match="cannot be a name"):
        imported(file, name=name)
    assert nothing_stored(history_dir)


def test_a_refused_file_stores_nothing(tmp_path, history_dir):
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress("\n".join([HEADER, *ROWS * 500]).encode())[:-40])
    with pytest.raises(HistoryRefused, match="the compressed file ends early"):
        imported(cut)
    assert nothing_stored(history_dir)
    assert not AuditEvent.objects.filter(action="history.imported").exists()


def test_deleting_removes_row_and_columns(file, history_dir, django_capture_on_commit_callbacks):
    imported(file)
    with django_capture_on_commit_callbacks(execute=True):
        delete_history(name="cards", acting="ann@example.com")
    assert nothing_stored(history_dir)
    assert AuditEvent.objects.get(action="history.deleted").before == {"rows": 20}
    with pytest.raises(NoSuchHistory, match="there is no history 'cards'; there are none"):
        open_history("cards")
    with pytest.raises(NoSuchHistory):
        delete_history(name="cards", acting="ann@example.com")


def test_an_unknown_name_says_what_was_meant(file):
    imported(file)
    with pytest.raises(NoSuchHistory, match="there is no history 'card'; did you mean 'cards'"):
        open_history("card")


def test_truncated_columns_are_damaged_not_misread(file):
    made = imported(file)
    column = home() / made.directory / "events.npy"
    column.write_bytes(column.read_bytes()[:-8])
    with pytest.raises(HistoryDamaged, match="import the history again"):
        open_history("cards")


def test_what_a_crash_left_is_swept_after_an_hour(file, history_dir):
    made = imported(file)
    for name in ("orphan-1", ".unfinished", "young-1"):
        (history_dir / name).mkdir()
        if name != "young-1":
            long_ago = time.time() - 7_200
            os.utime(history_dir / name, (long_ago, long_ago))
    assert sorted(sweep()) == [".unfinished", "orphan-1"]
    assert sorted(path.name for path in history_dir.iterdir()) == [made.directory, "young-1"]


def run(*arguments) -> tuple[str, str]:
    out, err = StringIO(), StringIO()
    call_command("import_history", *map(str, arguments), stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_the_command_proposes_imports_lists_and_deletes(file, tmp_path):
    mapping = tmp_path / "mapping.json"
    _, said = run("--propose", file, "--out", mapping)
    assert json.loads(mapping.read_text())["time"] == {"column": "when", "kind": "absolute"}
    assert "fraud: 'fraud' is a usual name of a label" in said
    out, _ = run(file, "--mapping", mapping, "--name", "cards")
    assert "labels: 5 fraud (25.000% of the known), 15 legitimate, 0 unknown" in out
    assert run("--list")[0].startswith("cards: 20 rows, 5 fraud")
    assert run("--delete", "cards")[0] == "cards is deleted\n"
    assert run("--list")[0] == "no history is imported\n"


def test_the_command_refuses_in_one_line(file, tmp_path, history_dir):
    wrong = tmp_path / "wrong.json"
    wrong.write_text('{"entitty": "card"}')
    with pytest.raises(CommandError, match="entitty: is not a key of a mapping; did you mean 'entity'"):
        run(file, "--mapping", wrong, "--name", "cards")
    wrong.write_text('{"entity": "card",}')
    with pytest.raises(CommandError, match=r"line 1, column 1[89]: no JSON"):
        run(file, "--mapping", wrong, "--name", "cards")
    with pytest.raises(CommandError, match="--name is needed"):
        run(file, "--mapping", wrong)
    with pytest.raises(CommandError, match="there is no such file"):
        run("--propose", tmp_path / "absent.csv")
    with pytest.raises(CommandError, match="FILE is needed"):
        run()
    assert nothing_stored(history_dir)
