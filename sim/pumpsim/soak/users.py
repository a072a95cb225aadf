"""Random users: what operators at the host and at the button do, as entries of a scenario's timeline."""

from pumpsim.soak.amounts import chance, odd, rate, span, volume

# Word: how often, of all
DEEDS = {"press": 30, "bolus": 20, "cancel": 4, "temp": 8, "bridge": 2, "suspend": 4, "resume": 6, "stop": 2,
         "start": 4, "prime": 4, "withdraw": 3, "refill": 6, "clock": 4, "program": 6, "ack": 4, "status": 2, "pull": 2}


def deeds(dice, rig, programs):
    """Endless entries without their times. programs: names of those that can be sent."""
    words, weights = list(DEEDS), list(DEEDS.values())
    while True:
        word, = dice.choices(words, weights)
        if word == "press":
            yield {"press": span(odd(dice, 1, 10)) if chance(dice, 0.3) else "200 ms"}
        elif word == "program":
            yield {"do": "program", "name": dice.choice(programs)}
        else:
            yield {"do": word} | _words_of(dice, word, rig)


def look_after(dice, rig):
    """What a good operator does on a round: sees what is wrong, fills up, sets the clock, lets it go on."""
    made = [{"do": "ack"}]
    if chance(dice, 0.7):
        withdrawn = volume(odd(dice, 1, rig.reservoir_nl))
        made.append({"do": "refill", "added": volume(rig.reservoir_nl), "withdrawn": withdrawn})
    if chance(dice, 0.8):
        made.append({"do": "clock"})
    return made + [{"do": "resume"}, {"do": "start"}]


def _words_of(dice, word, rig):
    limits = rig.limits
    if word == "bolus":
        if chance(dice, 0.4):
            return {}                                   # the program's, on demand
        most = limits.max_bolus_nl or limits.max_1h_nl
        return {"volume": volume(odd(dice, 100, max(100, most))), "over": span(odd(dice, 1, 3600)), "confirm": 1}
    if word == "temp":
        if chance(dice, 0.2):
            return {"lasts": "0 s"}
        kind = {"percent": dice.choice([0, 50, 100, 150, 200])} if chance(dice, 0.6) else {
            "rate": rate(odd(dice, 1, limits.max_1h_nl))}
        return kind | {"lasts": span(odd(dice, 60, 12 * 3600))}
    if word in ("prime", "withdraw"):
        return {"volume": volume(odd(dice, 100, max(100, rig.max_prime_nl)))}
    if word == "refill":
        added = {"added": volume(odd(dice, 1000, rig.reservoir_nl))}
        return added | ({"withdrawn": volume(odd(dice, 1, rig.reservoir_nl))} if chance(dice, 0.7) else {})
    if word == "clock":
        return dice.choice([{}, {"error": span(odd(dice, 1, 7200))}, {"back": span(odd(dice, 1, 7200))}])
    if word == "bridge":
        return {"volume": volume(odd(dice, 1000, limits.max_1h_nl)), "over": span(odd(dice, 60, 3600))}
    return {}
