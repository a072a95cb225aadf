"""The files that a person writes: programs and rigs in TOML, read into the pump's documents and checked (U-01, U-03).

    program_file.load_program, rig_file.load_rig      a file, or what is wrong with it at which line and column
    checks                                            a program against a rig, by the pump's own code

Host tools and simulator read the same files with it, so it stands beside both. It knows no pump on a port, no archive
and no simulation; of the firmware it imports the documents and the check.
"""
