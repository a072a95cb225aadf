"""The dashboard's first paint, in a browser that has never seen it."""

from tests.pumpctl.browser import CHROMIUM, chromium, dashboard

PAINTED_MS = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime"


def report(line, runs=5):
    """Until something is painted, and until the pump's state stands there; nothing where no Chromium is found."""
    if CHROMIUM is None:
        print("pumpctl dashboard, first paint: no Chromium here; get it with: apt-get install chromium")
        return
    painted, known = [], []
    with dashboard("--simulate") as address, chromium() as browser:
        for _ in range(runs):
            page = browser.new_context().new_page()
            page.goto(address)
            page.locator(".state", has_text="topped").wait_for()
            known.append(page.evaluate("performance.now()"))
            painted.append(page.evaluate(PAINTED_MS))
            page.context.close()
    line("pumpctl dashboard, first paint", painted, "ms", "<= 2,000")
    line("pumpctl dashboard, the pump's state is there", known, "ms", "")
