"""The embedded services, driven for real in a directory of each test's own."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import redis

from fraudguard.embedded import postgres, sizing, valkey
from fraudguard.embedded.account import Account, reachable
from fraudguard.embedded.place import BASE_DIR, Place, locate, prepare, require_disk
from fraudguard.embedded.process import own_process, wait
from fraudguard.embedded.session import Session
from fraudguard.problem import StartProblem
from fraudguard.run.services import services

# Another user of the services: says when it holds them, and lets go when its input ends.
OTHER_USER = """
import sys; from pathlib import Path
from fraudguard.embedded.place import locate
from fraudguard.embedded.session import Session
session = Session(locate(base=Path(sys.argv[1])), durable=False); session.open()
print("open", flush=True); sys.stdin.read(); session.close()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A checkout that the service account may enter (pytest's own directories are 0700)."""
    for part in (tmp_path, *tmp_path.parents):
        if "pytest-" in str(part) and part.stat().st_uid == os.geteuid():
            part.chmod(0o711)
    return tmp_path


@pytest.fixture
def place(project: Path):
    found = locate(base=project)
    yield found
    valkey.stop(found)
    postgres.stop(found)


def postmaster(place: Place) -> int | None:
    process = own_process(place.postgres / "postmaster.pid", place.postgres)
    return process.pid if process else None


def store(place: Place) -> redis.Redis:
    return redis.Redis(unix_socket_path=str(place.valkey_socket), decode_responses=True)


def execute(place: Place, statement: str) -> list[tuple]:
    connection = postgres.connect(place)
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute(statement)
        rows = cursor.fetchall() if cursor.description else []
    connection.close()
    return rows


def other_user(project: Path) -> subprocess.Popen:
    running = subprocess.Popen(
        [sys.executable, "-c", OTHER_USER, str(project)],
        cwd=BASE_DIR,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert running.stdout.readline() == "open\n"
    return running


def test_both_answer_and_what_was_stored_survives_a_stop(place):
    first = Session(place)
    first.open()
    execute(place, "create table kept as select 7 as n")
    store(place).set("kept", "8")
    first.close()
    assert postmaster(place) is None

    second = Session(place)
    second.open()
    assert execute(place, "select n from kept") == [(7,)]
    assert store(place).get("kept") == "8"
    assert execute(place, "show server_encoding") == [("UTF8",)]
    assert execute(place, "show listen_addresses") == [("",)]
    second.close()


def test_only_the_owner_enters_data_and_sockets(place):
    session = Session(place, durable=False)
    session.open()

    assert {path.stat().st_mode & 0o777 for path in (place.run, place.postgres, place.valkey)} == {0o700}
    assert {path.stat().st_uid for path in (place.run, place.postgres)} == {place.account.uid}
    assert place.account.uid != 0
    session.close()


def test_the_last_one_out_stops_them(project, place):
    session = Session(place, durable=False)
    session.open()
    other = other_user(project)
    running = postmaster(place)

    session.close()
    assert postmaster(place) == running
    assert store(place).ping()

    other.communicate("")
    assert postmaster(place) is None
    assert not place.valkey_socket.exists()


def test_a_killed_user_leaves_them_running_and_the_next_one_takes_them_over(project, place):
    other = other_user(project)
    running = postmaster(place)
    other.kill()
    other.communicate()
    assert postmaster(place) == running

    session = Session(place, durable=False)
    session.open()
    assert postmaster(place) == running
    session.close()
    assert postmaster(place) is None


def test_killed_servers_are_started_again_with_their_data(place):
    first = Session(place)
    first.open()
    execute(place, "create table kept as select 7 as n")
    os.kill(postmaster(place), signal.SIGKILL)
    own_process(place.valkey / "valkey.pid", place.valkey).kill()

    second = Session(place)
    second.open()
    assert execute(place, "select n from kept") == [(7,)]
    assert store(place).ping()
    first.close()
    second.close()


def test_a_killed_one_is_seen_and_started_again_while_the_other_goes_on(place):
    session = Session(place)
    session.open()
    watched = {each.name: each for each in services(session)}
    assert [name for name, each in watched.items() if each.died()] == []

    store(place).set("kept", "7")
    own_process(place.valkey / "valkey.pid", place.valkey).kill()
    assert wait(watched["Valkey"].died, 10) and not watched["PostgreSQL"].died()
    watched["Valkey"].restart({})
    assert store(place).get("kept") == "7"

    execute(place, "create table kept as select 7 as n")
    os.kill(postmaster(place), signal.SIGKILL)
    assert wait(watched["PostgreSQL"].died, 10) and not watched["Valkey"].died()
    watched["PostgreSQL"].restart({})
    assert execute(place, "select n from kept") == [(7,)]
    assert not any(each.died() for each in watched.values())
    session.close()


def test_one_that_somebody_else_has_started_again_stays_as_it_is(place):
    session = Session(place, durable=False)
    session.open()
    running = postmaster(place)
    session.restart(postgres)
    assert postmaster(place) == running
    session.close()


def test_servers_of_ones_own_are_not_watched(place):
    assert services(None) == []
    assert [each.name for each in services(Session(place, services=(valkey,)))] == ["Valkey"]


def test_a_pid_file_naming_a_stranger_does_not_stop_the_start(place):
    session = Session(place, durable=False)
    session.open()
    session.close()
    stranger = (place.postgres / "postmaster.opts").read_text()
    (place.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n{place.postgres}\n1\n5432\n{stranger}\n")

    session = Session(place, durable=False)
    session.open()
    assert execute(place, "select 1") == [(1,)]
    session.close()


def test_a_start_cut_short_while_initialising_is_begun_again(place):
    prepare(place)
    half = place.postgres.with_name("postgres.new")
    half.mkdir()
    (half / "PG_VERSION").write_text("18\n")

    session = Session(place, durable=False)
    session.open()
    assert execute(place, "select current_database()") == [("fraudguard",)]
    session.close()


def test_data_of_another_version_is_refused(place):
    prepare(place)
    (place.postgres / "PG_VERSION").write_text("14\n")

    with pytest.raises(StartProblem, match=r"holds data of PostgreSQL 14, the embedded one is 18"):
        Session(place, durable=False).open()


def test_a_long_path_gets_a_short_socket_directory(project):
    deep = project / ("long" * 30)
    deep.mkdir()
    found = locate(base=deep)

    assert found.postgres == deep / "var" / "postgres"
    assert len(os.fsencode(found.valkey_socket)) < 107
    assert str(found.run).startswith(f"/tmp/fraudguard-{found.account.uid}-")


def test_a_socket_directory_of_somebody_else_is_refused(project):
    found = locate(base=project)
    found.run.parent.mkdir(parents=True)
    if os.geteuid() == 0:
        found.run.mkdir()
        os.chown(found.run, 4242, 4242)
    else:
        found.run.symlink_to("/usr")  # the only way to somebody else's that others have

    with pytest.raises(StartProblem, match="belongs to somebody else"):
        prepare(found)


def test_a_closed_directory_is_out_of_reach_for_another_account(project):
    closed = project / "closed"
    (closed / "project").mkdir(parents=True)
    stranger = Account("stranger", 4242, 4242)
    assert reachable(closed / "project", stranger)

    closed.chmod(0o700)
    assert not reachable(closed / "project", stranger)
    assert reachable(closed / "project", Account("owner", os.geteuid(), os.getegid()))


def test_too_little_disk_is_said_in_one_line(project):
    with pytest.raises(
        StartProblem, match=r"^Too little disk: .* GB free at .*, at least 1048576 GB are needed"
    ):
        require_disk(project, 2**50)


@pytest.mark.parametrize(
    ("memory_gib", "shared_buffers"), [(0.1, "64MB"), (2, "512MB"), (8, "2048MB"), (64, "2048MB")]
)
def test_shared_buffers_follow_the_machine(tmp_path, memory_gib, shared_buffers):
    settings = sizing.postgres_settings(tmp_path, int(memory_gib * sizing.GIB), durable=True)

    assert settings["shared_buffers"] == shared_buffers
    assert "fsync" not in settings
