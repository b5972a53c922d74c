"""Plain data that everything else speaks of: exercises, verdicts, pictures, errors. Imports nothing of ours."""
