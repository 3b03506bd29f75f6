// Keeping order: files are ticked, moved to the bin, and brought back by the button of the message that says so.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must } from './browser/house.mjs';

async function walk(house, view, { cookies, path, files, kept, name, scripts }) {
  const acts = new Acts(await house.person(view, { cookies, scripts }));
  const { page } = acts;
  await page.goto(house.url + path);
  const bar = page.locator('.bulk-bar');
  must(!(await bar.isVisible()), 'the bar is there before anything is chosen');
  for (const file of files) await acts.press(page.locator('.pick', { hasText: `Choose ${file}` }), `tick ${file}`);
  await bar.waitFor({ state: 'visible' });
  await page.screenshot({ path: join(house.screenshots, `order-chosen-${name}-${view.width}-light.png`) });
  await acts.press(bar.getByRole('button', { name: 'Move to the bin' }), 'Move to the bin');
  const toast = page.locator('.toast', { hasText: `${files.length} files moved to the bin` });
  await toast.waitFor();
  const shown = async () => page.locator('#documents .row-title').allInnerTexts();
  must(JSON.stringify(await shown()) === JSON.stringify(kept), `left after binning: ${await shown()}`);
  const step = acts.count('bin two files');
  await acts.press(toast.getByRole('button', { name: 'Undo' }), 'Undo');
  await page.getByText(`${files.length} files brought back from the bin`).waitFor();
  const back = await shown();
  must([...files, ...kept].every((file) => back.includes(file)), `back from the bin: ${back}`);

  // Again, and back from the bin's own page.
  await page.goto(house.url + path);
  await acts.press(page.locator('.pick', { hasText: `Choose ${files[0]}` }), `tick ${files[0]}`);
  await acts.press(bar.getByRole('button', { name: 'Move to the bin' }), 'Move to the bin');
  await page.locator('.toast', { hasText: '1 file moved to the bin' }).waitFor();
  await page.goto(`${house.url}${path}?bin=1`);
  await page.getByRole('heading', { name: 'Bin', level: 1 }).waitFor();
  await acts.press(page.locator('.pick', { hasText: `Choose ${files[0]}` }), `tick ${files[0]}`);
  await page.screenshot({ path: join(house.screenshots, `order-bin-${name}-${view.width}-light.png`) });
  await acts.press(bar.getByRole('button', { name: 'Restore' }), 'Restore');
  await page.getByText('The bin is empty').waitFor();
  return step;
}

journey(async (house, { phone, desk }) => {
  const steps = [await walk(house, PHONE, phone), await walk(house, DESK, desk)];
  return { steps };
});
