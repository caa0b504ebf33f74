"""Application risk: how likely an applicant is to default."""
