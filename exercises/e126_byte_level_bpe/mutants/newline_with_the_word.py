import re

PIECE = re.compile(r"'(?:[stmd]|re|ve|ll)|\s?(?:[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]+)|\s+(?!\S)|\s")
