"""What helps people write a rule: checks as one types, plain English, completion, a try-out."""
