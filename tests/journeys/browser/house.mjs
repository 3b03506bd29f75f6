// One browser for one journey: its people with a context each, what no page may do, and the answer to the test.

import { createRequire } from 'node:module';
import { mkdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';

export const installed = createRequire(join(process.env.PORTICO_NODE_MODULES, 'x.js'));
const { chromium } = installed('playwright-core');

export const PHONE = { width: 360, height: 740 };
export const DESK = { width: 1280, height: 800 };

// Nothing but the portal is to be asked for anything: no services of the browser's maker.
const FLAGS = [
  '--headless=new', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
  '--disable-background-networking', '--disable-component-update', '--disable-sync',
];
const PATIENCE_MS = 20_000;
const PICTURE_TRIES = 4;

/// Runs a journey on what the test wrote to standard input, and prints what came of it.
export async function journey(walk) {
  const input = JSON.parse(readFileSync(0, 'utf8'));
  // Without a directory named, the browser gets a fresh one for its profile, which goes with it.
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: FLAGS });
  const house = new House(browser, input);
  let answer = {};
  try {
    answer = await walk(house, input);
  } catch (error) {
    answer = { stopped: `${error.stack}\nat ${await house.lastSight()}` };
  }
  await browser.close();
  process.stdout.write(JSON.stringify({ ...answer, problems: house.problems }));
}

class House {
  constructor(browser, { url, bucket, screenshots }) {
    this.browser = browser;
    this.url = url;
    this.origins = new Set([new URL(url).origin, new URL(bucket).origin]);
    this.screenshots = screenshots;
    this.problems = [];
    this.refusals = new Set();
    // The journey cuts the line itself; the browser, and htmx, write an error for each request that was lost.
    this.cutsExpected = false;
    this.pages = [];
    mkdirSync(screenshots, { recursive: true });
  }

  problem(text) {
    this.problems.push(text);
  }

  /// A page that is about to be answered with a refusal: the browser writes an error for it by itself.
  expectRefusal(url) {
    this.refusals.add(url);
  }

  /// Somebody at a browser that nobody used before: a page to act on, and to look at by `person.page`.
  async person(view, { cookies = '', scripts = true, ...more } = {}) {
    const phone = view === PHONE;
    const context = await this.browser.newContext({
      viewport: view, isMobile: phone && scripts, hasTouch: phone, javaScriptEnabled: scripts,
      // Who watches over requests hides them from whoever cuts and counts them: allowed where it is looked at.
      serviceWorkers: 'block', acceptDownloads: true, locale: 'en-US', timezoneId: 'America/New_York', colorScheme: 'light', ...more,
    });
    context.setDefaultTimeout(PATIENCE_MS);
    await this.watch(context, scripts);
    if (cookies) await context.addCookies(this.#jar(cookies));
    const page = await context.newPage();
    this.pages.push(page);
    return { context, page, view };
  }

  #jar(header) {
    // Set from outside, a cookie of this kind wants a secure address; sent it is to `localhost` as it is.
    const url = this.url.replace('http:', 'https:');
    return header.split('; ').map((pair) => {
      const at = pair.indexOf('=');
      return { name: pair.slice(0, at), value: pair.slice(at + 1), url, secure: true, httpOnly: true };
    });
  }

  async watch(context, scripts) {
    context.on('page', takesPicturesPatiently);
    context.on('request', (request) => {
      const { protocol, origin } = new URL(request.url());
      if (protocol !== 'data:' && protocol !== 'blob:' && !this.origins.has(origin)) {
        this.problem(`a request to ${origin}`);
      }
    });
    context.on('response', (response) => {
      if (response.status() >= 500) this.problem(`${response.status()} from ${response.url()}`);
    });
    context.on('weberror', (thrown) => this.problem(`an error in a script: ${thrown.error()}`));
    context.on('console', (message) => {
      const { url } = message.location();
      const expected = this.refusals.has(url) && message.text().startsWith('Failed to load resource');
      const cut = this.cutsExpected && /net::ERR_|^htmx:(sendError|afterRequest)/.test(message.text());
      if (message.type() === 'error' && !expected && !cut) this.problem(`in the console: ${message.text()} ${url}`);
    });
    if (!scripts) return;
    await context.exposeBinding('tellOfViolation', ({ page }, what) => this.problem(`${what} on ${page.url()}`));
    await context.addInitScript(() => {
      window.addEventListener('securitypolicyviolation', (event) => {
        window.tellOfViolation(`the policy's ${event.violatedDirective} refused ${event.blockedURI || 'something inline'}`);
      }, true);
    });
  }

  /// Where the newest page was when a journey stopped, with a picture of it.
  async lastSight() {
    const open = this.pages.filter((page) => !page.isClosed());
    const seen = [];
    for (const [at, page] of open.entries()) {
      const path = join(this.screenshots, `stopped-${basename(process.argv[1], '.mjs')}-${at}.png`);
      await page.screenshot({ path, fullPage: true }).catch(() => undefined);
      seen.push(`${page.url()} (${path})`);
    }
    return seen.join(', ');
  }
}

// A browser under load refuses a picture now and then, and takes the same one a moment later
// (github.com/MarketSquare/robotframework-browser/issues/5237).
function takesPicturesPatiently(page) {
  const once = page.screenshot.bind(page);
  page.screenshot = async (options) => {
    for (let tries = 1; ; tries += 1) {
      try {
        return await once(options);
      } catch (error) {
        if (tries === PICTURE_TRIES || !error.message.includes('Unable to capture screenshot')) throw error;
        await page.waitForTimeout(500);
      }
    }
  };
}

/// Asks until there is an answer; gives up when patience ends.
export async function until(what, ask, patienceMs = 30_000) {
  const end = Date.now() + patienceMs;
  for (let pauseMs = 50; Date.now() < end; pauseMs = Math.min(pauseMs * 1.5, 500)) {
    const found = await ask();
    if (found) return found;
    await new Promise((done) => setTimeout(done, pauseMs));
  }
  throw new Error(`waited in vain for ${what}`);
}

/// What must hold, or the journey stops here.
export function must(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}
