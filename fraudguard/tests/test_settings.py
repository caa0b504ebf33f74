"""Every wrong setting stops the start with its name and the remedy: one line, no traceback, exit code 1."""

import os
import subprocess
import sys

import pytest

from fraudguard.environment import BASE_DIR

SECRET = "kD8-x2Lm_Qp4vRz7Wt1Yb6Nc3Hf9Js5Gd0Ae-UiOoPaSdFgHjKlZxCvBnM"
PRODUCTION = {
    "FRAUDGUARD_ENV": "production",
    "SECRET_KEY": SECRET,
    "DJANGO_ALLOWED_HOSTS": "fraud.example.com",
    "DATABASE_URL": "postgresql://user:password@db.example.com:5432/fraudguard",
    "REDIS_URL": "redis://redis.example.com:6379/0",
}


def load(environment: dict[str, str], show: str = "''") -> subprocess.CompletedProcess:
    """A fresh process: settings are read once, at import. Only the environment given, not this test run's."""
    return subprocess.run(
        [sys.executable, "-c", f"import fraudguard.settings as s; print({show}, end='')"],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"]} | environment,
        capture_output=True,
        text=True,
        timeout=60,
    )


REFUSED = [
    ({"PORT": "eighty"}, "Setting PORT: 'eighty' is not a whole number. Give a number from 1 to 65534."),
    ({"PORT": "70000"}, "Setting PORT: 70000 is out of range. Give a number from 1 to 65534."),
    ({"DEBUG": "perhaps"}, "Setting DEBUG: 'perhaps' is neither true nor false. Write true or false."),
    ({"REPORTING_CURRENCY": "usd"}, "Setting REPORTING_CURRENCY: 'usd' is no currency code."),
    ({"PAYSIM_START": "yesterday"}, "Setting PAYSIM_START: 'yesterday' is no ISO date."),
    ({"TIME_ZONE": "Mars/Base"}, "Setting TIME_ZONE: 'Mars/Base' is no time zone."),
    ({"DRIFT_ALERT": "nan"}, "Setting DRIFT_ALERT: 'nan' is not a number from 0.01 to 10."),
    ({"DRIFT_WARNING": "0.3"}, "Setting DRIFT_WARNING: 0.3 lies above DRIFT_ALERT."),
    ({"RETRAIN_SCHEDULE": "hourly"}, "Setting RETRAIN_SCHEDULE: 'hourly' is not possible."),
    ({"LOG_LEVEL": "LOUD"}, "Setting LOG_LEVEL: 'LOUD' is not possible."),
    ({"CORS_ALLOWED_ORIGINS": "example.com"}, "Setting CORS_ALLOWED_ORIGINS: 'example.com' is no origin."),
    ({"EMAIL_URL": "gopher://mail"}, "Setting EMAIL_URL: scheme 'gopher' or host is wrong."),
    ({"REDIS_URL": "http://localhost"}, "Setting REDIS_URL: 'http' is not redis."),
    ({"CELERY_BROKER_URL": "kafka://localhost"}, "Setting CELERY_BROKER_URL: it is neither redis nor amqp."),
    (
        {"DATABASE_URL": "sqlite:///db.sqlite3"},
        "Setting DATABASE_URL: 'sqlite' is not PostgreSQL, and FraudGuard",
    ),
    (
        {"FRAUDGUARD_ENV": "staging"},
        "Setting FRAUDGUARD_ENV: 'staging' is no profile. Use local or production.",
    ),
    (PRODUCTION | {"DEBUG": "true"}, "Setting DEBUG: it is on in production. Set DEBUG=false."),
    (PRODUCTION | {"SECRET_KEY": ""}, "Setting SECRET_KEY: it is not set. Make one:"),
    (PRODUCTION | {"SECRET_KEY": "short"}, "Setting SECRET_KEY: it is shorter than 50 characters"),
    (
        PRODUCTION | {"SECRET_KEY": "change-me-" * 6},
        "Setting SECRET_KEY: the default one is set in production.",
    ),
    (PRODUCTION | {"DJANGO_ALLOWED_HOSTS": ""}, "Setting DJANGO_ALLOWED_HOSTS: it is not set."),
    (PRODUCTION | {"DJANGO_ALLOWED_HOSTS": "*"}, "Setting DJANGO_ALLOWED_HOSTS: '*' accepts every host"),
    (PRODUCTION | {"DATABASE_URL": ""}, "Setting DATABASE_URL: it is not set."),
    (PRODUCTION | {"REDIS_URL": ""}, "Setting REDIS_URL: it is not set."),
    (
        PRODUCTION | {"ADMIN_API_KEY": "admin-api-key-0123456789-abcdef"},
        "Setting ADMIN_API_KEY: a sample or short",
    ),
    (PRODUCTION | {"SECRET_KEY_FALLBACKS": "old"}, "Setting SECRET_KEY_FALLBACKS: one is shorter than 50"),
    (PRODUCTION | {"FRONTEND_API_KEY": "secret"}, "Setting FRONTEND_API_KEY: a sample or short key is set"),
]


@pytest.mark.parametrize(
    ("environment", "line"), REFUSED, ids=[line.split(":")[0][8:] for _, line in REFUSED]
)
def test_a_wrong_setting_stops_the_start_with_its_name_and_the_remedy(environment, line):
    done = load(environment)

    assert done.returncode == 1
    assert done.stdout == ""
    (said,) = done.stderr.splitlines()
    assert said.startswith(line)


def test_every_wrong_setting_is_named_at_once():
    done = load({"PORT": "0", "DEBUG": "maybe"})

    assert [line.split(":")[0] for line in done.stderr.splitlines()] == ["Setting DEBUG", "Setting PORT"]


def test_production_starts_with_settings_of_its_own():
    done = load(PRODUCTION, "(s.DEBUG, s.ALLOWED_HOSTS, s.SESSION_COOKIE_SECURE, s.SECURE_HSTS_SECONDS)")

    assert done.stdout == "(False, ['fraud.example.com'], True, 31536000)"


def test_the_local_profile_needs_nothing():
    done = load({}, "(s.DEBUG, s.PORT, s.LIVE_PORT, s.REPORTING_CURRENCY, s.RATE_LIMIT_REQUESTS)")

    assert done.stdout == "(False, 8000, 8001, 'USD', 100)"


@pytest.mark.parametrize("environment", [{}, PRODUCTION], ids=["local", "production"])
def test_an_explanation_may_take_a_quarter_of_a_second(environment):
    assert load(environment, "s.EXPLANATION_BUDGET_MS").stdout == "250"


def test_sessions_need_the_database_alone():
    shown = "(s.SESSION_ENGINE, hasattr(s, 'CHANNEL_LAYERS'))"
    assert load({}, shown).stdout == "('django.contrib.sessions.backends.db', False)"


@pytest.mark.parametrize("profile", ["local", "production"])
def test_what_nothing_uses_yet_says_so_in_the_template(profile):
    template = (BASE_DIR / "env" / f".env.{profile}").read_text()
    assert "# The reporting threshold T of the AML rules, in whole units of it; not used yet." in template


def test_the_live_port_follows_the_port():
    assert load({"PORT": "8010"}, "s.LIVE_PORT").stdout == "8011"


@pytest.mark.parametrize(
    ("url", "broker"),
    [
        ("redis://:pw@host:6379/2", "redis://:pw@host:6379/3"),
        ("redis://host:6379", "redis://host:6379/1"),
        ("unix:///run/store.sock?db=4", "redis+socket:///run/store.sock?virtual_host=5"),
    ],
)
def test_the_queues_stand_beside_the_cache_not_in_it(url, broker):
    assert load({"REDIS_URL": url}, "s.CELERY_BROKER_URL").stdout == broker


def test_redis_host_and_port_make_a_url():
    assert load({"REDIS_HOST": "cache", "REDIS_PORT": "6380"}, "s.REDIS_URL").stdout == "redis://cache:6380/0"


@pytest.mark.parametrize(("query", "idle"), [("", 5), ("?keepalives_idle=60", 60)])
def test_a_host_that_is_cut_off_is_noticed_at_both_ends_of_its_connection(query, idle):
    names = "'options', 'keepalives_idle', 'tcp_user_timeout'"
    show = f"*[s.DATABASES['default']['OPTIONS'].get(name) for name in ({names})], sep='|'"
    said = load({"DATABASE_URL": f"postgresql://u@db:5432/f{query}"}, show).stdout
    options, client, unsent = said.split("|")

    assert "-c tcp_keepalives_idle=5 -c tcp_keepalives_interval=3 -c tcp_keepalives_count=3" in options
    assert "-c tcp_user_timeout=15000" in options
    assert (int(client), int(unsent)) == (idle, 15_000)


def test_mail_from_one_url():
    shown = "(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_HOST_USER, s.EMAIL_HOST_PASSWORD, s.EMAIL_USE_TLS)"
    done = load({"EMAIL_URL": "smtp+tls://me%40example.com:p%2Fw@mail.example.com"}, shown)

    assert done.stdout == "('mail.example.com', 587, 'me@example.com', 'p/w', True)"


@pytest.mark.parametrize("profile", ["local", "production"])
def test_each_setting_that_is_read_is_documented_in_the_template(profile):
    code = (
        "import fraudguard.environment as e; seen = set(); read = e.text\n"
        "e.text = lambda name, default='': (seen.add(name), read(name, default))[1]\n"
        "import fraudguard.settings; print(*sorted(seen))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=BASE_DIR,
        env={"PATH": os.environ["PATH"]} | (PRODUCTION if profile == "production" else {}),
        capture_output=True,
        text=True,
        timeout=60,
    )
    template = (BASE_DIR / "env" / f".env.{profile}").read_text()
    documented = {line.split("=")[0] for line in template.splitlines() if line[:1].isalpha()}

    assert set(done.stdout.split()) - documented == set()


def test_the_local_profile_keeps_a_secret_of_its_own():
    first, second = (load({}, "s.SECRET_KEY").stdout for _ in range(2))

    assert first == second == (BASE_DIR / "var" / "secret_key").read_text()
    assert load({"SECRET_KEY": SECRET}, "s.SECRET_KEY").stdout == SECRET


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WEBHOOK_ALLOWED_NETWORKS", "10.0.0.0/8,house"),
        ("SITE_URL", "fraud.example.com"),
        ("WEBHOOK_TIMEOUT_SECONDS", "0"),
    ],
)
def test_settings_of_deliveries_that_cannot_be_are_named(name, value):
    done = load({name: value}, "1")
    (said,) = done.stderr.splitlines()
    assert done.returncode != 0 and said.startswith(f"Setting {name}:")
