"""Tests that drive the product as people do: through a real browser, and through nothing else."""
