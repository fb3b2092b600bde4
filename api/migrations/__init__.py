"""Migrations of the database: every change of a table after the first release."""
