"""Rolling windows over what is to come, after what was (L-01, L-03). Owns the walk; knows no program and no step.

A piece delivers `parts` until `end_ms`. Its rate may rise or fall in a straight line, as a ramp's does: `rise` is what
its last rate would deliver over the whole piece more than its first, so after x of its d ms it has delivered
parts * x / d - rise * x * (d - x) / (2 * d * d). What a window holds follows from the pieces under its two ends, and so
it is such a parabola too for as long as both last: its top is known, and nothing in between has to be looked at.
"""


def done_parts(parts, rise, ms, span_ms):
    """Parts of a piece of span_ms in its first `ms`, rounded down."""
    if rise:
        return (2 * span_ms * parts * ms - rise * ms * (span_ms - ms)) // (2 * span_ms * span_ms)
    return parts * ms // span_ms


def walk(source, start_ms, end_ms, windows, pieces=1):
    """Takes the windows over all that `source.piece_from(ms)` hands out; a generator that yields after each few pieces.
    """
    now_ms = start_ms
    left = pieces
    while now_ms < end_ms:
        piece = source.piece_from(now_ms)
        until_ms, parts, rise = piece.end_ms, piece.parts, piece.rise
        for window in windows:
            window.take(now_ms, until_ms, parts, rise)
        now_ms = until_ms
        left -= 1
        if not left:
            left = pieces
            yield


class Window:
    """What the window_ms before its head hold, as the head goes on; and when that was first above its limits."""

    def __init__(self, window_ms, limits, start_ms, end_ms, knots=(), now_parts=0):
        """limits: a list in parts. The head goes from start_ms to end_ms.

        knots: what was, as (ms, parts in all) ascending from before start - window, the last at or before start;
        now_parts: parts in all at start.
        """
        self._window_ms = window_ms
        self._limits = limits
        self._end_ms = end_ms
        self._tail_ms = start_ms - window_ms
        self._stretches = []            # (end, parts, rise) between tail and head, oldest first
        self._parts = 0                 # in them
        self.found = [None] * len(limits)           # by limit: the first ms at which there was more
        self._lowest = min(limits)      # of those that were kept so far
        before = None
        for ms, parts in knots:
            if before is not None:
                self._stretches.append((ms, parts - before, 0))
                self._parts += parts - before
            before = parts
        rest = 0 if before is None else now_parts - before
        self._stretches.append((start_ms, rest, 0))
        self._parts += rest

    def take(self, now_ms, end_ms, parts, rise):
        """The head goes over a piece, from now_ms to end_ms."""
        stretches = self._stretches
        stretches.append((end_ms, parts, rise))
        tail_ms, window_ms = self._tail_ms, self._window_ms
        stop_ms = end_ms if end_ms < self._end_ms else self._end_ms
        while now_ms < stop_ms:
            tail_end_ms, lost, lost_rise = stretches[0]
            until_ms = tail_end_ms + window_ms
            if until_ms > stop_ms:
                until_ms = stop_ms
            span_ms = until_ms - now_ms
            gained, gained_rise = parts, rise
            if until_ms < end_ms:
                gained, gained_rise, parts, rise = _cut(parts, rise, span_ms, end_ms - now_ms)
            tail_ms += span_ms
            if tail_ms < tail_end_ms:
                lost, lost_rise, left, left_rise = _cut(lost, lost_rise, span_ms, tail_end_ms - tail_ms + span_ms)
                stretches[0] = (tail_end_ms, left, left_rise)
            else:
                del stretches[0]
            before = self._parts
            after = before + gained - lost
            self._parts = after
            bulge = lost_rise - gained_rise
            if after > self._lowest or (bulge > 0 and max(before, after) + (bulge >> 3) >= self._lowest):
                self._look(now_ms, span_ms, before, after - before, bulge)
            now_ms = until_ms
        self._tail_ms = tail_ms

    def _look(self, now_ms, span_ms, before, change, bulge):
        """Which limits were passed while both ends moved within their pieces: after x ms the window held
        change * x / span more than before, and of the bulge as much as a piece has less that rises by it."""
        for at in range(len(self._limits)):
            if self.found[at] is None:
                first = _first_above(self._limits[at] - before, change, bulge, span_ms)
                if first is not None:
                    self.found[at] = now_ms + first
        kept = [limit for limit, found in zip(self._limits, self.found) if found is None]
        self._lowest = min(kept) if kept else 1 << 120


def first_excess(knots, now_parts, source, start_ms, end_ms, window_ms, limit_parts):
    """First ms in (start, end] at which the window of window_ms that ends there holds more than limit_parts, or None.

    knots and now_parts: see Window; source: see walk.
    """
    window = Window(window_ms, [limit_parts], start_ms, end_ms, knots, now_parts)
    for _ in walk(source, start_ms, end_ms, [window]):
        if window.found[0] is not None:
            break
    return window.found[0]


def _cut(parts, rise, ms, span_ms):
    """(parts, rise, parts left, rise left) of a piece cut after `ms`."""
    if not rise:
        first = parts * ms // span_ms
        return first, 0, parts - first, 0
    first = done_parts(parts, rise, ms, span_ms)
    left_ms = span_ms - ms
    square = span_ms * span_ms
    return first, rise * ms * ms // square, parts - first, rise * left_ms * left_ms // square


def _first_above(room, change, bulge, span_ms):
    """The first of 1 ... span_ms at which change * x / span + bulge * x * (span - x) / (2 * span^2) > room, or None."""
    if not bulge:
        if change <= room:
            return None
        return max(1, min(span_ms, room * span_ms // change + 1)) if change > 0 else span_ms
    high = span_ms
    if bulge > 2 * abs(change):                    # the top is inside: it rises up to there
        high = max(1, span_ms * (2 * change + bulge) // (2 * bulge))
        if high < span_ms and not _is_above(room, change, bulge, high, span_ms):
            high += 1
    if not _is_above(room, change, bulge, high, span_ms):
        return None
    low = 0
    while high - low > 1:
        middle = (low + high) // 2
        if _is_above(room, change, bulge, middle, span_ms):
            high = middle
        else:
            low = middle
    return high


def _is_above(room, change, bulge, ms, span_ms):
    return 2 * span_ms * change * ms + bulge * ms * (span_ms - ms) > 2 * span_ms * span_ms * room
