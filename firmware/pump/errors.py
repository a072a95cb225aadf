"""Refusals. A request that cannot be met raises PumpError; callers match `code`, never the words."""


class PumpError(Exception):
    """A refused request. `code` is one of the strings in PROTOCOL.md's table of errors; nothing has changed."""

    def __init__(self, code, message):
        super().__init__(message)
        self.code = code
        self.message = message


CODES = (
    "bad_line", "bad_crc", "bad_request", "unknown_request", "id_reused", "bad_value", "bad_state",
    "clock_not_set", "no_program", "no_rig", "bad_program", "bad_rig", "limit", "digest", "staging",
    "storage", "internal", "denied", "empty", "soft_limit", "busy", "no_session", "bad_key", "locked",
)
