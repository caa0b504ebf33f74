"""The unpaid-debt model in force, or another by name, ready to predict."""

from dataclasses import dataclass

from django.conf import settings

from fraud_detection.engines.customers import UNPAID_DEBT
from fraud_detection.models import EngineState, ModelVersion
from fraud_detection.predictor import Predictor, load_predictor
from ml.artifacts import Model
from ml.domains.customers.features import CUSTOMERS, demographics_of

TRAIN = "run manage.py train_model customers"
_loaded: dict[tuple[int, str], Predictor] = {}  # one or two at a time: unpickling costs more than predicting


class NoCustomerModel(RuntimeError):
    """There is no model of customers that may predict; the message says why and what to run."""


@dataclass(frozen=True)
class InForce:
    """A model, and the probability (0 to 1) from which a customer counts as likely to leave debts unpaid."""

    version: ModelVersion
    model: Model
    threshold: float


def in_force(name: str | None = None) -> InForce:
    """The champion, or the registered model of this name (customers-2). Raises NoCustomerModel."""
    state = EngineState.objects.select_related("model", "policy").filter(engine=UNPAID_DEBT.name).first()
    if state is None:
        raise NoCustomerModel("the customers engine is not installed: run manage.py install_engines")
    version = state.model if name is None else _named(name)
    if version is None:
        raise NoCustomerModel(f"there is no champion yet: {TRAIN}")
    return InForce(version, _usable(version), state.policy.review_from / 100)


def _named(name: str) -> ModelVersion:
    known = list(ModelVersion.objects.filter(engine=UNPAID_DEBT.name))
    for version in known:
        if str(version) == name:
            return version
    there = ", ".join(map(str, known)) or f"none: {TRAIN}"
    raise NoCustomerModel(f"there is no model '{name[:64]}'; there is {there}")


def _usable(version: ModelVersion) -> Model:
    """Verified by hash and schema, and reading nothing that policy does not allow."""
    predictor = _loaded.get((version.pk, version.sha256)) or load_predictor(version, CUSTOMERS)
    if predictor.model is None:
        raise NoCustomerModel(f"{version} cannot be used: {predictor.fault}; promote another, or {TRAIN}")
    barred = set(demographics_of(predictor.model.card.features)) - set(settings.CUSTOMER_DEMOGRAPHICS)
    if barred:
        read = ", ".join(sorted(barred))
        raise NoCustomerModel(f"{version} reads {read}, which CUSTOMER_DEMOGRAPHICS does not allow: {TRAIN}")
    if len(_loaded) > 3:
        _loaded.clear()
    _loaded[version.pk, version.sha256] = predictor
    return predictor.model
