"""The fields of forms: each takes a value of its own type, and shows it again."""
