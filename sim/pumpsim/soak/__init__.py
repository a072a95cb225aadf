"""Soak: random programs, users and faults for pump-years, as scenarios; a failure shrunk to a file. `pumpsim soak`."""
