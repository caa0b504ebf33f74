"""What people, and rules, do to cases. Each module is one noun; `holding` and `errors` serve them all."""
