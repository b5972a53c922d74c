"""Commands that grade: grade, watch."""
