"""One package per detection domain: what its events look like and what is computed from them."""
