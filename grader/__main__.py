"""`python -m grader` is `study`."""

from grader.cli import main

main()
