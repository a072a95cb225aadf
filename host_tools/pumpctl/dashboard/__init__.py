"""The web page: pumps to watch and to operate, a program editor, and the faults of a simulated one. On loopback only.

Draws what pumpctl.live knows and hands it jobs. No dosing logic: what may be done is said by the pump.
"""
