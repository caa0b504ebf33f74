"""A demonstration: people to sign in as, a key to send with, and a month of generated payments."""

import json
import os
import secrets
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from fraud_detection.engines.registry import MODELLED
from fraud_detection.models import EngineState
from fraud_detection.services.announcing import Decided
from fraud_detection.services.decisions import decide_payments
from fraud_detection.services.engine_setup import install
from fraud_detection.services.file_labels import label_decided
from fraud_detection.services.model_registry import needs_first_model, promote_first
from fraud_detection.services.training import train_engine
from transactions.models import Transaction
from users.models import User
from users.roles import Role, Scope
from users.services import client_system, create_api_key

DEMO_CLIENT = "demo"
PEOPLE = {
    Role.ADMIN: ("admin@fraudguard.local", "Alex Admin"),
    Role.ANALYST: ("analyst@fraudguard.local", "Ana Analyst"),
    Role.AUDITOR: ("auditor@fraudguard.local", "Otto Auditor"),
}


def ensure_models(progress: Callable[[str], None]) -> list[str]:
    """`ensure_model` for whatever has a model; names of those that got one."""
    return [name for name in MODELLED if ensure_model(name, progress)]


def ensure_model(engine: str, progress) -> bool:
    """Install the engines and train a first model from generated data where there is none that fits."""
    install()
    state = EngineState.objects.select_related("model").get(engine=engine)
    if not needs_first_model(state, MODELLED[engine].feature_set.version):
        return False
    version = train_engine(engine, file=None, seed=1, created_by="bootstrap", progress=progress)
    return promote_first(version, created_by="bootstrap")


def seed_events(*, customers: int = 40, days: int = 30, seed: int = 11) -> int:
    """Generated payments up to now, decided and labelled as far as labels would be known; once only."""
    client = client_system(DEMO_CLIENT)
    if Transaction.objects.filter(client=client).exists():
        return 0
    from ml.data_generation.names import customer_name
    from ml.domains.payments.generator import generate

    frame = generate(customers=customers, days=days, fraud_rate=0.02, seed=seed, until=datetime.now(UTC))
    frauds = frame["is_fraud"].astype(bool).tolist()
    records = [
        {name: value for name, value in row.items() if value is not None and value == value}
        for row in frame.drop(columns=["is_fraud", "scheme"]).to_dict("records")
    ]
    for record in records:
        if record["user_id"] == record["sender_id"]:
            record["sender_name"] = customer_name(int(record["user_id"].removeprefix("C")))
    results = decide_payments(records, client=client)
    verdicts = {
        r.assessment_id: fraud for r, fraud in zip(results, frauds, strict=True) if isinstance(r, Decided)
    }
    label_decided(verdicts, known_by=datetime.now(UTC))
    return len(verdicts)


def demo_access(path: Path) -> dict[str, Any]:
    """Logins and a key for a demonstration, kept in a file only its owner reads; made anew when it is lost.

    Refused in production: nobody signs in there with something a file holds.
    """
    if settings.PRODUCTION:
        raise RuntimeError("demo access is not made in production: use createsuperuser and create_api_key")
    known = _known_access(path)
    if known is not None:
        return known
    with transaction.atomic():
        access = {"logins": [_login(role) for role in PEOPLE], "api_key": _key()}
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(access, file)
    return access


def _known_access(path: Path) -> dict[str, Any] | None:
    """What the file says, unless it is missing, damaged or of another database."""
    try:
        known = json.loads(path.read_text())
        emails = [login["email"] for login in known["logins"]]
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        return None
    return known if User.objects.filter(email__in=emails).count() == len(PEOPLE) else None


def _login(role: Role) -> dict[str, str]:
    email, name = PEOPLE[role]
    password = f"demo-{secrets.token_hex(4)}"
    user = User.objects.filter(email=email).first() or User(email=email)
    user.name, user.role, user.is_superuser = name, role, role == Role.ADMIN
    user.set_password(password)
    user.save()
    return {"email": email, "password": password, "role": str(role)}


def _key() -> str:
    scopes = [Scope.INGEST, Scope.READ, Scope.LABELS]
    return create_api_key(name=DEMO_CLIENT, scopes=scopes, created_by="seed_demo")[1]
