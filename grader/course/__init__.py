"""From YAML files to frozen models: parse, check against the models, check the links, cache the result."""

from grader.course.content import Content, find_content_root, load_content

__all__ = ["Content", "find_content_root", "load_content"]
