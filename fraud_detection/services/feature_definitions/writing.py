"""Writing definitions: a new feature, a new version of one, and the next wording of a draft."""

from typing import Any

from django.db import transaction
from django.db.models import Max

from fraud_detection.engines.registry import ENGINES, Engine
from fraud_detection.models import FeatureDefinition, FeatureStage
from fraud_detection.services.engine_in_use import event_fields
from fraud_detection.services.feature_definitions.errors import DefinitionStageRefused
from fraud_detection.services.feature_definitions.locking import audit, changed, current, hold
from fraud_detection.services.feature_definitions.naming import check_feature_name
from ml.definitions import Definition, DefinitionRefused, read_definition, worded
from ml.definitions.compiling import unit_of
from users.models import User

MOST = 50  # active features of an engine: each costs every decision
MOST_OPEN = 100  # drafts and those awaiting approval
LONGEST_MEANING = 300
OPEN = (FeatureStage.DRAFT, FeatureStage.PENDING)


def checked_engine(name: str) -> Engine:
    """The shipped engine of this name; raises DefinitionRefused."""
    if name not in ENGINES:
        detail = f"must be one of {', '.join(ENGINES)}"
        raise DefinitionRefused.of("engine", "unknown_value", detail)
    return ENGINES[name]


def checked_spec(engine: Engine, spec: Any, name: str = "preview", meaning: str = "") -> Definition:
    """A spec against what the engine's history can be asked for; raises DefinitionRefused."""
    return read_definition(
        engine.feature_set.table, spec, name=name, meaning=meaning, fields=event_fields(engine)
    )


@transaction.atomic
def new_definition(
    *, engine: str, name: str, spec: Any, meaning: str = "", acting_user: User, request_id: str = ""
) -> FeatureDefinition:
    """A draft: of a new feature, or of the next version of one. Raises DefinitionRefused and others."""
    shipped = checked_engine(engine)
    check_feature_name(shipped, name)
    definition = checked_spec(shipped, spec)
    hold(engine)
    known = FeatureDefinition.objects.filter(engine=engine)
    if standing := known.filter(name=name, stage__in=OPEN).first():
        raise DefinitionStageRefused(f"{standing} is {standing.stage} already: change that one")
    if known.filter(stage__in=OPEN).count() >= MOST_OPEN:
        raise DefinitionStageRefused(f"{MOST_OPEN} features of {engine} are drafts: retire some first")
    last = known.filter(name=name).aggregate(last=Max("number"))["last"] or 0
    row = FeatureDefinition.objects.create(
        engine=engine,
        name=name,
        number=last + 1,
        spec=spec,
        unit=unit_of(definition),
        meaning=_meaning(shipped, definition, meaning),
        author=acting_user.email,
        writers=[acting_user.email],
        changed_by=acting_user.email,
    )
    audit("feature.drafted", row, acting_user, request_id, after={"spec": spec, "meaning": row.meaning})
    return row


@transaction.atomic
def change_definition(
    row: FeatureDefinition,
    *,
    spec: Any,
    meaning: str = "",
    seen: int,
    acting_user: User,
    request_id: str = "",
) -> FeatureDefinition:
    """The next wording of a draft; whoever changes it becomes one of its authors."""
    shipped = checked_engine(row.engine)
    definition = checked_spec(shipped, spec)
    hold(row.engine)
    row = current(row, seen)
    if row.stage != FeatureStage.DRAFT:
        raise DefinitionStageRefused(f"{row} is {row.stage}: only a draft can change; make a new version")
    before = {"spec": row.spec, "meaning": row.meaning}
    row.spec, row.unit = spec, unit_of(definition)
    row.meaning = _meaning(shipped, definition, meaning)
    row.writers = [*dict.fromkeys((*row.writers, row.author, acting_user.email))]
    row.author = acting_user.email
    changed(row, acting_user)
    audit(
        "feature.changed",
        row,
        acting_user,
        request_id,
        before=before,
        after={"spec": spec, "meaning": row.meaning},
    )
    return row


def _meaning(engine: Engine, definition: Definition, meaning: str) -> str:
    """As the author says it, else in a sentence made of the definition."""
    meaning = meaning.strip() if isinstance(meaning, str) else ""
    if len(meaning) > LONGEST_MEANING or not meaning.isprintable():
        detail = f"must be one line of at most {LONGEST_MEANING} printable characters"
        raise DefinitionRefused.of("meaning", "too_long", detail)
    return meaning or worded(definition, engine.feature_set.table)[:LONGEST_MEANING]
