"""The `comeback` command line, a group of commands to a file. Errors are sentences."""
