"""What is in the line, as plugs one behind the other. Owns names and volumes; knows no pressure.

There is no mixing: a change of fluid reaches the outlet when the dead volume has gone by, sharp.
"""

from collections import deque

AIR = "air"


class Contents:
    def __init__(self, dead_volume_ul, fluid):
        self.feed = fluid              # what the reservoir holds
        self._plugs = deque([[fluid, dead_volume_ul]])         # the outlet's end first
        self._bubble_ul = 0.0          # that goes in before the next fluid
        self.vessel = {}               # uL by fluid at the outlet

    def bubble(self, ul):
        """The next `ul` that go into the line are air."""
        self._bubble_ul += ul

    @property
    def has_air(self):
        return len(self._plugs) > 1 and self.air_ul > 0

    @property
    def air_ul(self):
        return sum(ul for fluid, ul in self._plugs if fluid == AIR)

    @property
    def plugs(self):
        """(fluid, uL), the outlet's end first."""
        return [tuple(plug) for plug in self._plugs]

    def move(self, ul):
        """`ul` leave at the outlet and as much goes in behind; below 0 the other way."""
        if ul >= 0:
            self._push(ul)
            self._take(ul)
        else:
            self._draw_back(-ul)

    def _push(self, ul):
        air = min(ul, self._bubble_ul)
        self._bubble_ul -= air
        for fluid, part in ((AIR, air), (self.feed, ul - air)):
            if not part:
                continue
            if self._plugs and self._plugs[-1][0] == fluid:
                self._plugs[-1][1] += part
            else:
                self._plugs.append([fluid, part])

    def _take(self, ul):
        while ul > 0 and self._plugs:
            fluid, there = self._plugs[0]
            part = min(ul, there)
            self.vessel[fluid] = self.vessel.get(fluid, 0.0) + part
            ul -= part
            if part == there and len(self._plugs) > 1:
                self._plugs.popleft()
            else:
                self._plugs[0][1] -= part

    def _draw_back(self, ul):
        """What came out last goes back; the reservoir's end of the line goes back into the reservoir."""
        first = self._plugs[0]
        self.vessel[first[0]] = self.vessel.get(first[0], 0.0) - ul
        first[1] += ul
        while ul > 0 and self._plugs:
            last = self._plugs[-1]
            part = min(ul, last[1])
            last[1] -= part
            ul -= part
            if not last[1] and len(self._plugs) > 1:
                self._plugs.pop()
            elif len(self._plugs) == 1:
                break
