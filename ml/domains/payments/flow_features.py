"""What the receiver passes on."""

from ml.features.builders import count, money
from ml.features.spec import Feature


def receiver_features() -> list[Feature]:
    return [
        money("receiver_out_48h", "What the receiver sent in the last 48 hours.", "receiver_out.sum.48h"),
        count(
            "receiver_out_count_48h", "Debits of the receiver in the last 48 hours.", "receiver_out.count.48h"
        ),
    ]
