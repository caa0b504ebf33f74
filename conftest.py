"""Every test run has a PostgreSQL and a Valkey of its own, started here and thrown away at the end.

Each xdist worker gets its own database (pytest-django) and its own pair of Valkey databases. A killed run's
services are found by its process number and removed by the next run.
"""

import os
import shutil
from pathlib import Path

import psutil
import pytest

os.environ["OMP_NUM_THREADS"] = "1"  # before numpy loads; the workers share the cores
os.environ["FRAUDGUARD_ENV"] = "local"
os.environ.setdefault("CALL_LOG_DAYS", "0")  # its thread would write beside a test's transaction
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's loop runs in the test's thread

from fraudguard.embedded import addresses
from fraudguard.embedded.place import Place, locate
from fraudguard.embedded.session import Session

pytest_plugins = ["tests.fixtures"]
AREA = "test"
SESSION = pytest.StashKey[Session]()


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _remove_killed_runs()
        place = locate(f"{AREA}/{os.getpid()}")
        config.stash[SESSION] = session = Session(place, durable=False)
        config.add_cleanup(lambda: _throw_away(session))
        session.open()
        os.environ["FRAUDGUARD_TEST_PLACE"] = str(os.getpid())
    _point_settings_at(locate(f"{AREA}/{os.environ['FRAUDGUARD_TEST_PLACE']}"), config)


def _point_settings_at(place: Place, config: pytest.Config) -> None:
    """Before Django's settings load; two Valkey databases a process, for the cache and for the broker."""
    worker = getattr(config, "workerinput", {}).get("workerid", "gw-1")
    os.environ["DATABASE_URL"] = addresses.database_url(place)
    os.environ["REDIS_URL"] = addresses.redis_url(place, 2 * (int(worker.removeprefix("gw")) + 1))
    os.environ["DJANGO_SETTINGS_MODULE"] = "fraudguard.settings"
    from django.conf import settings

    assert settings.configured or settings.DATABASES
    # Argon2 is slow on purpose, and most tests make somebody.
    cheap = "django.contrib.auth.hashers.MD5PasswordHasher"
    settings.PASSWORD_HASHERS = [cheap, *settings.PASSWORD_HASHERS]
    if config.getoption("numprocesses", None):
        # pytest-django would load a worker's settings from what it inherits, before its own address stands.
        del os.environ["DJANGO_SETTINGS_MODULE"]


def _throw_away(session: Session) -> None:
    session.close()
    for service in session.services:
        service.stop(session.place)
    for path in {session.place.home, session.place.run}:
        shutil.rmtree(path, ignore_errors=True)


def _remove_killed_runs() -> None:
    """Other runs may be alive beside us: a directory is named after its process."""
    for home in locate(AREA).home.glob("[0-9]*"):
        if not psutil.pid_exists(int(home.name)):
            _throw_away(Session(locate(f"{AREA}/{home.name}")))


def _chromium() -> str | None:
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    found = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    if found:
        return found
    cache = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH", Path.home() / ".cache" / "ms-playwright"))
    return next((str(path) for path in sorted(cache.glob("chromium-*/chrome-linux*/chrome"))), None)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if _chromium() is None:
        skip = pytest.mark.skip(reason="no Chromium found (install it, or name it in CHROMIUM)")
        for item in items:
            if item.get_closest_marker("browser"):
                item.add_marker(skip)


@pytest.hookimpl(trylast=True)
def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    count = {name: len(found) for name, found in terminalreporter.stats.items()}
    failed = count.get("failed", 0) + count.get("error", 0)
    line = f"{count.get('passed', 0)} passed, {failed} failed, {count.get('skipped', 0)} skipped"
    if _chromium() is None:
        line += "; browser tests were skipped: no Chromium found (install it, or name it in CHROMIUM)"
    terminalreporter.write_line(line)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> None:
    """Transactional tests empty the tables by TRUNCATE, which the audit trail refuses: here it may happen."""
    from django.db import connection

    with django_db_blocker.unblock(), connection.cursor() as cursor:
        cursor.execute("alter table logs_auditevent disable trigger logs_audit_no_truncate")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Path of the browser; only for tests marked `browser`."""
    return _chromium()


@pytest.fixture(scope="session")
def browser(chromium: str):
    """A headless Playwright browser for the whole session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield launched
        launched.close()
