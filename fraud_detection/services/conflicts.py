"""What a decision refuses beside bad input."""


class EventConflict(Exception):
    """The id is taken by an event with another body; nothing was stored."""

    def __init__(self, external_id: str, id_field: str = "transaction_id"):
        self.external_id, self.id_field = external_id, id_field
        super().__init__(f"{id_field} '{external_id}' was sent before with another body")
