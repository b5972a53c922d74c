"""What is next, what is due, how long it takes: pure functions of the course and the progress."""
