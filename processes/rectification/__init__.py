"""Rectification of a defect by whoever is liable, re-checked by us and by the customer."""
