import re

PIECE = re.compile(r"'(?:[stmd]|re|ve|ll)| ?(?:[A-Za-z_]+|[0-9]+|[^\sA-Za-z0-9_]+)|\s+(?!\S)|\s")
