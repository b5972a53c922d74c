"""From YAML files to frozen models: parse, check against the models, check the links, cache the result."""

from grader.course.content import Content, FoundCourse, explain_left_out, find_content_root, find_course, load_content

__all__ = ["Content", "FoundCourse", "explain_left_out", "find_content_root", "find_course", "load_content"]
