"""The accounts of a report by day: their table and their picture. Loads matplotlib for the picture only."""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

from pumpctl.accounts import Accounts, Sums
from pumpctl.localtime import EPOCH
from pumpctl.tables import microlitres

MONTHS_FROM = 63              # days: from here on the months are told too
HEADS = ("day", "programmed", "basal", "bolus", "delivered", "uncertain", "primed", "withdrawn", "steps", "difference")
NOTE = ("Volumes in µL. Delivered is basal and bolus, as counted on the step pin. Uncertain: authorised before a power "
        "loss and never confirmed, so delivered besides at most. Primed and withdrawn are no doses. Difference: "
        "programmed less delivered since the beginning, in motor steps at the end of the day.")


def rows_of(accounts: Accounts) -> list[tuple[str, ...]]:
    """One row of texts for each day."""
    due = Fraction(0)
    rows = []
    for day in sorted(accounts.days):
        due += accounts.days[day].due_steps
        rows.append(_row(day_name(day), accounts.days[day], due))
    return rows


def month_rows(accounts: Accounts) -> list[tuple[str, ...]]:
    """One row for each month of a long period; none of a short one."""
    if len(accounts.days) < MONTHS_FROM:
        return []
    months: dict[str, Sums] = {}
    for day in sorted(accounts.days):
        name = f"{EPOCH + timedelta(days=day):%B %Y}" if day else "unknown"
        months[name] = months.get(name, Sums()).plus(accounts.days[day])
    due = Fraction(0)
    rows = []
    for name, sums in months.items():
        due += sums.due_steps
        rows.append(_row(name, sums, due))
    return rows


def total_row(accounts: Accounts) -> tuple[str, ...]:
    total = accounts.total
    return _row("total", total, total.due_steps)


def _row(name: str, sums: Sums, due: Fraction) -> tuple[str, ...]:
    volumes = (sums.programmed_nl, sums.basal_nl, sums.bolus_nl, sums.delivered_nl,
               sums.uncertain_nl + sums.uncertain_prime_nl, sums.primed_nl, sums.withdrawn_nl)
    return (name, *(microlitres(nl) if nl else "0" for nl in volumes), f"{sums.steps:,}", f"{float(due):.2f}")


def day_name(local_day: int) -> str:
    return f"{EPOCH + timedelta(days=local_day):%a %Y-%m-%d}" if local_day else "unknown"


def svg_of(accounts: Accounts) -> str:
    """A bar for each day: basal and bolus, with what was uncertain on top. "" for fewer than two days."""
    days = [day for day in sorted(accounts.days) if day]
    if len(days) < 2:
        return ""
    from matplotlib.axes import Axes

    from flowtest import pictures

    def draw(axes: Axes) -> None:
        top = max(sum(_parts(accounts.days[day])) for day in days)
        scale, unit = (1_000_000, "mL") if top >= 10_000_000 else (1000, "µL")
        bottom = [0.0] * len(days)
        looks = (("basal", pictures.BLUE, ""), ("bolus", pictures.ORANGE, "//"), ("uncertain", "white", "xx"))
        for at, (label, colour, hatch) in enumerate(looks):
            heights = [_parts(accounts.days[day])[at] / scale for day in days]
            if any(heights) or not at:
                axes.bar(days, heights, bottom=bottom, width=0.82, label=label, color=colour, hatch=hatch,
                         edgecolor="black", linewidth=0.4 if len(days) < MONTHS_FROM else 0)
            bottom = [low + height for low, height in zip(bottom, heights, strict=True)]
        axes.set_ylabel(f"delivered in {unit}")
        axes.set_ylim(0, (top / scale or 1) * 1.18)
        ticks = _ticks(days)
        axes.set_xticks(ticks, [_label(day, ticks) for day in ticks])
        axes.set_xlim(days[0] - 0.6, days[-1] + 0.6)
        axes.grid(axis="x", visible=False)
        axes.set_title("Delivered by day", weight="bold")
        axes.legend(loc="upper right", ncols=3, frameon=False, fontsize=11)

    return pictures.svg_of(pictures.figure_of(draw, size=(12, 3.8)))


def _parts(sums: Sums) -> tuple[int, int, int]:
    return sums.basal_nl, sums.bolus_nl, sums.uncertain_nl


def _ticks(days: list[int]) -> list[int]:
    """Every day, every Monday, or the first of every month: 14 at most, or so."""
    span = range(days[0], days[-1] + 1)
    if len(span) <= 14:
        return list(span)
    mondays = [day for day in span if (EPOCH + timedelta(days=day)).weekday() == 0]
    if len(mondays) <= 14:
        return mondays
    firsts = [day for day in span if (EPOCH + timedelta(days=day)).day == 1]
    return firsts[::-(-len(firsts) // 14)] or [days[0]]


def _label(day: int, ticks: list[int]) -> str:
    moment = EPOCH + timedelta(days=day)
    if len(ticks) > 1 and ticks[1] - ticks[0] >= 28:
        return f"{moment:%b}\n{moment:%Y}"
    return f"{moment:%a}\n{moment.day} {moment:%b}"
