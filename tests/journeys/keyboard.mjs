// The main job by keyboard alone: no press of a mouse, every stop seen, no way in without a way out.

import { join } from 'node:path';
import { signInBy } from './browser/acts.mjs';
import { DESK, PHONE, journey, must, until } from './browser/house.mjs';
import { Mailbox } from './browser/mail.mjs';
import { Keys } from './browser/stops.mjs';

async function arriveAt(page, heading) {
  await page.getByRole('heading', { name: heading, level: 1 }).waitFor();
}

async function signIn(house, keys, email) {
  const { page } = keys;
  const mailbox = new Mailbox(house.url, email);
  await mailbox.forgetOld();
  await page.goto(`${house.url}/sign-in`);
  await keys.walkTo('the address', ({ id }) => id === 'email');
  await page.keyboard.type(email);
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Check your mail');
  await keys.walkAll();
  const { link } = await mailbox.signIn();
  await signInBy(page, link, '/');
}

/// The first stop of a page leads past its bars.
async function skipLink(keys) {
  const { page } = keys;
  await page.keyboard.press('Tab');
  const first = await keys.focus();
  must(first && first.name === 'Skip to content', `the first stop is ${JSON.stringify(first)}`);
  await page.keyboard.press('Enter');
  await page.keyboard.press('Tab');
  const within = await page.evaluate(() => document.querySelector('main').contains(document.activeElement));
  must(within, 'the skip link does not lead into the content');
}

/// Menus and dialogs open, keep the focus as they should, and close by Escape to where they were opened.
async function menusAndDialogs(keys) {
  const { page } = keys;
  await keys.walkTo('the account', ({ tag, name }) => tag === 'summary' && name.includes('Your account'));
  await page.keyboard.press('Enter');
  await keys.walkTo('Sign out', ({ tag, name }) => tag === 'button' && name === 'Sign out');
  await page.keyboard.press('Escape');
  const back = await keys.focus();
  must(back && back.tag === 'summary', `after the menu the focus is at ${JSON.stringify(back)}`);
  must(!(await page.locator('.person-menu[open]').count()), 'Escape does not close the menu');

  await page.keyboard.press('?');
  await page.locator('dialog#keys[open]').waitFor();
  const inDialog = new Set();
  for (let n = 0; n < 6; n += 1) {
    await page.keyboard.press('Tab');
    const stop = await keys.focus();
    if (stop) inDialog.add(stop.name);
    const outside = await page.evaluate(() => {
      const { activeElement } = document;
      return activeElement !== document.body && !activeElement.closest('dialog');
    });
    must(!outside, 'the focus leaves a dialog that is open');
  }
  must(inDialog.has('Close'), `the dialog's stops are ${[...inDialog]}`);
  await page.keyboard.press('Escape');
  await page.locator('dialog#keys[open]').waitFor({ state: 'hidden' });
}

async function upload(keys, files) {
  const { page } = keys;
  // Waited for from here, because the browser takes a moment to hand its window over.
  const opened = page.waitForEvent('filechooser');
  await keys.walkTo('the choice of files', ({ id }) => id === 'upload-files');
  await page.keyboard.press('Enter');
  await (await opened).setFiles(files.map(({ path }) => path));
  for (const { name } of files) {
    const line = page.locator('.upload', { hasText: name });
    await line.and(page.locator('[data-stage="ready"]')).waitFor({ timeout: 45_000 });
  }
  await keys.walkTo('the way to take a line away', ({ name }) => name.startsWith('Hide'));
  const lines = await page.locator('.upload').count();
  await page.keyboard.press('Space');
  must((await page.locator('.upload').count()) === lines - 1, 'a line is not taken away by the space bar');
  must(await keys.focus(), 'the focus is lost with the line');
}

async function find(keys, { phrase, name }) {
  const { page } = keys;
  await page.keyboard.press('/');
  const box = await keys.focus();
  must(box && box.type === 'search', `"/" leads to ${JSON.stringify(box)}`);
  await page.keyboard.type(phrase);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.get('q') === phrase);
  const hit = page.locator('.found').getByRole('link', { name });
  await until(`${name} among the hits`, async () => {
    if (await hit.isVisible()) return true;
    await page.reload();
    return hit.isVisible();
  });
}

journey(async (house, { email, project, files, folder }) => {
  const { context, page } = await house.person(DESK, { reducedMotion: 'reduce' });
  const keys = new Keys(house, page);
  await signIn(house, keys, email);
  await skipLink(keys);
  await keys.walkAll();
  await menusAndDialogs(keys);

  await keys.walkTo(project, ({ tag, name }) => tag === 'a' && name === project);
  await page.keyboard.press('Enter');
  await arriveAt(page, project);
  await keys.walkAll();
  await keys.walkTo('Documents', ({ tag, name }) => tag === 'a' && name === 'Documents');
  await page.keyboard.press('Enter');
  await arriveAt(page, 'Documents');
  await keys.walkAll();
  await upload(keys, files);

  for (const file of files) await find(keys, file);
  const [first] = files;
  await find(keys, first);
  await keys.walkAll();
  await keys.walkTo(first.name, ({ tag, name }) => tag === 'a' && name.includes(first.name));
  await page.keyboard.press('Enter');
  await arriveAt(page, first.name);
  await keys.walkAll();
  await keys.walkTo('Download', ({ tag, name }) => tag === 'a' && name.startsWith('Download'));
  // And back, by the way one came.
  await page.keyboard.press('Shift+Tab');
  await keys.walkTo('Download', ({ tag, name }) => tag === 'a' && name.startsWith('Download'));
  const [download] = await Promise.all([page.waitForEvent('download'), page.keyboard.press('Enter')]);
  const saved = join(folder, 'saved.pdf');
  await download.saveAs(saved);
  const document = new URL(page.url()).pathname.split('/').pop();

  // Enlarged fourfold, a desk is as wide as a phone and still has its keyboard.
  await page.setViewportSize(PHONE);
  for (const path of ['/', new URL(page.url()).pathname]) {
    await page.goto(house.url + path);
    await keys.walkAll();
  }
  await context.close();
  return { saved, document };
});
