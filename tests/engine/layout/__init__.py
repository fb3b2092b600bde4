"""Tests of engine.layout."""
