// Going through a page by the Tab key: where it stops, whether one sees it, and whether one can leave again.

import { must } from './house.mjs';

// Evaluated in the page: the stop that has the focus, and everything that can be said of it.
function describeFocus() {
  const active = document.activeElement;
  if (!active || active === document.body || active === document.documentElement) return null;
  const ringOf = (element) => {
    if (!element) return null;
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const seen = outlineStyle !== 'none' && parseFloat(outlineWidth) >= 2 && !/, 0\)$|transparent/.test(outlineColor);
    return seen ? element : null;
  };
  // The ring is drawn by the element itself, by what it fills (a row, a figure), or by the label of a hidden input.
  const label = active.labels && active.labels[0];
  const filled = active.closest(':is(.row, .figure, .card):has(:focus-visible)');
  const ring = ringOf(active) || ringOf(filled) || ringOf(label) || ringOf(active.nextElementSibling);
  const shown = (ring || active).getBoundingClientRect();
  const middle = { x: shown.left + shown.width / 2, y: shown.top + Math.min(shown.height / 2, 20) };
  const inside = middle.x >= 0 && middle.y >= 0 && middle.x <= innerWidth && middle.y <= innerHeight;
  const top = inside && document.elementFromPoint(middle.x, middle.y);
  const base = ring || active;
  const covered = inside && top && !base.contains(top) && !top.contains(base) ? top.className || top.tagName : '';
  const name = active.getAttribute('aria-label') || (label && label.textContent) || active.textContent || active.name || '';
  if (!active.dataset.stop) active.dataset.stop = String((window.stopsMade = (window.stopsMade || 0) + 1));
  return {
    stop: active.dataset.stop, tag: active.tagName.toLowerCase(), name: name.trim().replace(/\s+/g, ' '),
    href: active.getAttribute('href') || '', id: active.id, type: active.getAttribute('type') || '',
    ring: Boolean(ring), inside, covered: String(covered),
  };
}

// Evaluated in the page: everything that the Tab key has to reach.
function reachable() {
  const all = document.querySelectorAll('a[href], button, input:not([type=hidden]), select, textarea, summary, [tabindex="0"]');
  const groups = new Set();
  return [...all].filter((element) => {
    if (element.disabled || element.closest('dialog:not([open]), template')) return false;
    const box = element.getBoundingClientRect();
    if (!element.checkVisibility({ visibilityProperty: true }) || !box.width || !box.height) return false;
    // Of radio buttons, one is a stop and arrows go to the others.
    if (element.type !== 'radio') return true;
    if (groups.has(element.name)) return false;
    groups.add(element.name);
    return true;
  }).map((element) => `${element.tagName.toLowerCase()} ${element.id || element.getAttribute('href') || element.textContent.trim()}`);
}

const TABS_MAX = 250;

// Half a second on a screen.
const FRAMES_TO_SCROLL = 30;

/// Problems of a stop; `page` is named by its address.
function faults(stop, where) {
  const name = `${stop.tag} "${stop.name.slice(0, 50)}" on ${where}`;
  const list = [];
  if (!stop.ring) list.push(`no focus is seen at ${name}`);
  if (!stop.inside) list.push(`the focus is out of sight at ${name}`);
  if (stop.covered) list.push(`the focus is covered by ${stop.covered} at ${name}`);
  return list;
}

export class Keys {
  constructor(house, page) {
    this.house = house;
    this.page = page;
  }

  /// Where the focus is, once the browser has scrolled to it: on a busy machine that comes some frames later.
  async focus() {
    let stop = await this.page.evaluate(describeFocus);
    for (let n = 0; n < FRAMES_TO_SCROLL && stop && !stop.inside; n += 1) {
      await this.page.evaluate(() => new Promise(requestAnimationFrame));
      stop = await this.page.evaluate(describeFocus);
    }
    return stop;
  }

  #check(stop) {
    for (const fault of faults(stop, new URL(this.page.url()).pathname)) this.house.problem(fault);
  }

  /// Tabs on until the focus is where `wanted` says.
  async walkTo(what, wanted, key = 'Tab') {
    for (let n = 0; n < TABS_MAX; n += 1) {
      await this.page.keyboard.press(key);
      const stop = await this.focus();
      if (!stop) continue;
      this.#check(stop);
      if (wanted(stop)) return stop;
    }
    throw new Error(`the Tab key does not lead to ${what} on ${this.page.url()}`);
  }

  /// Tabs through the whole page: every control is reached, and the last one lets go.
  async walkAll() {
    // From the top, wherever the page put the focus when it came.
    await this.page.evaluate(() => {
      document.body.tabIndex = -1;
      document.body.focus();
      document.body.removeAttribute('tabindex');
    });
    const wanted = await this.page.evaluate(reachable);
    const met = new Map();
    let last = null;
    for (let n = 0; n < TABS_MAX; n += 1) {
      await this.page.keyboard.press('Tab');
      const stop = await this.focus();
      if (!stop) {
        if (met.size) break;
        continue;
      }
      // A field for a date has several stops inside, whose looks are the browser's own.
      if (stop.stop === last) continue;
      if (met.has(stop.stop)) break;
      last = stop.stop;
      met.set(stop.stop, stop);
      this.#check(stop);
    }
    const where = new URL(this.page.url()).pathname;
    must(met.size < TABS_MAX, `the Tab key finds no end on ${where}`);
    const reached = [...met.values()].map((stop) => `${stop.tag} ${stop.id || stop.href || stop.name}`);
    const short = wanted.length - reached.length;
    if (short > 0) {
      const missing = wanted.filter((one) => !reached.some((other) => other.startsWith(one.slice(0, 40))));
      this.house.problem(`the Tab key misses ${short} of ${wanted.length} controls on ${where}: ${missing.join('; ')}`);
    }
    return met.size;
  }
}
