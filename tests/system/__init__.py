"""Tests of the engine, the server and the command, as they run for a learner."""
