// A phone that lost its network: the portal says so itself, and goes on when the network is there again.

import { join } from 'node:path';
import { DESK, PHONE, journey, must, until } from './browser/house.mjs';

journey(async (house, { cookies }) => {
  const { context, page } = await house.person(PHONE, { cookies, serviceWorkers: 'allow' });
  await page.goto(`${house.url}/`);
  const manifest = await page.evaluate(async () => {
    const link = document.querySelector('link[rel=manifest]');
    return (await fetch(link.href)).json();
  });
  for (const icon of manifest.icons) {
    const found = await page.evaluate(async (src) => {
      const picture = new Image();
      picture.src = src;
      await picture.decode();
      return `${picture.naturalWidth}x${picture.naturalHeight}`;
    }, icon.src);
    must(found === icon.sizes, `${icon.src} is ${found}`);
  }
  // From the second page on the worker stands between it and the network.
  await page.evaluate(() => navigator.serviceWorker.ready);
  await until('the worker watches', () => page.evaluate(() => Boolean(navigator.serviceWorker.controller)));

  house.cutsExpected = true;
  await context.setOffline(true);
  await page.goto(`${house.url}/sessions`);
  await page.getByRole('heading', { name: 'You are offline' }).waitFor();
  for (const [view, scheme] of [[PHONE, 'light'], [PHONE, 'dark'], [DESK, 'light']]) {
    await page.setViewportSize(view);
    await page.emulateMedia({ colorScheme: scheme });
    await page.screenshot({ path: join(house.screenshots, `offline-${view.width}-${scheme}.png`) });
  }
  const shown = await page.evaluate(() => getComputedStyle(document.querySelector('a.button')).backgroundColor);
  must(shown !== 'rgba(0, 0, 0, 0)', 'without its style');
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const requests = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
    return requests.flat().map((request) => new URL(request.url).pathname);
  });

  await context.setOffline(false);
  await page.getByRole('link', { name: 'Try again' }).click();
  await page.getByRole('heading', { level: 1 }).filter({ hasNotText: 'offline' }).waitFor();
  must(new URL(page.url()).pathname === '/sessions', page.url());
  await context.close();
  return { kept };
});
