// Several files are taken away at once: ticked and downloaded as one zip, or a whole list, on a phone with scripts and at
// a desk without.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must } from './browser/house.mjs';

/// A small zip comes at once. If it takes longer, a page says how far it is and leads to it.
async function taken(page, act, saved) {
  const came = page.waitForEvent('download', { timeout: 60_000 });
  await act();
  const link = page.getByRole('link', { name: /^Download the zip/ });
  const again = page.getByRole('link', { name: 'Look again' });
  let over = false;
  const lead = (async () => {
    while (!over) {
      if (await link.isVisible()) { await link.click(); return; }
      // Where scripts run, the page asks by itself.
      if (await again.isVisible() && !(await page.evaluate(() => Boolean(window.htmx)))) await again.click();
      await new Promise((done) => setTimeout(done, 250));
    }
  })();
  const download = await came;
  over = true;
  await lead.catch(() => undefined);
  await download.saveAs(saved);
  return download.suggestedFilename();
}

async function walk(house, view, { cookies, path, files, left, name, scripts, folder }) {
  const acts = new Acts(await house.person(view, { cookies, scripts }));
  const { page } = acts;
  await page.goto(house.url + path);
  for (const file of files) await acts.press(page.locator('.pick', { hasText: `Choose ${file}` }), `tick ${file}`);
  const bar = page.locator('.bulk-bar');
  await bar.waitFor({ state: 'visible' });
  await page.screenshot({ path: join(house.screenshots, `zip-chosen-${name}-${view.width}-light.png`) });
  const some = join(folder, `some-${name}.zip`);
  const called = await taken(page, () => bar.getByRole('button', { name: 'Download as zip' }).click(), some);
  must(called.endsWith('.zip') && called.includes('Acme'), `the zip is called ${called}`);

  // The whole list, of which one file cannot be in it: that is said before it is taken.
  await page.goto(house.url + path);
  await page.getByRole('button', { name: 'Download the whole list as zip' }).click();
  await page.getByRole('heading', { name: 'Download as zip', level: 1 }).waitFor();
  const link = page.getByRole('link', { name: /^Download the zip/ });
  for (let turn = 0; turn < 60 && !(await link.isVisible()); turn += 1) {
    const again = page.getByRole('link', { name: 'Look again' });
    if (!scripts && await again.isVisible()) await again.click();
    await new Promise((done) => setTimeout(done, 500));
  }
  must(await page.getByText(`${left} file could not be included`).isVisible(), 'what is left out is not said');
  await page.screenshot({ path: join(house.screenshots, `zip-ready-${name}-${view.width}-light.png`) });
  const all = join(folder, `all-${name}.zip`);
  await taken(page, async () => undefined, all);
  return { some, all };
}

journey(async (house, { phone, desk }) => ({
  phone: await walk(house, PHONE, phone), desk: await walk(house, DESK, desk),
}));
