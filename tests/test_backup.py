"""Backing up and bringing back, through the commands, on a database and directories of their own."""

import json
import subprocess
from contextlib import closing

import psycopg2
import pytest

from tests.real_server import RealServer, database_copy

pytestmark = [pytest.mark.e2e, pytest.mark.django_db]
TABLES = ("transactions_transaction", "fraud_detection_assessment", "logs_auditevent", "users_customer")
SET_UP = """
from django.core.management import call_command
from fraud_detection.services.decisions import decide_payment
from users.services import client_system
call_command("install_engines", verbosity=0)
given = {{"type": "transfer", "amount": 9500, "sender_id": "A", "receiver_id": "B"}}
for number in range(3):
    decide_payment(given | {{"transaction_id": f"T-{{number}}"}}, client=client_system("shop"))
call_command("backup", to=__import__("pathlib").Path("{place}/backups"))
"""
REFUSALS = """
import pathlib, psycopg2
from django.core.management import CommandError, call_command

def refusal(directory, **options):
    try:
        call_command("restore", directory, **options)
    except CommandError as refused:
        print(refused)

refusal("{made}")
other = psycopg2.connect("{url}")
refusal("{made}", force=True)
other.close()
dump = pathlib.Path("{made}/database.dump")
whole = dump.read_bytes()
dump.write_bytes(whole[:-9])
refusal("{made}", force=True)
dump.write_bytes(whole)
refusal("{place}", force=True)
"""
RESTORE = """
from django.core.management import call_command
call_command("restore", "{made}")
call_command("explain_decision", "{decision}")
"""


class Installation(RealServer):
    """Commands on one database; no web server is started."""

    def __init__(self, url: str, place):
        super().__init__({"DATABASE_URL": url} | {
            name: str(place / name.lower()) for name in ("MODEL_DIR", "HISTORY_DIR", "CASE_FILES_DIR")
        }, place / "log")  # fmt: skip
        self.url, self.place = url, place

    def run(self, script: str, **given) -> str:
        return self.manage("shell", "--no-imports", "-c", script.format(place=self.place, **given))

    def counts(self) -> list[int]:
        return [self.ask(f"select count(*) from {table}")[0][0] for table in TABLES]

    def ask(self, statement: str, database: str | None = None) -> list[tuple]:
        with closing(psycopg2.connect(self.url, **({"dbname": database} if database else {}))) as connection:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(statement)
                return cursor.fetchall() if cursor.description else []


@pytest.fixture
def installation(django_db_setup, django_db_blocker, tmp_path):
    with django_db_blocker.unblock(), database_copy() as url:
        made = Installation(url, tmp_path)
        (tmp_path / "model_dir").mkdir()
        (tmp_path / "model_dir" / "m.joblib").write_bytes(b"weights")
        yield made


def test_what_was_lost_comes_back_and_nothing_else_changes_anything(installation):
    made = installation.run(SET_UP).split()[-1]
    _whole(installation.place / "backups", made)
    before = installation.counts()
    _refused(installation, made)
    assert installation.counts() == before
    kept = _lost_and_restored(installation, made)
    assert installation.counts() == before  # in the trail, the restore stands for the backup it came from
    assert installation.ask("select action from logs_auditevent order by id desc limit 1") == [
        ("backup.restored",)
    ]
    assert (installation.place / "model_dir" / "m.joblib").read_bytes() == b"weights"
    assert installation.ask("select count(*) from fraud_detection_assessment", kept) == [(0,)]
    installation.ask(f'drop database "{kept}"', "postgres")


def _whole(backups, made: str) -> None:
    manifest = json.loads((backups / made / "manifest.json").read_text())
    assert sorted(manifest["files"]) == ["database.dump", "models.tar"]
    assert manifest["counts"]["fraud_detection_assessment"] == 3
    sums = subprocess.run(["sha256sum", f"{made}/database.dump"], capture_output=True, text=True, check=True)
    assert sums.stdout.split()[0] == manifest["files"]["database.dump"]["sha256"]


def _refused(installation: Installation, made: str) -> None:
    said = installation.run(REFUSALS, made=made, url=installation.url).strip().splitlines()
    assert ["holds events; --force" in said[0], "connections use the database" in said[1]] == [True, True]
    assert ["database.dump is not what was" in said[2], "is no backup" in said[3]] == [True, True]
    assert len(said) == 4


def _lost_and_restored(installation: Installation, made: str) -> str:
    ((decision,),) = installation.ask("select min(id) from fraud_detection_assessment")
    installation.ask("truncate fraud_detection_rulehit, fraud_detection_assessment cascade")
    (installation.place / "model_dir" / "m.joblib").unlink()
    said = installation.run(RESTORE, made=made, decision=decision)
    assert "T-0" in said
    return said.split("kept as ")[1].split()[0].rstrip(".")
