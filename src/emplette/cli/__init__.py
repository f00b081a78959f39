"""The command line: puts the program together."""
