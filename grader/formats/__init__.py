"""A verdict for other tools: one pure function a format, from plain data to text.

Nothing here reads a file, an environment variable or a clock; `grader.cli.grade.report` does.
"""

#: What `study grade --format` takes. The first two are those of every command.
FORMATS = ("text", "json", "junit", "github", "gradescope", "tap", "problems")
