"""A database of its own for an evaluation: live history takes no part in it, and nothing of it remains."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection
from django.db.utils import ProgrammingError

from fraud_detection.models import EngineState, ModelVersion, PolicyVersion
from fraud_detection.rules.spec import RuleSpec
from fraud_detection.services.engine_setup import first_versions, install, new_rule_set
from fraud_detection.services.serving import forget

POLICY = ("review_from", "decline_from", "fail_decision", "settings")
MODEL = ("number", "stage", "path", "sha256", "card", "generated_data_only")


class NoRoomApart(RuntimeError):
    """The database cannot be made; the message says what the role lacks."""


@contextmanager
def apart(engine: str) -> Iterator[None]:
    """Run in an empty database with the engine as it is in force; it is dropped at the end.

    Raises NoRoomApart where this role may not create databases.
    """
    in_force = _in_force(engine)
    name = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = f"{name}_evaluation_{os.getpid()}"
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    except (ProgrammingError, SystemExit) as error:
        connection.close()
        connection.settings_dict["NAME"] = name
        raise NoRoomApart(
            "an evaluation runs in a database of its own, which this role may not create:"
            " let its owner run 'alter role ... createdb'"
        ) from error
    forget()
    try:
        _put_in_force(engine, in_force)
        yield
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        forget()


def _in_force(engine: str) -> dict[str, Any]:
    install()
    state = EngineState.objects.select_related("policy", "model").get(engine=engine)
    versions = state.rule_set.rule_versions.order_by("rule__code")
    return {
        "rules": [version.definition for version in versions],
        "policy": {name: getattr(state.policy, name) for name in POLICY},
        "model": {name: getattr(state.model, name) for name in MODEL} if state.model else None,
    }


def _put_in_force(engine: str, given: dict[str, Any]) -> None:
    specs = [RuleSpec.from_data(definition) for definition in given["rules"]]
    EngineState.objects.create(
        engine=engine,
        rule_set=new_rule_set(engine, first_versions(engine, list(specs))),
        policy=PolicyVersion.objects.create(engine=engine, number=1, **given["policy"]),
        model=ModelVersion.objects.create(engine=engine, **given["model"]) if given["model"] else None,
    )
