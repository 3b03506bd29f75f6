// The main job: a project's status is seen, files go up by drop or choice, are found by words inside, and come back.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must, until } from './browser/house.mjs';

/// Waits in the page, which must stay the same one: what changes, changes without a reload.
async function becomeReady(page, files) {
  for (const { name } of files) {
    const line = page.locator('.upload', { hasText: name });
    await line.and(page.locator('[data-stage="ready"]')).waitFor({ timeout: 45_000 });
    await page.locator('#documents').getByRole('link', { name }).waitFor();
  }
  must(await page.evaluate(() => window.openedOnce === true), 'the page was loaded again while files were on their way');
}

/// By the box in the bar, or on phones by the page that the glass leads to.
async function search(acts, phrase, name) {
  const { page } = acts;
  const hit = page.locator('.found').getByRole('link', { name });
  if (acts.person.view === PHONE) {
    await acts.press(page.locator('.top-search-link'), 'Search');
    await acts.type(page.locator('main input[type=search]'), phrase);
  } else {
    await acts.type(page.locator('.top-search input[type=search]'), phrase);
  }
  await page.waitForURL((url) => url.searchParams.get('q') === phrase);
  // The index follows a few seconds after a file is ready.
  await until(`${name} among the hits for ${phrase}`, async () => {
    if (await hit.isVisible()) return true;
    await page.reload();
    return hit.isVisible();
  });
  const marked = await page.locator('.found li').filter({ hasText: name }).locator('mark').allInnerTexts();
  must(marked.length > 0, `no word is marked in the hit for ${phrase}`);
}

async function walk(house, view, { cookies, project, phase, files, name, folder }) {
  const acts = new Acts(await house.person(view, { cookies }));
  const { page } = acts;
  const steps = [];

  await page.goto(house.url);
  await page.getByText(phase).first().waitFor();
  await page.locator('main').getByRole('link', { name: project }).first().waitFor();
  steps.push(acts.count('see status'));

  await acts.press(page.locator('main').getByRole('link', { name: project }).first(), project);
  await page.getByRole('heading', { name: project, level: 1 }).waitFor();

  await page.goto(house.url);
  acts.count('on the way home');
  const bar = page.getByRole('navigation', { name: /^Main/ }).filter({ visible: true });
  await acts.press(bar.getByRole('link', { name: 'Documents' }), 'Documents');
  await page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
  await page.evaluate(() => { window.openedOnce = true; });
  const paths = files.map((file) => file.path);
  if (view === PHONE) await acts.choose(page.getByText('Choose files'), paths);
  else await acts.drop(paths);
  steps.push(acts.count('upload a document'));
  await becomeReady(page, files);
  await page.screenshot({ path: join(house.screenshots, `uploads-ready-${view.width}-light.png`), fullPage: true });

  for (const { phrase, name } of files) await search(acts, phrase, name);

  await page.goto(house.url);
  acts.count('on the way home');
  await acts.press(page.getByRole('link', { name: files[0].name }).filter({ visible: true }).first(), files[0].name);
  await page.getByRole('heading', { name: files[0].name, level: 1 }).waitFor();
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    acts.press(page.getByRole('link', { name: 'Download' }), 'Download'),
  ]);
  steps.push(acts.count('download a document'));
  must(download.suggestedFilename() === files[0].name, `saved as ${download.suggestedFilename()}`);
  const saved = join(folder, `saved-${name}.pdf`);
  await download.saveAs(saved);
  const document = new URL(page.url()).pathname.split('/').pop();
  return { steps, saved, document };
}

journey(async (house, { phone, desk }) => {
  // One after the other: home shows the newest five files, and both work for one company.
  const onPhone = await walk(house, PHONE, phone);
  const atDesk = await walk(house, DESK, desk);
  return { steps: [...onPhone.steps, ...atDesk.steps], phone: onPhone, desk: atDesk };
});
