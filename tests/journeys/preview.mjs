// A document's pages are seen on its own page, on a phone and at a desk, by keyboard, and without scripts on a page of
// their own. Where they do not come, a link leads to them.

import { join } from 'node:path';
import { DESK, PHONE, journey, must, until } from './browser/house.mjs';
import { Looks } from './browser/looks.mjs';

/// Every picture has come, each as wide as it says.
async function pictures(page, count) {
  await until(`${count} pictures`, async () => {
    const found = await page.locator('img.preview-picture').evaluateAll((all) => all.map((one) => ({
      alt: one.alt, loaded: one.complete && one.naturalWidth > 0, asSaid: one.naturalWidth === Number(one.getAttribute('width')),
      shown: one.getBoundingClientRect().width,
    })));
    if (found.length < count || found.some((one) => !one.loaded)) return false;
    must(found.length === count, `${found.length} pictures, not ${count}`);
    must(found.every((one) => one.asSaid && one.shown > 200), `pictures of another size: ${JSON.stringify(found)}`);
    return true;
  });
}

async function look(house, page, name) {
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    const { width } = page.viewportSize();
    await page.screenshot({ path: join(house.screenshots, `preview-${name}-${width}-${scheme}.png`), fullPage: true });
  }
  await page.emulateMedia({ colorScheme: 'light' });
}

journey(async (house, { client, firm, lease, letter }) => {
  const seen = [];
  const phone = (await house.person(PHONE, { cookies: client })).page;
  await phone.goto(house.url + lease);
  await pictures(phone, 4);
  must(await phone.getByRole('img', { name: 'Page 1 of Lease.pdf' }).isVisible(), 'the first page has no name');
  await look(house, phone, 'lease');
  // By keyboard: more pages come, and whoever asked for them stays behind what they read.
  const more = phone.getByRole('link', { name: 'Show pages 5 to 6 of 6' });
  await more.focus();
  await phone.keyboard.press('Enter');
  await pictures(phone, 6);
  must(await phone.getByText('This was the last page.').isVisible(), 'the end is not said');
  const focused = await phone.evaluate(() => document.activeElement.id);
  must(focused === 'preview-more', `the focus is at ${focused || 'nothing'}`);
  must(new URL(phone.url()).pathname === lease, 'the page was left');
  await phone.goto(house.url + letter);
  await pictures(phone, 1);
  must(await phone.getByText('Words only.').isVisible(), 'nobody says that it is words only');
  await look(house, phone, 'letter');

  const desk = (await house.person(DESK, { cookies: firm, reducedMotion: 'reduce' })).page;
  await desk.goto(house.url + lease);
  await pictures(desk, 4);
  await look(house, desk, 'lease');
  seen.push(await new Looks(house, desk).check('preview-on-its-page'));
  await desk.goto(`${house.url}${lease}/preview`);
  await pictures(desk, 4);
  seen.push(await new Looks(house, desk).check('preview-alone'));

  // What does not come leaves the way to it.
  const cut = (await house.person(DESK, { cookies: firm })).page;
  house.cutsExpected = true;
  await cut.route('**/preview', (route) => route.abort());
  await cut.goto(house.url + lease);
  const ask = cut.getByRole('link', { name: 'Show the first pages' });
  await ask.waitFor();
  await look(house, cut, 'cut');
  await cut.unroute('**/preview');
  await ask.click();
  await pictures(cut, 4);

  const plain = (await house.person(PHONE, { cookies: client, scripts: false })).page;
  await plain.goto(house.url + lease);
  await plain.getByRole('link', { name: 'Show the first pages' }).tap();
  await plain.getByRole('heading', { name: 'Preview', level: 1 }).waitFor();
  must(await plain.getByRole('img', { name: 'Page 4 of Lease.pdf' }).count() === 1, 'no fourth page without scripts');
  await plain.getByRole('link', { name: 'Show pages 5 to 6 of 6' }).tap();
  await plain.getByRole('img', { name: 'Page 6 of Lease.pdf' }).waitFor();
  await plain.getByRole('link', { name: 'Lease.pdf' }).first().tap();
  await plain.getByRole('heading', { name: 'Lease.pdf', level: 1 }).waitFor();
  return { seen };
});
