"""Commands for authors: new, schema, course, lint, verify."""
