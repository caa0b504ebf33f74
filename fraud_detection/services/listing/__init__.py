"""Lists that people manage: what stands on them, their life, their files and where they are used."""
