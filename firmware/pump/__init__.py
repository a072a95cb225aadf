"""The pump's logic: integers in, integers out. No hardware, no clock of its own, no I/O, nothing on import."""
