"""What log lines hold, as the configured loggers write them."""

import io
import json
import logging
import subprocess
import sys

import pytest
import structlog
from django.conf import settings

PAN = "4111 1111 1111 1111"


@pytest.fixture
def written():
    """What the one handler of this process writes while the test runs."""
    (handler,) = [one for one in logging.getLogger().handlers if one.get_name() == "stderr"]
    stream = handler.setStream(text := io.StringIO())
    yield text
    handler.setStream(stream)


def test_card_numbers_and_secrets_are_hidden_in_values_and_in_the_sentence(written):
    structlog.get_logger("t").warning(f"card {PAN} refused", password="hunter2", body={"n": 4111111111111111})
    logging.getLogger("django.request").warning("Bad Request: %s", "/x?token=abcdefgh&pan=4111111111111111")
    text = written.getvalue()
    assert "[hidden]" in text and "411111******1111:" in text
    for secret in (PAN, "4111111111111111", "hunter2", "abcdefgh"):
        assert secret not in text


def test_a_traceback_is_searched_too(written):
    try:
        raise ValueError(f"cannot read {PAN}, api_key=fg_12345678_{'a' * 40}")
    except ValueError:
        structlog.get_logger("t").exception("failed")
    text = written.getvalue()
    assert "Traceback" in text and "cannot read 411111******1111:" in text
    assert PAN not in text and "aaaa" not in text


@pytest.mark.parametrize("hostile", ["\n", "\r\n", "\x85", "\u2028", "\x0b"])
def test_a_text_from_outside_begins_no_line_of_its_own(written, hostile):
    forged = f"/a{hostile}2026-01-01T00:00:00Z [critical ] all data deleted"
    logging.getLogger("django.request").warning("Not Found: %s", forged)
    structlog.get_logger("t").warning("seen", address=forged)
    assert len(written.getvalue().splitlines()) == 2


def test_nobody_paints_the_terminal(written):
    logging.getLogger("django.request").warning("Not Found: %s", "/\x1b[2J\x9b31m")
    assert not any(ord(char) < 32 or 127 <= ord(char) < 160 for char in written.getvalue().rstrip("\n"))


def test_production_writes_json_that_hides_the_same():
    """The processors of the production profile, in a process of its own."""
    program = (
        "import django; django.setup(); import structlog;"
        f"structlog.get_logger('t').warning('card {PAN}', otp='123456', note='a\\nb')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={
            "DJANGO_SETTINGS_MODULE": "fraudguard.settings",
            "FRAUDGUARD_ENV": "production",
            "DJANGO_ALLOWED_HOSTS": "fraud.example.com",
            "SECRET_KEY": "c2FtcGxlLW9ubHktZm9yLXRoZS1jaGVjay1ub3QtYS1yZWFsLXNlY3JldC0wMTIzNDU2Nzg5",
            "DATABASE_URL": settings.DATABASE_URL,
            "REDIS_URL": settings.REDIS_URL,
            "PATH": "/usr/bin",
        },
        capture_output=True,
        text=True,
        check=False,
        cwd=settings.BASE_DIR,
    )
    (line,) = [json.loads(line) for line in done.stderr.splitlines() if line.startswith("{")]
    assert line["event"].startswith("card 411111******1111:") and line["otp"] == "[hidden]"
    assert line["note"] == "a\nb"
