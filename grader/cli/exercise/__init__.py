"""Commands about one exercise: next, start, hint, show, reset, solution, answer."""
