"""`study progress --web`: one page that needs no network, no script and no other file."""
