// A folder with folders inside is dropped whole: every file goes up, under a name that says where it lay.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { DESK, journey, until } from './browser/house.mjs';

journey(async (house, { cookies, path, tree, count, patience }) => {
  const person = await house.person(DESK, { cookies });
  const { page } = person;
  const acts = new Acts(person);
  await page.goto(house.url + path);
  await acts.drop([tree]);
  const steps = acts.count('upload a document');
  const ready = page.locator('.upload[data-stage="ready"]');
  await until(`${count} files that are ready`, async () => (await ready.count()) === count, patience);
  await page.screenshot({ path: join(house.screenshots, 'upload-folder-1280-light.png') });
  const names = await page.locator('.upload [data-upload-name]').allInnerTexts();
  const summary = await page.locator('[data-upload-summary]').innerText();
  return { steps: [steps], names, summary };
});
