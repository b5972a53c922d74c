"""Tests of what comes with the program: exercises, the reading list, the README and the documents."""
