"""Versions of an engine's policy, its settings included: drafted by one, put in force by another."""

import secrets
from collections.abc import Mapping
from typing import Any

from django.db import transaction
from django.db.models import F, Max

from fraud_detection.engines.registry import MODELLED
from fraud_detection.models import EngineState, PolicyVersion
from logs.services import record

THRESHOLDS = ("review_from", "decline_from", "fail_decision", "release_share")
LEAST_RELEASE, MOST_RELEASE = 0.001, 0.01


class PolicyRefused(ValueError):
    """A policy that cannot be drafted or put in force; the message says why."""


def policy_in_force(engine: str) -> PolicyVersion:
    """What decides now; raises PolicyRefused for an engine that is not installed."""
    state = EngineState.objects.select_related("policy").filter(engine=engine).first()
    if state is None:
        raise PolicyRefused(f"engine '{engine}' is not installed: run manage.py install_engines")
    return state.policy


@transaction.atomic
def draft_policy(
    engine: str, *, author: str, reason: str, settings: Mapping[str, Any] | None = None, **thresholds: Any
) -> PolicyVersion:
    """A new version: the one in force with these settings and thresholds in the place of its own.

    It decides nothing before `activate_policy`. Raises PolicyRefused.
    """
    if unknown := sorted(thresholds.keys() - set(THRESHOLDS)):
        raise PolicyRefused(f"a policy has no '{unknown[0]}'; it has {', '.join(THRESHOLDS)} and settings")
    before = policy_in_force(engine)
    EngineState.objects.select_for_update().get(engine=engine)  # numbers are given one at a time
    values = {name: thresholds.get(name, getattr(before, name)) for name in THRESHOLDS}
    if not 0 <= values["review_from"] <= values["decline_from"] <= 100:
        raise PolicyRefused("review_from and decline_from must stand in order between 0 and 100")
    check_release(engine, values["release_share"])
    merged = _checked_settings(engine, {**before.settings, **(settings or {})})
    last = PolicyVersion.objects.filter(engine=engine).aggregate(last=Max("number"))["last"] or 0
    version = PolicyVersion.objects.create(
        engine=engine,
        number=last + 1,
        settings=merged,
        author=author,
        release_seed=secrets.token_hex(16) if values["release_share"] else "",
        **values,
    )
    _audit("policy.drafted", version, author, {"from": str(before), "reason": reason, **values})
    return version


@transaction.atomic
def activate_policy(version: PolicyVersion, *, approved_by: str) -> None:
    """Put a version in force; whoever approves it did not write it. An older version rolls back to it."""
    if approved_by == version.author:
        raise PolicyRefused(f"{version} was written by {approved_by}; somebody else must approve it")
    state = EngineState.objects.select_for_update().get(engine=version.engine)
    if state.policy_id == version.pk:
        raise PolicyRefused(f"{version} is in force already")
    EngineState.objects.filter(pk=state.pk).update(policy=version, revision=F("revision") + 1)
    _audit("policy.activated", version, approved_by, {"replaces": str(state.policy)})


def _checked_settings(engine: str, settings: dict[str, Any]) -> dict[str, Any]:
    known = MODELLED[engine].settings
    if unknown := sorted(settings.keys() - known.keys()):
        raise PolicyRefused(f"{engine} has no setting '{unknown[0]}'; it has {', '.join(known) or 'none'}")
    try:
        MODELLED[engine].check_settings(settings)
    except (ValueError, TypeError, KeyError) as error:
        raise PolicyRefused(f"settings do not hold: {error}") from error
    return settings


def check_release(engine: str, share: float) -> None:
    """Raises PolicyRefused unless this engine may release such a share of stopped events at random."""
    if not share:
        return
    if not LEAST_RELEASE <= share <= MOST_RELEASE:
        raise PolicyRefused(
            f"release_share is {share:g}; it is 0 (off) or from {LEAST_RELEASE:g} to {MOST_RELEASE:g}"
        )
    if MODELLED[engine].judge is not None:
        raise PolicyRefused(f"engine '{engine}' decides by rules of its own: nothing is released at random")


def _audit(action: str, version: PolicyVersion, actor: str, after: dict[str, Any]) -> None:
    record(
        action,
        actor_kind="user" if "@" in actor else "system",
        actor=actor,
        subject_kind="policy",
        subject=str(version),
        after=after,
    )
