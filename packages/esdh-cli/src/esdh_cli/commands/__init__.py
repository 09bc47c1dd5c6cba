"""One file per command: parse, one call into a library, one print."""
