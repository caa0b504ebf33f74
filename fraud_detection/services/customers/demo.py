"""What a demonstration shows of customers: files to load, and attributes for those who made payments."""

from pathlib import Path

from django.conf import settings
from django.db import transaction

from fraud_detection.services.customers.predicting import predict_stored
from logs.services import record_each
from ml.domains.customers.schema import ATTRIBUTE_NAMES, not_taken_in
from users.models import Customer


def write_samples(directory: Path) -> list[Path]:
    """users_1k.csv and users_10k.csv where they are missing; the paths written."""
    from ml.data_generation.customer_files import write_customer_files

    return write_customer_files(directory, missing_only=True)


def seed_attributes(*, client: str, seed: int = 11) -> int:
    """Generated attributes for the client's customers that have none, and predictions; how many got some.

    Raises NoCustomerModel.
    """
    bare = list(
        Customer.objects.filter(assessments__client__name=client, attributes={}).distinct().order_by("pk")
    )
    if not bare:
        return 0
    from ml.data_generation.customers import LEAST_ROWS, generate_customers

    frame = generate_customers(rows=max(len(bare), LEAST_ROWS), seed=seed)
    barred = not_taken_in(ATTRIBUTE_NAMES, settings.CUSTOMER_DEMOGRAPHICS)
    given = frame[[name for name in ATTRIBUTE_NAMES if name not in barred]].to_dict("records")
    with transaction.atomic():
        for customer, attributes in zip(bare, given, strict=False):  # 50 are generated at least
            customer.attributes = attributes
        Customer.objects.bulk_update(bare, ["attributes"])
        record_each(
            "customer.changed",
            actor_kind="system",
            actor="bootstrap",
            subject_kind="customer",
            deeds=[(customer.pk, {"fields": sorted(customer.attributes)}) for customer in bare],
        )
    predict_stored(model=None, acting="bootstrap")
    return len(bare)
