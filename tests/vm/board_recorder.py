"""Stands between App and a board and writes down every call. Knows the contract, not what is behind it."""

from tests.vm.board_trace import ERRORS, PARTS, VALUES, call_text, encode


class Recorder:
    """`lines` grows while App uses `board(real)` and `poll(app)`."""

    def __init__(self):
        self.lines = []

    def board(self, real):
        """`real` behind a recorder; each one made is one boot."""
        self._note("boot", (), None)
        recorded = _Part(self, "board", real)
        for name in PARTS:
            if name != "board":
                setattr(recorded, name, _Part(self, name, getattr(real, name)))
        return recorded

    def app(self, app):
        """`app` with its polls written down."""
        return _App(self, app)

    def _note(self, path, arguments, result):
        self.lines.append(call_text(path, arguments) + encode(result))

    def _value(self, path, real, name):
        value = getattr(real, name)
        self._note(path, (), value)
        return value

    def _method(self, path, method):
        if path == "link.readinto":
            return lambda buffer: self._readinto(method, buffer)

        def call(*arguments):
            try:
                result = method(*arguments)
            except tuple(ERRORS.values()) as error:
                name = next(name for name, kind in ERRORS.items() if isinstance(error, kind))
                self.lines.append(call_text(path, arguments) + name)
                raise
            self._note(path, arguments, result)
            return result
        return call

    def _readinto(self, method, buffer):
        size = method(buffer)
        self._note("link.readinto", (len(buffer),), bytes(buffer[:size]))
        return size


class _Part:
    def __init__(self, recorder, name, real):
        self._recorder, self._name, self._real = recorder, name, real

    def __getattr__(self, attribute):
        if attribute not in PARTS[self._name]:
            raise AttributeError(f"{self._name}.{attribute} is not in the board contract")
        path = f"{self._name}.{attribute}"
        if attribute in VALUES:
            return self._recorder._value(path, self._real, attribute)
        return self._recorder._method(path, getattr(self._real, attribute))


class _App:
    def __init__(self, recorder, app):
        self._recorder, self._app = recorder, app

    def __getattr__(self, name):
        return getattr(self._app, name)

    def poll(self):
        result = self._app.poll()
        self._recorder._note("poll", (), result)
        return result
