"""Tests: unit (no engine, no process of study), system (the engine, the server, the command) and content."""
