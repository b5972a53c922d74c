"""Tests of modules, which start no engine and no process of study."""
