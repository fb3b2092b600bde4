"""Tests through the real thing: real databases, real diagrams, a real browser."""
