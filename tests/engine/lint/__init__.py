"""Tests of engine.lint."""
