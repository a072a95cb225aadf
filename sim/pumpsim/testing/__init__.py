"""For test suites of rigs: a simulated pump as a pytest fixture, from the plugin that pytest finds by itself.

    from pumpsim.faults import occlusion
    from pumpsim.testing import near
"""

from pumpsim.testing.quantity import Rate, Volume, near

__all__ = ["Rate", "Volume", "near"]
