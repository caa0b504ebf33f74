"""Links: one method for each operation. Written by generate.py."""

from fraudguard_client.transport import UNSET, Json, Maybe, Transport, given


class LinksOperations(Transport):
    """Links."""

    def show_links(
        self, *, alert: Maybe[int] = UNSET, case: Maybe[int] = UNSET, customer: Maybe[str] = UNSET
    ) -> Json:
        """What ties a customer, or whom an alert or a case is about, to others, to two hops."""
        return self.request("GET", "links/", params=given(alert=alert, case=case, customer=customer))
