"""How long the flash lasts at the default checkpoint interval (J-07)."""

import pytest

from tests.pumps import DAY_MS, RIG, program, running_pump

RATED_ERASES = 100_000                                 # of each sector: the W25Q16JV on the Pico, Winbond's data sheet
DAYS = 120


@pytest.mark.long                                     # months take long under coverage
@pytest.mark.requirement("J-07")
@pytest.mark.parametrize("boluses", [0, 12], ids=["rates only", "12 boluses a day"])
def test_the_flash_outlasts_twenty_years(boluses):
    assert RIG["quantum_min"] == 10                    # the default: 144 checkpoints a day
    # 2 uL over 2 min every two hours: two records at either end
    every = [2_000, 120, 7_200] if boluses else []
    pump = running_pump(document=program(periodic=every))
    first = pump.app.journal.next_seq
    before = list(pump.flash.erases)
    pump.run_for(DAYS * DAY_MS)
    erased = [after - start for start, after in zip(before, pump.flash.erases)]

    per_day = (pump.app.journal.next_seq - first) // DAYS
    assert per_day >= 144 + 3 * boluses
    # about one erase in four records; the sector that is erased most decides, and littlefs moves on after a hundred
    worst_per_day = max(erased) / DAYS
    assert sum(erased) / DAYS > 10                     # it was really counted
    assert RATED_ERASES / worst_per_day / 365 >= 20
