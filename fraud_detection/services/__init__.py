"""The decision and what serves it: setting engines up, deciding events, keeping the registry."""
