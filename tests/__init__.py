"""Tests of the engine on toy courses, and of every exercise."""
