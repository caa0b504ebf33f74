"""What a decision refuses beside bad input."""


class EventConflict(Exception):
    """The id is taken by an event with another body; nothing was stored."""

    def __init__(self, transaction_id: str):
        self.transaction_id = transaction_id
        super().__init__(f"transaction_id '{transaction_id}' was sent before with another body")
