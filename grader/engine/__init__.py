"""The process behind one grade, the way to it, and the server that keeps it warm."""
