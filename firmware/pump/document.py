"""Strict reading of JSON documents from the host: known keys only, right types, ranges. Knows no document."""

from pump import jsontext
from pump.errors import PumpError

TEXT_MAX = 64                 # characters of a name


def parse(body, code):
    """bytes of JSON (ASCII, see jsontext) -> dict; anything else raises PumpError(code)."""
    try:
        doc = jsontext.loads(body)
    except ValueError:
        raise PumpError(code, "not a JSON document")
    if not isinstance(doc, dict):
        raise PumpError(code, "expected a JSON object")
    return doc


class Reader:
    """Takes the values of one dict out by name; `done()` refuses what nobody asked for."""

    def __init__(self, doc, code, where):
        if not isinstance(doc, dict):
            raise PumpError(code, where + ": expected an object")
        self._doc = doc
        self._code = code
        self._where = where
        self._taken = []

    def refuse(self, key, expected):
        raise PumpError(self._code, "%s: %s must be %s" % (self._where, key, expected))

    def _take(self, key):
        if key not in self._doc:
            self.refuse(key, "given")
        self._taken.append(key)
        return self._doc[key]

    def integer(self, key, low, high):
        """A whole number, low <= value <= high; no float, no bool."""
        value = self._take(key)
        if type(value) is not int or not low <= value <= high:
            self.refuse(key, "an integer from %d to %d" % (low, high))
        return value

    def text(self, key, most=TEXT_MAX):
        value = self._take(key)
        if not isinstance(value, str) or len(value) > most:
            self.refuse(key, "a text of at most %d characters" % most)
        return value

    def integers(self, key, most):
        """A list of at most `most` whole numbers."""
        value = self._take(key)
        if not isinstance(value, list) or len(value) > most:
            self.refuse(key, "a list of at most %d integers" % most)
        for item in value:
            if type(item) is not int:
                self.refuse(key, "a list of integers")
        return value

    def flag(self, key, words):
        """One of a few words."""
        value = self._take(key)
        if value not in words:
            self.refuse(key, "one of: " + ", ".join(words))
        return value

    def words(self, key, known):
        """A list of known words, none twice."""
        value = self._take(key)
        wrong = not isinstance(value, list)
        for word in () if wrong else value:
            wrong = wrong or not isinstance(word, str) or word not in known or value.count(word) > 1
        if wrong:
            self.refuse(key, "a list of: " + ", ".join(sorted(known)))
        return value

    def record(self, key, ranges):
        """None for [], else a tuple of whole numbers within their (low, high) ranges."""
        value = self.integers(key, len(ranges))
        if not value:
            return None
        self.check_record(key, value, ranges)
        return tuple(value)

    def check_record(self, key, value, ranges):
        """Refuses a list that has not one whole number for each (low, high)."""
        if not isinstance(value, list) or len(value) != len(ranges):
            self.refuse(key, "lists of %d integers" % len(ranges))
        for item, (low, high) in zip(value, ranges):
            if type(item) is not int or not low <= item <= high:
                self.refuse(key, "integers within their ranges: %d is not from %d to %d" % (item, low, high)
                            if type(item) is int else "integers")

    def items(self, key, least, most):
        """A list of `least` to `most` things of any kind."""
        value = self._take(key)
        if not isinstance(value, list) or not least <= len(value) <= most:
            self.refuse(key, "a list of %d to %d entries" % (least, most))
        return value

    def section(self, key):
        """A Reader over the object at `key`."""
        return Reader(self._take(key), self._code, self._where + "." + key)

    def done(self):
        for key in sorted(self._doc):               # MicroPython's dicts keep no order
            if key not in self._taken:
                raise PumpError(self._code, "%s: unknown key %s" % (self._where, key))
