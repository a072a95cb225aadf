"""What a record says, in words with units, for a person. Made of the columns of columns.py."""

from __future__ import annotations

from typing import Any

from pump.alarms import MOMENTARY, REPEATED
from pumpctl.cli import rate_text, volume_text
from pumpctl.durations import seconds
from pumpctl.localtime import utc_text

Values = dict[str, Any]


def words_of(values: Values) -> str:
    """One line for a record, given as the columns that belong to it."""
    if "confirmed_steps" in values:
        return _dose(values)
    make = _WORDS.get(values["event"])
    return make(values) if make else f"not known to this pumpctl, code {values['code']}"


def _dose(values: Values) -> str:
    parts = [values[name] for name in ("alarm", "reason") if name in values]
    if values["rate_nl_per_h"] or values["event"] in ("start", "rate", "day", "checkpoint", "resume"):
        parts.append(rate_text(values["rate_nl_per_h"]) + (" in a ramp" if values.get("ramp") else ""))
    parts.append(f"{values['confirmed_steps']:,} steps delivered")
    if values["authorised_ahead_steps"]:
        parts.append(f"{values['authorised_ahead_steps']:,} authorised")
    if values.get("resumes"):
        parts.append("the schedule is to go on")
    return ", ".join(parts)


def _clock(values: Values) -> str:
    old = utc_text(values.get("old_utc", 0))
    return f"set to {_utc(values, 'new_utc')}" + (f" from {old}" if old else ", it was not set before")


def _image(values: Values) -> str:
    beyond = ", beyond a soft limit and confirmed" if values["confirmed"] else ""
    return f"{values['event']} {values['digest'][:12]}, generation {values['generation']}{beyond}"


def _bolus(values: Values) -> str:
    parts = [f"{values['kind']}: {volume_text(values['volume_nl'])} over {seconds(values['over_s'])}, "
             f"{values['outcome']}" + (f" ({values['denial']})" if "denial" in values else "")]
    if values["delivered_steps"]:
        parts.append(f"{values['delivered_steps']:,} of {values['granted_steps']:,} steps")
    if "due_utc" in values and not values["delivered_steps"] and _is_elsewhere(values):
        parts.append(f"due {_utc(values, 'due_utc')}")
    return ", ".join(parts)


def _is_elsewhere(values: Values) -> bool:
    """Whether a bolus was due at another time than that of its record, to the second."""
    return values.get("utc", 0) // 1000 != values["due_utc"] // 1000


def _transfer(values: Values) -> str:
    return (f"{values['kind']}: {volume_text(values['volume_nl'])}, {values['outcome']}, "
            f"{values['moved_steps']:,} of {values['authorised_steps']:,} steps")


def _temporary(values: Values) -> str:
    if not values["for_s"]:
        return "ended"
    rate = f"{values['percent']} %" if "percent" in values else rate_text(values["rate_nl_per_h"])
    return f"{'bridge: ' if values['bridge'] else ''}{rate} for {seconds(values['for_s'])}"


def _refill(values: Values) -> str:
    taken = f"{volume_text(values['withdrawn_nl'])} taken out, " if "withdrawn_nl" in values else ""
    warning = ", the difference is above 5 %" if values["difference_large"] else ""
    return f"{taken}{volume_text(values['added_nl'])} filled in, {volume_text(values['level_nl'])} now{warning}"


def is_raised(values: Values) -> bool:
    """Whether an alarm record is of an alarm that begins."""
    alarm = values.get("alarm")
    if alarm is None or values["event"] != "alarm":
        return False
    return alarm in values["present"].split("; ") or (
        values["code"] in MOMENTARY and alarm in values["shown"].split("; "))


def _alarm(values: Values) -> str:
    if values["code"] == REPEATED:
        what = "as before"
    elif "alarm" not in values:
        what = "acknowledged"
    elif is_raised(values):
        what = f"{values['alarm']}: raised"
    elif values["alarm"] in values["shown"].split("; "):
        what = f"{values['alarm']}: its cause is gone"
    else:
        what = f"{values['alarm']}: over"
    return what + (f"; shown: {values['shown']}" if values["shown"] else "; none shown")


def _accounts(values: Values) -> str:
    found = [(values["bolus_account_steps"], "in boluses"), (values["prime_steps"], "primed"),
             (values["withdrawn_steps"], "withdrawn"), (values["uncertain_steps"], "uncertain")]
    return "steps: " + ", ".join(f"{steps:,} {name}" for steps, name in found)


def _levels(values: Values) -> str:
    trial = f", trial since {_utc(values, 'trial_start_utc')}" if "trial_start_utc" in values else ""
    return (f"reservoir {volume_text(values['level_nl'])}, motor {seconds(values['motor_s'])}, "
            f"{values['starts']:,} starts{trial}")


def _denied(values: Values) -> str:
    return f"{values['request']} refused: {values['error']}"


def _dropped(values: Values) -> str:
    first, count = values["dropped_first_seq"], values["dropped_count"]
    return f"records {first} to {first + count - 1}, for want of room"


def _self_test(values: Values) -> str:
    return f"failed: {values['failed']}; {values['memory_free']:,} bytes free"


def _pulled(values: Values) -> str:
    return f"records before {values['pulled_before_seq']:,} have been read"


def _firmware(values: Values) -> str:
    return f"{values['version']}, build {values['build']}: {values['step']}"


def _access(values: Values) -> str:
    role = f" ({values['role']})" if "role" in values else ""
    failures = f", {values['failures']} since the last good one" if values["failures"] else ""
    return f"{values['step']}{role}{failures}"


def _ratio(values: Values) -> str:
    step_nl = values["pl_per_rev"] / max(1, values["steps_per_rev"]) / 1000
    return (f"{step_nl:,.6g} nL a step; what earlier ones moved makes {values['earlier_doses_nl']:+,} nL in doses, "
            f"{values['earlier_uncertain_nl']:+,} uncertain")


def _earlier(values: Values) -> str:
    return (f"what earlier steps moved makes {values['earlier_boluses_nl']:+,} nL in boluses, "
            f"{values['earlier_primed_nl']:+,} primed, {values['earlier_withdrawn_nl']:+,} withdrawn")


def _utc(values: Values, name: str) -> str:
    return utc_text(values.get(name, 0)) or "an unknown time"


_WORDS = {"clock": _clock, "rig": _image, "program": _image, "bolus": _bolus, "transfer": _transfer,
          "temporary": _temporary, "refill": _refill, "alarm": _alarm, "accounts": _accounts, "levels": _levels,
          "denied": _denied, "dropped": _dropped, "self-test": _self_test,
          "pulled": _pulled, "firmware": _firmware, "access": _access, "ratio": _ratio, "earlier": _earlier}
