"""Tools that make pictures for the documentation."""
