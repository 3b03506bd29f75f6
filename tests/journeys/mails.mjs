// Mails as a mail program on a small phone shows them, light and dark: nothing is loaded, nothing is wider than the
// screen, and what there is to press can be pressed.

import { join } from 'node:path';
import { installed, journey, must } from './browser/house.mjs';
import { readFileSync } from 'node:fs';

const SMALL = { width: 320, height: 640 };
const PRESS_MIN = 44;
const AXE = readFileSync(installed.resolve('axe-core/axe.min.js'), 'utf8');

journey(async (house, { mails }) => {
  const { page } = await house.person(SMALL);
  let rules = 0;
  for (const { name, html, text } of mails) {
    await page.setContent(html);
    for (const scheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme: scheme });
      await page.screenshot({ path: join(house.screenshots, `mail-${name}-320-${scheme}.png`), fullPage: true });
      await page.evaluate(AXE);
      const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa'] }));
      must(found.violations.length === 0, `${name} ${scheme}: ${JSON.stringify(found.violations.map((one) => one.id))}`);
      rules += found.passes.length;
    }
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    must(wide <= SMALL.width, `${name} is ${wide} wide`);
    const button = await page.getByRole('link').last().boundingBox();
    must(button.height >= PRESS_MIN, `${name}: a button of ${button.height}`);
    // As text: the way every mail program can show it, broken at the edge of the screen.
    await page.setContent('<!doctype html><html lang="en"><title>Text</title><pre style="white-space:pre-wrap;overflow-wrap:anywhere;font:14px/20px monospace"></pre></html>');
    await page.locator('pre').evaluate((pre, words) => { pre.textContent = words; }, text);
    await page.emulateMedia({ colorScheme: 'light' });
    await page.screenshot({ path: join(house.screenshots, `mail-${name}-text-320.png`), fullPage: true });
  }
  return { looked: mails.length, rules };
});
