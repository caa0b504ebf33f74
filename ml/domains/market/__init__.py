"""Market surveillance: orders, cancels and trades, and the schemes that show in them."""
