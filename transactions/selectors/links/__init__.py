"""What customers share: devices, addresses, cards, phones and accounts, to two hops, bounded for hubs."""

from transactions.selectors.links.graph import Edge, Graph, Node, links_of

__all__ = ["Edge", "Graph", "Node", "links_of"]
