"""What whoever waits for a soak sees of it: how far it is, on a progress bar, and each find in a line."""

from pumpsim.soak.work import Watcher


class Bar(Watcher):
    def __init__(self, bar, stories):
        """bar: rich's Progress, which shows nothing where nobody watches; its console has the lines."""
        self._bar = bar
        self._task = bar.add_task("soaking", total=stories)

    def played(self, stories):
        self._bar.update(self._task, completed=stories)

    def found(self, found):
        where = f"; {found.whole}" if found.whole else ""
        self._bar.console.print(f"story {found.number} fails: {found.what}{where}", markup=False, highlight=False,
                                soft_wrap=True)

    def shrinking(self, number, trial, most):
        self._bar.update(self._task, description=f"shrinking story {number}", total=most, completed=trial)
