// What every page has to be, whoever sees it: free of barriers in both colour schemes and at both widths, no wider than
// a small phone, and light.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DESK, PHONE, installed } from './house.mjs';

const AXE = readFileSync(installed.resolve('axe-core/axe.min.js'), 'utf8');
// A rule of WCAG 2.2 that the checker has switched off by default.
const RULES = { 'target-size': { enabled: true } };
// What lies under an open menu cannot be pressed, however little of it is to be seen.
const UNDER_A_MENU = { 'target-size': { enabled: false } };
// What a change of colours or of width can break; all else is the same markup.
const OF_COLOURS = ['color-contrast', 'link-in-text-block'];

const NARROW = { width: 320, height: 640 };
const PAGE_BYTES_MAX = 50_000;
const SCRIPT_BYTES_MAX = 30_000;

/// Each view with each scheme once; all rules at two of the four corners, which have both widths and both schemes.
const CORNERS = [
  { view: DESK, scheme: 'light', whole: true },
  { view: DESK, scheme: 'dark', whole: false },
  { view: PHONE, scheme: 'dark', whole: true },
  { view: PHONE, scheme: 'light', whole: false },
];

export class Looks {
  constructor(house, page) {
    this.house = house;
    this.page = page;
    this.weights = new Map();
    this.weighing = [];
    page.on('requestfinished', (request) => {
      const kind = request.resourceType();
      if (kind === 'stylesheet' || kind === 'script') this.weighing.push(this.#weigh(request));
    });
  }

  // What comes from the browser's cache weighs nothing: the first time counts.
  async #weigh(request) {
    const { responseBodySize } = await request.sizes();
    const known = this.weights.get(request.url()) || 0;
    this.weights.set(request.url(), Math.max(known, responseBodySize));
  }

  /// All of it, for the page as it stands.
  async check(name) {
    const found = { name, rules: 0 };
    for (const { view, scheme, whole } of CORNERS) {
      await this.page.emulateMedia({ colorScheme: scheme });
      await this.#picture(`${name}-${view.width}-${scheme}.png`, view);
      await this.page.setViewportSize(view);
      found.rules += await this.#barriers(`${name} at ${view.width} ${scheme}`, whole);
    }
    await this.#sideways(name);
    await this.page.setViewportSize(DESK);
    await this.page.emulateMedia({ colorScheme: 'light' });
    return found;
  }

  // Of all of the page in one window, so that bars which keep to its edges lie at the edges.
  async #picture(file, view) {
    await this.page.setViewportSize(view);
    const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
    if (height > view.height) await this.page.setViewportSize({ width: view.width, height });
    await this.page.screenshot({ path: join(this.house.screenshots, file), animations: 'disabled' });
  }

  /// The bytes of a page, as they were sent.
  async weigh(name, response) {
    await Promise.all(this.weighing);
    const loaded = await this.page.evaluate(() => ({
      styles: [...document.querySelectorAll('link[rel=stylesheet]')].map((link) => link.href),
      scripts: [...document.querySelectorAll('script[src]')].map((script) => script.src),
    }));
    const sum = (urls) => urls.reduce((bytes, url) => bytes + (this.weights.get(url) || 0), 0);
    const { responseBodySize } = await response.request().sizes();
    const [pageBytes, scriptBytes] = [responseBodySize + sum(loaded.styles), sum(loaded.scripts)];
    for (const url of [...loaded.styles, ...loaded.scripts]) {
      if (!this.weights.get(url)) this.house.problem(`${name}: ${url} was not weighed`);
    }
    if (pageBytes > PAGE_BYTES_MAX) this.house.problem(`${name}: ${pageBytes} bytes of page and styles`);
    if (scriptBytes > SCRIPT_BYTES_MAX) this.house.problem(`${name}: ${scriptBytes} bytes of scripts`);
    return { pageBytes, scriptBytes };
  }

  async #barriers(where, whole) {
    if (!(await this.page.evaluate(() => Boolean(window.axe)))) await this.page.evaluate(AXE);
    const rules = (await this.page.locator('details[data-menu][open]').count()) ? UNDER_A_MENU : RULES;
    const options = whole ? { rules } : { runOnly: { type: 'rule', values: OF_COLOURS } };
    const { violations, passes } = await this.page.evaluate(
      (options) => window.axe.run(document, { ...options, resultTypes: ['violations'] }).then((run) => ({
        violations: run.violations.map(({ id, help, nodes }) => ({
          id, help, nodes: nodes.slice(0, 3).map(({ target, failureSummary }) => `${target}: ${failureSummary}`),
        })),
        passes: run.passes.length,
      })),
      options,
    );
    for (const { id, help, nodes } of violations) this.house.problem(`${where}: ${id}, ${help}: ${nodes.join(' | ')}`);
    return passes;
  }

  async #sideways(name) {
    await this.page.setViewportSize(NARROW);
    const { over, wide } = await this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      const scrolls = (element) => element && (/(auto|scroll|hidden|clip)/.test(getComputedStyle(element).overflowX) || scrolls(element.parentElement));
      const out = [...document.body.querySelectorAll('*')].filter((element) => {
        const box = element.getBoundingClientRect();
        return box.width && box.right > width + 1 && !scrolls(element.parentElement);
      });
      const named = out.slice(0, 3).map((element) => `${element.tagName.toLowerCase()}.${element.className}`);
      return { over: document.scrollingElement.scrollWidth - width, wide: named };
    });
    if (over > 0) this.house.problem(`${name}: ${over} px too wide at ${NARROW.width} px: ${wide.join(', ')}`);
  }
}
