"""Words and characters for people: wording, glyphs, columns, the console."""
