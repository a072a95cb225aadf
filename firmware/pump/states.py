"""What the pump does: the words of status replies. Who changes from one to the other is the controller."""

STOPPED = "stopped"
RUNNING = "running"
SUSPENDED = "suspended"
PRIMING = "priming"
WITHDRAWING = "withdrawing"
FAULT = "fault"

MOVING = (RUNNING, PRIMING, WITHDRAWING)
