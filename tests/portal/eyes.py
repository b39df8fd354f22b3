"""How a page is for everybody: every width in light and dark, by keyboard, in large letters, on paper.

A page is loaded once. The window then changes around it, and a script of ours looks: the pages themselves
have none.
"""

from collections.abc import Sequence
from pathlib import Path

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import BrowserContext, Page

WIDTHS, SCHEMES = (320, 390, 1280), ("light", "dark")
#: What of axe can turn out otherwise in another window or in other colours. The rest is read once a page.
OF_THE_WINDOW = ("color-contrast", "target-size", "scrollable-region-focusable", "link-in-text-block")
#: WCAG 2.2 AA, and what axe calls good practice.
TAGS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: A sheet of A4 between its margins, in CSS pixels.
PAPER = 700
_HIGH = 900

AXE = Axe().axe_script
_HAS_AXE = "'axe' in window"

_READ = """async ([of, rules]) => {
  const found = await axe.run(document, {runOnly: {type: of, values: rules}, resultTypes: ["violations"]});
  return found.violations.flatMap(one => one.nodes.map(node => one.id + ": " + node.html.slice(0, 150)));
}"""

#: Too wide, cut off, or too small to press.
_LOOK = """() => {
  const wide = document.scrollingElement.clientWidth, found = [];
  const say = (what, one) => found.push(what + ": " + one.outerHTML.slice(0, 150));
  if (document.scrollingElement.scrollWidth > wide) {
    found.push("sideways: " + document.scrollingElement.scrollWidth);
    for (const one of document.querySelectorAll("body *")) {
      const right = one.getBoundingClientRect().right;
      if (right > wide + 1 && !one.closest(".scroll, .unseen, svg")) say("wide", one);
    }
  }
  for (const one of document.querySelectorAll("a[href], button, input, select, textarea, summary")) {
    const box = one.getBoundingClientRect();
    if (!one.checkVisibility() || one.type === "hidden" || one.closest(".unseen, .skip")) continue;
    const target = one.closest("label.check, label.tick")?.getBoundingClientRect() ?? box;
    const inText = one.matches("a:not(.button)") && getComputedStyle(one).display === "inline";
    if (!inText && (target.height < 24 || target.width < 24)) say("small", one);
    if (box.right <= 0 || box.bottom + scrollY <= 0) say("nowhere", one);
  }
  for (const one of document.querySelectorAll("body *")) {
    const cuts = getComputedStyle(one).overflowX !== "visible" && !one.closest(".unseen");
    const more = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    if (cuts && more && !one.matches(".scroll, .long, textarea, input, select, svg, svg *, pre")) {
      say("cut", one);
    }
  }
  return found;
}"""

#: Nothing on a page runs, so that it works without scripts. Asked before axe has left its traces.
_ALIVE = """() => [...document.querySelectorAll("*")].filter(one =>
  one.matches("script, [style], iframe, object") ||
  [...one.attributes].some(it => it.name.startsWith("on") || /^\\s*javascript:/i.test(it.value)))
  .map(one => "alive: " + one.outerHTML.slice(0, 150))"""

#: What there is on the page: each element with its class, in what it stands.
_SHAPE = """() => {
  const said = one => one.tagName + "." + one.className + "." + (one.type ?? "");
  const all = [...document.querySelectorAll("body *")];
  return [...new Set(all.map(one => said(one.parentElement) + " > " + said(one)))];
}"""

#: Who can be come to by Tab, and how often it is pressed: a group of radio buttons is one stop, a day is
#: four, and what scrolls may be one of its own.
_STOPS = """() => {
  const seen = [], named = new Set();
  document.activeElement?.blur();
  for (const one of document.querySelectorAll(
      "a[href], button, input, select, textarea, summary, [tabindex='0']")) {
    if (!one.checkVisibility() || one.type === "hidden" || one.disabled) continue;
    if (one.type === "radio") {
      const group = [...document.querySelectorAll(`input[type=radio][name="${one.name}"]`)];
      const stop = group.find(it => it.checked) ?? group[0];
      if (named.has(one.name) || (stop.form === one.form && one !== stop)) continue;
      named.add(one.name);
    }
    seen.push(one);
  }
  window.stops = seen;
  window.came = new Set();
  window.unseen = [];
  document.addEventListener("focusin", event => {
    const one = event.target, its = getComputedStyle(one);
    window.came.add(one);
    const ring = its.outlineStyle !== "none" && parseFloat(its.outlineWidth) >= 2;
    if (!ring && !one.matches("main")) window.unseen.push("no ring: " + one.outerHTML.slice(0, 150));
    requestAnimationFrame(() => {
      const box = one.getBoundingClientRect();
      if (document.activeElement !== one) return;
      if (box.bottom <= 0 || box.top >= innerHeight || box.right <= 0 || box.left >= innerWidth) {
        window.unseen.push("out of sight: " + one.outerHTML.slice(0, 150));
      }
    });
  });
  const more = seen.filter(one => one.type === "date").length * 3;
  return seen.length + more + 3;
}"""
_CAME = """() => [
  ...window.unseen,
  ...window.stops.filter(one => !window.came.has(one) && !(one.type === "radio" &&
    [...window.came].some(it => it.type === "radio" && it.name === one.name)))
    .map(one => "not by Tab: " + one.outerHTML.slice(0, 150)),
]"""

#: On paper everything that can be read is read: nothing scrolls, nothing is cut off.
_PRINTED = """() => {
  const wide = document.scrollingElement.clientWidth, found = [];
  const say = (what, one) => found.push(what + ": " + one.outerHTML.slice(0, 150));
  for (const one of document.querySelectorAll("main *")) {
    if (!one.checkVisibility() || one.closest(".unseen")) continue;
    const box = one.getBoundingClientRect(), its = getComputedStyle(one);
    if (box.right > wide + 1) say("off the sheet", one);
    const more = one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
    if (its.overflow !== "visible" && more && !one.matches("input, textarea, select, svg, svg *")) {
      say("cut", one);
    }
  }
  const title = document.querySelector("h1").innerText;
  if (!document.body.innerText.includes(title)) found.push("nothing on the sheet: " + title);
  return found;
}"""


async def bring_axe(context: BrowserContext) -> None:
    """Have axe in each page from its beginning: half a megabyte handed to each was a tenth of the time."""
    await context.add_init_script(AXE)


class Eyes:
    """Looks at one page after the other, at each as long as it has something that was not seen before."""

    def __init__(self, page: Page, pictures: Path | None = None, *, in_dark: Sequence[int] = WIDTHS) -> None:
        """`in_dark`: the widths at which a page is looked at in dark, too. In light it is at each."""
        self._page, self._pictures = page, pictures
        self._widths = {"light": WIDTHS, "dark": in_dark}
        self._seen: set[str] = set()
        self.whole = 0

    async def look(self, name: str) -> list[str]:
        """Everything that is wrong with the page that is open, each with where it was seen.

        Axe reads each page whole, in the narrowest window. The other windows, the colours, the keyboard,
        large letters and paper are for pages that have an element within another that no page before had:
        all the rest is made of the same few macros by the same sheet of styles.
        """
        page = self._page
        wrong = [f"no script · {one}" for one in await page.evaluate(_ALIVE)]
        if not await page.evaluate(_HAS_AXE):  # a page that is of no address
            await page.evaluate(AXE)
        shape = set(await page.evaluate(_SHAPE))
        is_new = not shape <= self._seen
        self._seen |= shape
        self.whole += is_new
        first = (WIDTHS[0], SCHEMES[0])
        for scheme in SCHEMES if is_new else SCHEMES[:1]:
            await page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
            for width in self._widths[scheme] if is_new else WIDTHS[:1]:
                await page.set_viewport_size({"width": width, "height": _HIGH})
                rules = ["tag", list(TAGS)] if (width, scheme) == first else ["rule", list(OF_THE_WINDOW)]
                found = [*await page.evaluate(_READ, rules), *await page.evaluate(_LOOK)]
                wrong += [f"{width} {scheme} · {one}" for one in found]
                if self._pictures:
                    path = self._pictures / f"{name}-{width}-{scheme}.png"
                    await page.screenshot(path=path, full_page=True)
        if is_new:
            await page.emulate_media(color_scheme="light")
            wrong += await _by_keyboard(page)
            wrong += await _in_large_letters(page)
            wrong += await self._on_paper(name)
        return wrong

    async def _on_paper(self, name: str) -> list[str]:
        await self._page.emulate_media(media="print")
        await self._page.set_viewport_size({"width": PAPER, "height": _HIGH})
        found = await self._page.evaluate(_PRINTED)
        if self._pictures:
            await self._page.screenshot(path=self._pictures / f"{name}-print.png", full_page=True)
        await self._page.emulate_media(media="screen")
        return [f"printed · {one}" for one in found]


async def _by_keyboard(page: Page) -> list[str]:
    """Tab comes to everything that can be pressed, and it is seen where one is."""
    for _ in range(await page.evaluate(_STOPS)):
        await page.keyboard.press("Tab")
    return [f"keyboard · {one}" for one in await page.evaluate(_CAME)]


async def _in_large_letters(page: Page) -> list[str]:
    """Letters of twice the size, as a browser's own setting makes them."""
    found = []
    await page.evaluate("document.documentElement.style.fontSize = '200%'")
    for width in WIDTHS[1:]:
        await page.set_viewport_size({"width": width, "height": _HIGH})
        found += [f"{width} at 200 % · {one}" for one in await page.evaluate(_LOOK)]
    await page.evaluate("document.documentElement.style.fontSize = ''")
    return found
