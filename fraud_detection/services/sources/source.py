"""How the events of an engine with a table of its own come in, are stored, and whom they concern."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from fraud_detection.engines.registry import ENGINES
from fraud_detection.services.card_numbers import masked_refusal, masked_values, print_of
from ml.domains.fields import RecordRefused
from ml.domains.readers import Field
from ml.features.keys import entity_key
from transactions.services import Kind
from users.models import ClientSystem

Values = Mapping[str, Any]


@dataclass(frozen=True)
class Source:
    """parse, encode and context are the domain's own; the rest names fields and columns.

    parse     (record, now=, text=) -> values; raises RecordRefused
    encode    (values, moment) -> the integer columns of the stored row
    fields    what a request may hold
    locked    key columns whose entities are held while an event is decided
    customer  the field that names the customer; its absence falls back to the fields after it
    subjects  subject kind -> field
    context   (values, settings of the policy) -> what rules read beside features
    count     adds a stored event to what is counted beside the events, in its transaction
    """

    engine: str
    kind: Kind
    parse: Callable[..., dict[str, Any]]
    encode: Callable[[Values, datetime], dict[str, int | None]]
    fields: tuple[Field, ...]
    locked: tuple[str, ...]
    customer: tuple[str, ...]
    subjects: Mapping[str, str]
    context: Callable[[Values, Mapping[str, Any]], dict[str, Any]] = field(
        default=lambda values, settings: {}
    )
    count: Callable[[Mapping[str, Any]], None] | None = None

    @property
    def id_field(self) -> str:
        return ENGINES[self.engine].id_field

    def customer_of(self, values: Values) -> str:
        return next(values[name] for name in self.customer if values.get(name))

    def subjects_of(self, values: Values) -> dict[str, str | None]:
        """Whom a hit can be about, by the subject kinds of rules."""
        named = {kind: values.get(name) for kind, name in self.subjects.items()}
        return named | {"customer": self.customer_of(values)}


@dataclass(frozen=True)
class EventRequest:
    """A parsed event of a client system; `digest` tells whether two bodies say the same."""

    source: Source
    values: dict[str, Any]
    digest: bytes
    client_id: int

    @property
    def external_id(self) -> str | None:
        return self.values.get(self.source.id_field)

    @property
    def keys(self) -> list[int]:
        """What is held while the event is decided."""
        columns = self.source.encode(self.values, datetime.now(UTC))
        own = (
            []
            if self.external_id is None
            else [entity_key("event", f"{self.source.engine} {self.external_id}")]
        )
        return own + [columns[name] for name in self.source.locked if columns.get(name) is not None]


def read_event(
    source: Source, record: Mapping[str, Any], *, client: ClientSystem, text: bool = False
) -> EventRequest:
    """Parse a record and mask card numbers; raises RecordRefused. `text`: it is a row of a file."""
    try:
        values = source.parse(record, now=datetime.now(UTC), text=text)
    except RecordRefused as refused:
        raise masked_refusal(refused) from None
    told = print_of(record)
    if told.suspect:
        values = masked_values(values, source.fields, source.id_field)
    return EventRequest(source, values, told.digest, client.pk)
