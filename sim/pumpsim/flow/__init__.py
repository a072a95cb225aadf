"""Flow tests of a simulated rig (F-01): the bench that a laboratory would build, in virtual time.

A pump with a plant stands over a balance and is programmed over its link like a real one; what the balance reads goes
through the same analysis (the package flowtest) as a real balance's CSV.
"""
