"""What is shown: renderables for the terminal, plain values for JSON."""
