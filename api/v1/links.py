"""What ties customers to others: devices, cards, phones, accounts and addresses they share."""

from typing import Any

from django.db.models import Model
from django.http import Http404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from alerts.models import Alert, Case
from alerts.selectors.links import Linked, customers_of_alert, customers_of_case, in_words, linked
from api.problems import Fault, Refused
from api.shapes import Minor
from api.views import ApiView
from users.models import Customer
from users.roles import Ability


class LinkNode(serializers.Serializer):
    id = serializers.CharField(help_text="customer:12, device:-812…; edges name nodes by it.")
    kind = serializers.CharField(
        help_text="customer, device, ip, card, account, phone, bank account or address."
    )
    label = serializers.CharField()
    customer = serializers.CharField(allow_null=True, help_text="The customer's id, for a customer.")
    customers = serializers.IntegerField(help_text="How many use it, among its newest events.")
    hub = serializers.BooleanField(help_text="So many use it that it is not followed.")
    focus = serializers.BooleanField(help_text="Whom the graph is about.")
    known = serializers.CharField(allow_blank=True, help_text="What is known against a customer.")


class LinkEdge(serializers.Serializer):
    customer = serializers.CharField()
    entity = serializers.CharField()
    how = serializers.CharField()
    count = serializers.IntegerField()
    first = serializers.DateTimeField()
    last = serializers.DateTimeField()
    amount = Minor(source="amount_minor", help_text="Of those events, in the reporting currency.")


class RingBody(serializers.Serializer):
    customer = serializers.CharField()
    known = serializers.CharField(allow_blank=True)
    shared = serializers.DictField(child=serializers.ListField(child=serializers.CharField()))


class LinksBody(serializers.Serializer):
    nodes = LinkNode(many=True)
    edges = LinkEdge(many=True)
    same_ring = RingBody(many=True, help_text="Who may belong together, the gravest first.")
    left_out = serializers.IntegerField(help_text="Shared things and customers beside those listed.")


class Links(ApiView):
    abilities = {"GET": Ability.READ}

    @extend_schema(
        operation_id="show_links",
        summary="What ties a customer, or whom an alert or a case is about, to others, to two hops",
        parameters=[
            OpenApiParameter("customer", str, description="A customer's id."),
            OpenApiParameter("alert", int, description="An alert's id."),
            OpenApiParameter("case", int, description="A case's id; give one of the three."),
        ],
        responses=LinksBody,
    )
    def get(self, request: Request) -> Response:
        return Response(_body(linked(_focus(request.query_params))))


def _focus(query) -> list[int]:
    given = [name for name in ("customer", "alert", "case") if name in query]
    if len(given) != 1:
        raise Refused([Fault("customer", "required", "give one of customer, alert and case")])
    if given == ["customer"]:
        found = Customer.objects.filter(external_id=query["customer"]).first()
        if found is None:
            raise Http404("no customer has this id")
        return [found.pk]
    if given == ["alert"]:
        return customers_of_alert(_numbered(Alert, "alert", query["alert"]))
    return customers_of_case(_numbered(Case, "case", query["case"]))


def _numbered(model: type[Model], name: str, number: str) -> Any:
    if not (number.isascii() and number.isdecimal() and len(number) < 19):
        raise Refused([Fault(name, "invalid", "an id is a whole number")])
    found = model.objects.filter(pk=int(number)).first()
    if found is None:
        raise Http404(f"there is no such {name}")
    return found


def _body(found: Linked) -> dict:
    names = {pk: customer.external_id for pk, customer in found.customers.items()}
    nodes = [
        vars(node)
        | {
            "label": found.label(node),
            "customer": names.get(node.customer_id),
            "known": found.standings[node.customer_id].words if node.customer_id else "",
        }
        for node in found.graph.nodes
    ]
    edges = [vars(edge) | {"how": in_words(edge)} for edge in found.graph.edges]
    ring = [
        {"customer": names[each.customer_id], "known": each.standing.words, "shared": each.shared}
        for each in found.ring
    ]
    body = {"nodes": nodes, "edges": edges, "same_ring": ring, "left_out": found.graph.left_out}
    return LinksBody(body).data
