import re

PIECE = re.compile(r"'(?:[stmdSTMD]|re|ve|ll|RE|VE|LL)| ?(?:[A-Za-z]+|[0-9]+|[^\sA-Za-z0-9]+)|\s+(?!\S)|\s")
