"""Card, wallet and account-to-account fraud."""
