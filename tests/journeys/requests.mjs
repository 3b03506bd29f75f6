// A request list from ask to complete: staff ask at a desk, the client answers each line on a phone.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must, until } from './browser/house.mjs';

const ask = (page, title) => page.locator('#asks .ask').filter({ has: page.getByRole('heading', { name: title }) });

async function asked(acts, house, project, title) {
  const { page } = acts;
  await page.goto(`${house.url}${project}`);
  await acts.press(page.getByRole('link', { name: 'Ask for documents' }), 'Ask for documents');
  await page.getByRole('heading', { name: 'Ask for documents', level: 1 }).waitFor();
  await page.screenshot({ path: join(house.screenshots, 'request-new-1280-light.png'), fullPage: true });
  await acts.press(page.getByRole('button', { name: `Send to the client ${title}` }), 'Send to the client');
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  return acts.count('ask for documents');
}

/// From the home page for the first, from the list for the others.
async function given(acts, house, title, files) {
  const { page } = acts;
  const steps = [];
  await page.goto(house.url);
  const row = page.locator('main').getByRole('link', { name: title });
  await page.locator('main').getByText(`0 of ${files.length * 2}`).first().waitFor();
  await acts.press(row, title);
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  await page.evaluate(() => { window.openedOnce = true; });
  const lines = page.locator('#asks .ask');
  must(await lines.count() === files.length * 2, `${await lines.count()} lines`);
  const titles = await page.locator('#asks .ask-title').allInnerTexts();
  for (const [n, { path, name }] of files.entries()) {
    const line = ask(page, titles[n]);
    await acts.choose(line.locator('label.button'), [path]);
    steps.push(acts.count('upload a requested document'));
    await line.getByText('Received', { exact: true }).waitFor({ timeout: 45_000 });
    await line.getByRole('link', { name }).waitFor();
    await page.getByText(`${n + 1} of ${titles.length} answered`).waitFor();
  }
  must(await page.evaluate(() => window.openedOnce === true), 'the page was loaded again while files were on their way');
  await page.screenshot({ path: join(house.screenshots, 'request-360-light.png'), fullPage: true });
  const without = titles.slice(files.length);
  await page.goto(house.url);
  await acts.press(row, title);
  for (const name of without) {
    await acts.press(ask(page, name).getByRole('button', { name: "I don't have this" }), "I don't have this");
    steps.push(acts.count('say that one does not have it'));
    await ask(page, name).getByText('You do not have it').waitFor();
  }
  await page.getByText('Thank you, that was everything').waitFor();
  const last = ask(page, without.at(-1));
  await last.getByText('Say why').click();
  await last.getByLabel('Why, in a few words').fill('The bank closed it.');
  await last.getByRole('button', { name: 'Save' }).click();
  await last.getByText('Change what you said').waitFor();
  await last.locator('.note').getByText('The bank closed it.').waitFor();
  await page.screenshot({ path: join(house.screenshots, 'request-given-360-light.png'), fullPage: true });
  acts.count('on the way');
  return { steps, titles };
}

async function judged(acts, house, title, titles) {
  const { page } = acts;
  // The home is drawn anew behind the scenes.
  await until('the list on the home of staff', async () => {
    await page.goto(house.url);
    return page.getByText('Everything has come').isVisible();
  });
  await acts.press(page.getByRole('link', { name: /^Look through what/ }), 'Look through');
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  await page.screenshot({ path: join(house.screenshots, 'request-staff-1280-light.png'), fullPage: true });
  // Sent back without a reason it says so and sends nothing.
  const first = ask(page, titles[0]);
  await first.getByText('Send back', { exact: true }).click();
  house.expectRefusal(await first.locator('form').filter({ has: page.locator('textarea') }).evaluate((form) => form.action));
  await first.getByRole('button', { name: 'Send back to the client' }).click();
  await page.locator('.field-error').first().waitFor();
  acts.count('on the way');
  for (const name of titles) {
    await acts.press(ask(page, name).getByRole('button', { name: /^(Accept|Do without it)/ }), `accept ${name}`);
    await ask(page, name).getByText(/^(Accepted|Not needed)$/).waitFor();
  }
  await page.getByText('This list is complete').waitFor();
  return acts.count('accept a list of six');
}

journey(async (house, { phone, desk, project, title, files }) => {
  const staff = new Acts(await house.person(DESK, { cookies: desk }));
  const client = new Acts(await house.person(PHONE, { cookies: phone }));
  const sent = await asked(staff, house, project, title);
  const { steps, titles } = await given(client, house, title, files);
  const accepted = await judged(staff, house, title, titles);
  return { steps: [sent, ...steps, accepted] };
});
