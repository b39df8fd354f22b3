// A page as its readers see it, read in a world of its own: what the page's scripts change is not changed here.
// Text is seen when it has a size, lies on the page, is not cut off, covered, transparent or of the colour that
// is behind it. `steward.read()` answers with plain values; `steward.shown(frame)` says it of one element.
globalThis.steward = (() => {
  "use strict";
  const CHARACTERS = 2000000, TEXTS = 6000, LINKS = 2000, MILLISECONDS = 8000;
  const SMALLEST = 6, FAINT = 0.15, ALIKE = 1.25, COVERS = 0.85, BLURRED = 3, MOST = 0.6;
  const NARROWEST = 0.2, SHORT = 20, CRUSHED = 0.5;  // of a sign's size; signs; of a line's height
  const UNREAD = new Set(["SCRIPT", "STYLE", "TEMPLATE", "NOSCRIPT", "HEAD", "TEXTAREA", "SELECT", "OPTION",
    "DATALIST", "IFRAME", "FRAME", "OBJECT", "EMBED", "SVG", "MATH", "CANVAS", "AUDIO", "VIDEO"]);
  const MEDIA = new Set(["IMG", "VIDEO", "CANVAS", "IFRAME", "OBJECT", "EMBED", "PICTURE", "SVG"]);
  const FOOTNOTE = /^\s*[\[(]?(?:\d{1,3}|[a-z]|[*\u2020\u2021\xa7]{1,3})[\])]?\s*$/i;
  const OPENERS = "[aria-expanded='false'][aria-controls], [role=tab][aria-controls], [popovertarget], [commandfor]";

  const tag = (element) => element.tagName.toUpperCase();
  const isBlock = (style) => !/^(?:inline|contents|ruby|none)/.test(style.display);

  function colour(text) {  // [red, green, blue, alpha]; null: none that is known here
    const found = /^rgba?\(([^)]+)\)$/.exec(text);
    if (!found) return null;
    const parts = found[1].split(/[\s,\/]+/).filter(Boolean).map(Number);
    return parts.some(Number.isNaN) ? null : [parts[0], parts[1], parts[2], parts[3] ?? 1];
  }

  const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3]));

  function light(rgb) {
    const [r, g, b] = rgb.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }

  function contrast(one, other) {
    const [a, b] = [light(one), light(other)];
    return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  }

  const meet = (one, other) => ({
    left: Math.max(one.left, other.left), top: Math.max(one.top, other.top),
    right: Math.min(one.right, other.right), bottom: Math.min(one.bottom, other.bottom),
  });
  const area = (box) => Math.max(0, box.right - box.left) * Math.max(0, box.bottom - box.top);

  // The parts that something on the page opens.
  function opened() {
    const ids = new Set();
    for (const one of document.querySelectorAll(OPENERS))
      for (const name of ["aria-controls", "popovertarget", "commandfor"])
        for (const id of (one.getAttribute(name) ?? "").split(/\s+/)) ids.add(id);
    for (const one of document.querySelectorAll("[data-target], [data-bs-target], [data-toggle][href]"))
      ids.add((one.dataset.target || one.dataset.bsTarget || one.getAttribute("href") || "").replace(/^#/, ""));
    ids.delete("");
    return (element) => ids.has(element.id) || element.getAttribute("role") === "tabpanel";
  }

  const ALL = { left: -Infinity, top: -Infinity, right: Infinity, bottom: Infinity };
  const START = { hidden: false, closed: false, unsure: false, opacity: 1, struck: false, reversed: false, clip: ALL, outer: ALL };

  // What an element adds to how its content is seen.
  function within(state, element, style, canOpen) {
    const next = { ...state };
    next.closed = state.closed || canOpen(element);
    next.opacity *= Number(style.opacity);
    for (const [, given, unit] of style.filter.matchAll(/opacity\(([\d.]+)(%?)\)/g))
      next.opacity *= Number(given) / (unit ? 100 : 1);
    if (/override/.test(style.unicodeBidi)) next.reversed = style.direction === "rtl";
    else if (isBlock(style)) next.reversed = false;
    next.struck = state.struck || style.textDecorationLine.includes("line-through");
    const blur = /blur\(([\d.]+)px\)/.exec(style.filter);
    const gone = style.display === "none" || style.contentVisibility === "hidden" || next.opacity < FAINT ||
      (blur && Number(blur[1]) >= BLURRED) || (style.webkitTextSecurity || "none") !== "none";
    next.hidden = state.hidden || Boolean(gone);
    next.unsure = state.unsure || (style.maskImage || "none") !== "none" || style.mixBlendMode !== "normal";
    if (next.hidden) return next;
    const away = style.position === "absolute" || style.position === "fixed";
    if (style.position === "fixed") next.clip = ALL;
    else if (away) next.clip = state.outer;
    const box = element.getBoundingClientRect();
    if (away && style.clip.startsWith("rect(")) {
      const [top, right, bottom, left] = style.clip.slice(5, -1).split(/[\s,]+/).map(parseFloat);
      next.clip = meet(next.clip, {
        left: box.left + (left || 0), top: box.top + (top || 0),
        right: Number.isNaN(right) ? box.right : box.left + right,
        bottom: Number.isNaN(bottom) ? box.bottom : box.top + bottom,
      });
    }
    const isRoot = element === document.documentElement || element === document.body;
    if (!isRoot && style.display !== "inline" && style.display !== "contents") {
      const cutX = /hidden|clip/.test(style.overflowX), cutY = /hidden|clip/.test(style.overflowY);
      const cuts = (value, side) => value || (side === "x" ? box.width < 2 : box.height < 2) &&
        /hidden|clip|auto|scroll/.test(side === "x" ? style.overflowX : style.overflowY);
      next.clip = meet(next.clip, {
        left: cuts(cutX, "x") ? box.left : -Infinity, right: cuts(cutX, "x") ? box.right : Infinity,
        top: cuts(cutY, "y") ? box.top : -Infinity, bottom: cuts(cutY, "y") ? box.bottom : Infinity,
      });
    }
    if (style.position !== "static" || style.transform !== "none") next.outer = next.clip;
    return next;
  }

  function rightEdge() {
    const cut = [document.documentElement, document.body].some(
      (one) => one && /hidden|clip/.test(getComputedStyle(one).overflowX));
    return cut ? innerWidth : Math.max(innerWidth, 4000);
  }

  // Whether the lines of a text lie on one another.
  function crushed(rects) {
    const tops = [...new Set(rects.filter((rect) => rect.height).map((rect) => Math.round(rect.top)))].sort((a, b) => a - b);
    if (tops.length < 2) return false;
    const step = (tops.at(-1) - tops[0]) / (tops.length - 1);
    return step < CRUSHED * Math.max(...rects.map((rect) => rect.height));
  }

  // Whether the boxes of a text have a size and lie where readers get to; before anything is scrolled.
  function lies(rects, state, characters, edge, least = 1) {  // least: of pixels, for each sign
    let whole = 0, there = 0, width = 0;
    for (const rect of rects) {
      const size = rect.width * rect.height;
      whole += size;
      width += rect.width;
      if (rect.height < SMALLEST) continue;
      const right = rect.right + scrollX, bottom = rect.bottom + scrollY;
      if (right <= 0 || bottom <= 0 || rect.left + scrollX >= edge) continue;
      if (area(meet(rect, state.clip)) >= MOST * size) there += size;
    }
    return whole > 0 && there >= MOST * whole && width >= characters * least;
  }

  // "covers", "maybe" or "": what an element that lies above does to what is below.
  function veil(element) {
    const style = getComputedStyle(element);
    let opacity = 1;
    for (let one = element; one; one = one.parentElement) opacity *= Number(getComputedStyle(one).opacity);
    if (opacity < FAINT || style.visibility !== "visible") return "";
    if (MEDIA.has(tag(element))) return opacity >= COVERS ? "covers" : "maybe";
    const behind = colour(style.backgroundColor);
    if (behind && behind[3] * opacity >= COVERS) return "covers";
    return style.backgroundImage.includes("url(") ? "maybe" : "";
  }

  // What readers see at a point of an element's text: "seen", "hidden" or "unsure".
  function at(element, x, y, opacity) {
    if (x < 0 || y < 0 || x >= innerWidth || y >= innerHeight) return "hidden";
    const there = element.getRootNode().elementsFromPoint(x, y);
    const own = there.indexOf(element);
    if (own < 0) return "hidden";
    let unsure = false;
    for (const above of there.slice(0, own)) {
      const how = veil(above);
      if (how === "covers") return "hidden";
      unsure ||= how === "maybe";
    }
    const style = getComputedStyle(element);
    const ink = colour(style.webkitTextFillColor || style.color);
    if (!ink) return unsure ? "unsure" : "seen";
    ink[3] *= opacity;
    if (ink[3] < FAINT) {
      for (let one = element; one; one = one.parentElement)
        if ((getComputedStyle(one).webkitBackgroundClip || "").includes("text")) return "unsure";
      return style.textShadow === "none" ? "hidden" : "unsure";
    }
    const layers = [];
    for (const below of there.slice(own)) {
      const look = getComputedStyle(below);
      if (look.backgroundImage !== "none" || MEDIA.has(tag(below))) return unsure ? "unsure" : "seen";
      const behind = colour(look.backgroundColor);
      if (!behind) return unsure ? "unsure" : "seen";
      layers.push(behind);
      if (behind[3] >= 0.999) break;
    }
    const ground = layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    if (contrast(over(ink, ground), ground) < ALIKE) return style.textShadow === "none" ? "hidden" : "unsure";
    return unsure ? "unsure" : "seen";
  }

  // Scroll, as a reader would, until a box is in the middle of all that can be scrolled.
  function reveal(element, box) {
    for (let one = element.parentElement; one && one !== document.body; one = one.parentElement) {
      const style = getComputedStyle(one), its = one.getBoundingClientRect(), rect = box();
      if (/auto|scroll/.test(style.overflowY)) one.scrollTop += rect.top - (its.top + its.bottom) / 2;
      if (/auto|scroll/.test(style.overflowX) && (rect.left < its.left || rect.right > its.right))
        one.scrollLeft += rect.left - its.left;
    }
    const rect = box();
    scrollBy({ top: rect.top - innerHeight / 2, left: rect.right > innerWidth ? rect.right - innerWidth : 0,
      behavior: "instant" });
  }

  function look(element, boxes, opacity) {
    const said = { seen: 0, hidden: 0, unsure: 0 }, lines = boxes().length;
    for (let n = 0; n < lines; n += Math.max(1, Math.ceil(lines / 5))) {
      const box = () => boxes()[n] ?? element.getBoundingClientRect();
      const points = () => {
        const rect = box();
        return [0.1, 0.5, 0.9].map(
          (share) => at(element, rect.left + rect.width * share, rect.top + rect.height / 2, opacity));
      };
      let found = points();
      if (found.includes("hidden")) {
        reveal(element, box);
        found = points();
      }
      for (const one of found) said[one] += 1;
    }
    const points = said.seen + said.hidden + said.unsure;
    if (points && said.seen >= MOST * points) return "seen";
    return points && said.seen + said.unsure >= MOST * points ? "closed" : "hidden";
  }

  // Words that a style puts before or after an element.
  function added(element, which, state) {
    const style = getComputedStyle(element, which), words = /^"((?:[^"\\]|\\.)*)"/.exec(style.content);
    if (state.hidden || !words || !/\p{L}{2}/u.test(words[1])) return "";
    const seen = style.display !== "none" && style.visibility === "visible" &&
      Number(style.opacity) * state.opacity >= FAINT && parseFloat(style.fontSize) >= SMALLEST;
    return seen ? words[1].replace(/\\(.)/g, "$1") : "";
  }

  function children(element) {
    if (element.shadowRoot) return element.shadowRoot.childNodes;
    const given = tag(element) === "SLOT" ? element.assignedNodes() : [];
    return given.length ? given : element.childNodes;
  }

  function reach(root) {  // an element that a pointer passes through is still in front of what is behind it
    const sheet = new CSSStyleSheet();
    sheet.replaceSync("*, *::before, *::after { pointer-events: auto !important; scroll-behavior: auto !important;" +
      " animation-play-state: paused !important; transition: none !important }");
    try { root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet]; } catch { /* another document's */ }
  }

  function read() {
    const until = performance.now() + MILLISECONDS, canOpen = opened(), edge = rightEdge();
    const pieces = [], links = [], anchors = [];  // pieces: [words, "seen" | "hidden" | "closed", text node, state]
    let size = 0, password = false, document_ = false;
    reach(document);
    for (const one of document.querySelectorAll("details")) one.open = true;  // a reader's search opens it, too
    scrollTo(0, 0);

    function text(node, state) {
      const words = node.data, parent = node.parentElement ?? node.parentNode.host;
      size += words.length;
      if (!words.trim()) { pieces.push([words, "seen"]); return; }
      const style = getComputedStyle(parent);
      if (state.struck) return;
      let how = state.hidden || style.visibility !== "visible" || parseFloat(style.fontSize) < 1 ? "hidden" : "seen";
      const range = document.createRange();
      range.selectNodeContents(node);
      const boxes = () => [...range.getClientRects()];
      const least = words.trim().length > SHORT ? NARROWEST * parseFloat(style.fontSize) : 1;
      const signs = words.trim().replace(/\s+/g, " ").length;
      if (how === "seen" && (!lies(boxes(), state, signs, edge, least) || crushed(boxes()))) how = "hidden";
      const shown = state.reversed ? `\u202e${words}\u202c` : words;
      if (how === "hidden") pieces.push([words, state.closed ? "closed" : "hidden"]);
      else pieces.push([shown, "seen", parent, boxes, state]);
    }

    function enter(element, state) {
      const name = tag(element), style = getComputedStyle(element);
      const next = within(state, element, style, canOpen);
      const block = isBlock(style) || name === "BR";
      if (block) pieces.push(["\n", "seen"]);
      if (name === "INPUT" && element.type === "password" && !next.hidden) password = true;
      if ((name === "OBJECT" || name === "EMBED") && !next.hidden && area(element.getBoundingClientRect()) > 2500)
        document_ = true;
      if (name === "A" && element.href) anchors.push([element, pieces.length, 0]);
      if (MEDIA.has(name) || /url\(/.test(style.backgroundImage)) {
        const box = element.getBoundingClientRect();
        if (!next.hidden && box.width >= 5 && box.height >= 5 && box.right > 0 && box.bottom + scrollY > 0)
          for (const anchor of anchors) anchor[2] += 1;
      }
      pieces.push([added(element, "::before", next), "seen"]);
      if (name === "TEXTAREA" || name === "SVG" || name === "IMG")  // readers see it, and not as text of the page
        pieces.push([`\n${name === "IMG" ? element.alt : name === "SVG" ? element.textContent : element.value}\n`, "closed"]);
      const unread = UNREAD.has(name) || (name === "SUP" && FOOTNOTE.test(element.textContent.slice(0, 20)));
      return [unread ? [] : children(element), next, block];
    }

    function leave(element, state, block) {
      pieces.push([added(element, "::after", state), "seen"]);
      if (block) pieces.push(["\n", "seen"]);
      if (anchors.length && anchors.at(-1)[0] === element) {
        const [, start, pictures] = anchors.pop();
        if (links.length < LINKS) links.push([element, start, pieces.length, pictures]);
      }
    }

    const [first, state] = enter(document.documentElement, START);
    const stack = [[document.documentElement, first, 0, state, true]];
    while (stack.length && size <= CHARACTERS) {
      const top = stack.at(-1), [element, nodes, n, its, block] = top;
      if (performance.now() > until) return null;
      if (n >= nodes.length) { leave(element, its, block); stack.pop(); continue; }
      top[2] += 1;
      const node = nodes[n];
      if (node.nodeType === Node.TEXT_NODE) text(node, its);
      else if (node.nodeType === Node.ELEMENT_NODE) {
        const [inner, next, isOne] = enter(node, its);
        stack.push([node, inner, 0, next, isOne]);
      }
    }

    const toLook = pieces.filter((piece) => piece.length > 2);
    if (toLook.length > TEXTS) return null;
    for (const piece of toLook) {
      if (performance.now() > until) return null;
      const [, , parent, boxes, its] = piece;
      piece[1] = look(parent, boxes, its.opacity);
      if (piece[1] === "seen" && its.unsure) piece[1] = "closed";
      if (piece[1] === "hidden" && its.closed) piece[1] = "closed";
    }
    const words = (kind, from = 0, to = pieces.length) => pieces.slice(from, to)
      .map(([said, how]) => (how === kind || !said.trim() ? said : " ")).join("");
    const leads = [];
    for (const [element, from, to, pictures] of links) {
      const said = words("seen", from, to).replace(/\s+/g, " ").trim();
      const title = element.title || element.getAttribute("aria-label") || "";
      const shown = [...element.querySelectorAll("img, svg, object, video, canvas")].map((one) => (tag(one) === "SVG" ?
        one.textContent : one.alt || one.getAttribute("aria-label") || one.title || "")).join(" ");
      const isRead = /[\p{L}\p{N}]/u.test(said) || Boolean(pictures) && /[\p{L}\p{N}]/u.test(`${shown} ${title}`);
      if (isRead || pictures || /[^\s\p{C}]/u.test(said))
        leads.push([element.href, `${said} ${shown} ${title}`.replace(/\s+/g, " ").trim().slice(0, 200), !isRead]);
    }
    return {
      text: words("seen"), hidden: words("hidden"), closed: words("closed"), links: leads,
      password, document: document_, refresh: refresh(),
    };
  }

  // The seconds after which the page leads on by itself; -1: it does not.
  function refresh() {
    for (const one of document.querySelectorAll("meta[http-equiv]")) {
      const found = /^\s*([\d.]+)\s*[;,]?\s*(?:url\s*=)?\s*\S+/i.exec(one.content);
      if (one.httpEquiv.trim().toLowerCase() === "refresh" && /url/i.test(one.content) && found) return Number(found[1]);
    }
    return -1;
  }

  // Whether readers see an element such as a frame.
  function shown(element) {
    let state = START;
    const chain = [], canOpen = () => false;
    for (let one = element; one; one = one.parentElement) chain.unshift(one);
    for (const one of chain) state = within(state, one, getComputedStyle(one), canOpen);
    const box = element.getBoundingClientRect();
    if (state.hidden || getComputedStyle(element).visibility !== "visible" || box.width < 50 || box.height < 20) return false;
    if (!lies([box], state, 1, rightEdge())) return false;
    reach(document);
    return look(element, () => [element.getBoundingClientRect()], 1) !== "hidden";
  }

  return { read, shown, refresh };
})();
