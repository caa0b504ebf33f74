"""What both kinds of deliveries share: where a connection may go, when to try again, what is kept."""
