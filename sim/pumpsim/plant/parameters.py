"""What a plant can be like: its parameters with units, sources and defaults. By default every effect is off."""

from dataclasses import dataclass, field, fields, replace


def _of(default, unit, text, source, least=0.0, most=1e9, at_first=False):
    """at_first: it says how the plant begins, and is no more to be changed once it has."""
    return field(default=default, metadata={"unit": unit, "text": text, "source": source, "least": least, "most": most,
                                            "at_first": at_first})


SNIJDER = "Snijder 2015, doi 10.1515/bmt-2014-0148"


@dataclass(frozen=True)
class Parameters:
    """Volumes in uL, pressures in kPa above the air's, times in s."""

    ul_per_rev: float = _of(330.0, "uL", "that the head displaces in a revolution",
                            "geometry: a 14.5 mm barrel, 2 mm lead", 1e-6, 1e6)
    steps_per_rev: int = _of(3200, "steps", "of a revolution, microsteps included", "200 full steps, 16 microsteps",
                             1, 1_000_000)
    scale_percent: float = _of(0.0, "%", "that a revolution displaces more than ul_per_rev; less below 0",
                               "a barrel's tolerance: up to 5 %, ISO 7886-2", -50, 50)
    stall_kpa: float = _of(0.0, "kPa", "at which the slow motor stalls; 0: never",
                           "force x lead / (2 pi efficiency); 0.1 N m, 2 mm, 0.3 and 165 mm2 make 570 kPa")
    pull_out_steps_per_s: float = _of(0.0, "steps/s", "at which its torque is gone, falling evenly; 0: never",
                                     "V / (2 L I): 12 V, 3 mH, 1.5 A make 1330 full steps/s, 21,000 of 16 microsteps")
    diag: int = _of(1, "", "1: the driver's stall output is wired to the pump", "firmware/WIRING.md", 0, 1)
    slack_ul: float = _of(0.0, "uL", "between pusher and plunger at the beginning: moved without effect",
                          f"start-up delays at 0.1-1 mL/h: minutes to 70 min, {SNIJDER}", at_first=True)
    backlash_ul: float = _of(0.0, "uL", "of the lead screw: moved without effect after each reversal",
                             "assumed: 0.1 mm of play in a T8 nut, 17 uL in a 14.5 mm barrel")
    stiction_ul: float = _of(0.0, "uL", "that the drive winds up before a sticking plunger jumps after it",
                             "drop of friction / stiffness x area: 1 N of the 2 to 5 N that a plunger takes "
                              "(Kiselev 2020, BSUIR), 100 N/mm (assumed), 165 mm2 make 1.7")
    rollers: int = _of(0, "", "of a peristaltic head; 0: a syringe", "3 or 4 are usual", 0, 100)
    pulsation_percent: float = _of(0.0, "%", "by which the flow swings around its mean at each roller",
                                  "assumed: tens, as a roller that lifts leaves a gap in its third of a turn", 0, 100)
    compliance_ul_per_kpa: float = _of(0.0, "uL/kPa", "of syringe and line together; 0: as good as rigid",
                                       f"9 to 21 for 50 mL syringes: {SNIJDER}", 0, 1e5)
    resistance_kpa_s_per_ul: float = _of(0.0, "kPa s/uL", "of the line to its outlet",
                                         "Hagen-Poiseuille: 0.061 for water in 1.5 m of 1 mm bore", 0, 1e9)
    dead_volume_ul: float = _of(0.0, "uL", "from the head to the outlet: a change of fluid travels so far as a plug",
                                "geometry: 1180 for 1.5 m of 1 mm bore", 0, 1e8, at_first=True)
    head_mm: float = _of(0.0, "mm", "by which the pump is above the outlet; below 0: under it",
                         "hydrostatics: 9.81 kPa a metre of water", -20_000, 20_000)
    slip_kpa_s_per_ul: float = _of(0.0, "kPa s/uL", "of the way past a worn head or a loose plunger; 0: tight",
                                  "12 mu l / (pi d h3): 21 for a gap of 5 um, 10 mm long, around 14.5 mm, water")
    leak_kpa_s_per_ul: float = _of(0.0, "kPa s/uL", "of a leak between head and outlet; 0: tight",
                                  "Hagen-Poiseuille: 0.8 for water through a hole of 0.1 mm, 2 mm long")
    reservoir_ul: float = _of(0.0, "uL", "that it holds at the beginning; 0: endless", "the rig", 0, 1e9,
                               at_first=True)
    end_switch: int = _of(0, "", "1: a switch closes when a syringe is empty", "firmware/WIRING.md", 0, 1)
    evaporation_ul_per_h: float = _of(0.0, "uL/h", "from the vessel on the balance",
                                      "1 to 20 for an open vessel: measure yours", 0, 1e6)
    temperature_c: float = _of(20.0, "C", "of fluid and board", "the laboratory", 0, 40)
    crystal_ppm: float = _of(0.0, "ppm", "by which the pump's crystal is fast; its clock and rates with it",
                             "within 30: Raspberry Pi Pico datasheet", -1000, 1000)
    crystal_ppm_per_k: float = _of(0.0, "ppm/K", "more for each kelvin above 25 C",
                                  "assumed: below 0.5, 30 ppm over the 60 K to 85 C", -10, 10)
    counts_per_kpa: float = _of(0.0, "1/kPa", "of the pressure sensor; 0: none is fitted", "the sensor", 0, 1e5)
    counts_at_zero: float = _of(0.0, "counts", "of the pressure sensor without pressure", "the sensor", 0, 1e7)
    sag_mv: float = _of(0.0, "mV", "by which the supply sags while the driver is enabled",
                         "current x resistance: 1000 for 2 A through 0.5 ohm of cable and converter", 0, 5000)
    balance_noise_mg: float = _of(0.0, "mg", "standard deviation of a reading",
                                  "0.1 for an analytical balance: its datasheet's repeatability", 0, 1e6)
    balance_drift_mg_per_h: float = _of(0.0, "mg/h", "drift of the balance",
                                        "0.2 for 100 g, 1 K/h and 2 ppm/K (assumed)", -1e6, 1e6)
    balance_step_mg: float = _of(0.0, "mg", "readability: readings are rounded to it; 0: not", "its datasheet", 0, 1e6)
    seed: int = _of(0, "", "of the balance's noise", "any", 0, 1 << 31, at_first=True)

    def changed(self, **values):
        """The same with other values; ValueError, with what to do, for a name or a value that is none."""
        known = {part.name: part for part in fields(self)}
        for name, value in values.items():
            if name not in known:
                raise ValueError(f"a plant has no {name!r}; it has {', '.join(known)}")
            about = known[name].metadata
            kinds = int if isinstance(known[name].default, int) else (int, float)
            if isinstance(value, bool) or not isinstance(value, kinds) or not about["least"] <= value <= about["most"]:
                unit = f" {about['unit']}" if about["unit"] else ""
                raise ValueError(f"{name} must be from {about['least']:g} to {about['most']:g}{unit}, not {value!r}")
        made = replace(self, **values)
        if values.get("pulsation_percent") and not made.rollers:
            raise ValueError("pulsation_percent needs rollers, and a syringe has none; give rollers=3 with it")
        return made


class Layers:
    """The parameters in force: a base, and over it what each active fault holds, the one that began last on top.

    So faults may overlap and end in any order, and what is left without them is the base.
    """

    def __init__(self, base):
        self._base = base
        self._held = {}                # values by name of a parameter, by who holds them, in the order of beginning

    @property
    def now(self):
        return replace(self._base, **{name: value for held in self._held.values() for name, value in held.items()})

    def change(self, **values):
        """Another base. ValueError, with what to do, for what is none, or is held."""
        self._require(values)
        for who, held in self._held.items():
            for name in set(values) & set(held):
                raise ValueError(f"{name} is held by the fault {who}; clear that first")
        self._base = self._base.changed(**values)

    def hold(self, who, **values):
        """These go before all others until `who` lets go. ValueError, with what to do, for what is none."""
        self._require(values)
        self._held[who] = values

    def let_go(self, who):
        del self._held[who]

    def _require(self, values):
        self.now.changed(**values)
        for part in fields(self._base):
            if part.name in values and part.metadata["at_first"]:
                raise ValueError(f"{part.name} says how a plant begins, and this one has begun; give it to Plant(...)")
