// A conversation of two people with their pages open: a client asks on a phone, staff answer at a desk, and each sees
// what the other wrote without loading anything again.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must, until } from './browser/house.mjs';

/// The page promises it within this.
const SEEN_MS_MAX = 3000;

const said = (page, words) => page.locator('#thread .said').filter({ hasText: words });

/// A text of several lines is typed and sent by its button.
async function write(acts, label, words) {
  await acts.page.getByLabel(label).fill(words);
  acts.done.push(`type ${words}`);
  await acts.press(acts.page.getByRole('button', { name: 'Send', exact: true }), 'Send');
}

/// How long it takes until the words are on the page of somebody who does nothing.
async function seen(page, words, since) {
  await said(page, words).waitFor({ timeout: 15_000 });
  return Date.now() - since;
}

/// The redirect tells that it was stored; the clock begins before that, so that it counts against the promise.
async function sentAndSeen(acts, other, label, words) {
  const since = Date.now();
  await write(acts, label, words);
  const [took] = await Promise.all([seen(other, words, since), said(acts.page, words).waitFor()]);
  return took;
}

journey(async (house, { phone, desk, project, matter }) => {
  const client = new Acts(await house.person(PHONE, { cookies: phone }));
  const staff = new Acts(await house.person(DESK, { cookies: desk }));
  await client.page.goto(house.url);
  await client.press(client.page.locator('main').getByRole('link', { name: 'Ask a question' }), 'Ask a question');
  await client.page.getByRole('heading', { name: 'Messages', level: 1 }).waitFor();
  await client.page.screenshot({ path: join(house.screenshots, 'messages-first-360-light.png'), fullPage: true });
  await write(client, 'Ask a question or tell us something', 'When is the hearing?');
  await client.page.getByRole('heading', { name: matter, level: 1 }).waitFor();
  await said(client.page, 'When is the hearing?').waitFor();
  const asked = client.count('ask a question');

  // The home of staff is drawn anew behind the scenes.
  await until('the question on the home of staff', async () => {
    await staff.page.goto(house.url);
    return staff.page.getByText('Waiting for your answer').isVisible();
  });
  await staff.press(staff.page.getByRole('link', { name: /^Answer / }).first(), 'Answer');
  await staff.page.getByRole('heading', { name: matter, level: 1 }).waitFor();
  const waits = [];
  await staff.page.getByLabel('I need an answer from the client').check();
  waits.push(await sentAndSeen(staff, client.page, 'Message to the client', 'On the 12th at ten. Will you come?'));
  waits.push(await sentAndSeen(client, staff.page, 'Your message', 'Yes, both of us.'));
  const answered = staff.count('answer a question');

  // What the firm notes for itself stays with it.
  await staff.page.getByText('Add an internal note').click();
  await staff.page.getByLabel('Note', { exact: true }).fill('Remind them of the parking.');
  await staff.page.getByRole('button', { name: 'Keep the note' }).click();
  await said(staff.page, 'Remind them of the parking.').waitFor();
  await staff.page.screenshot({ path: join(house.screenshots, 'thread-staff-1280-light.png'), fullPage: true });
  await staff.page.emulateMedia({ colorScheme: 'dark' });
  await staff.page.screenshot({ path: join(house.screenshots, 'thread-staff-1280-dark.png'), fullPage: true });
  await client.page.reload();
  await said(client.page, 'Yes, both of us.').waitFor();
  must(await said(client.page, 'parking').count() === 0, 'the client sees an internal note');

  // Other words for what one wrote just now.
  await said(client.page, 'Yes, both of us.').getByRole('link', { name: 'Change' }).tap();
  await client.page.getByRole('heading', { name: 'Change your message', level: 1 }).waitFor();
  await client.page.screenshot({ path: join(house.screenshots, 'message-edit-360-light.png'), fullPage: true });
  await client.page.getByLabel('Message', { exact: true }).fill('Yes, all three of us.');
  await client.page.getByRole('button', { name: 'Save' }).tap();
  await said(client.page, 'Yes, all three of us.').waitFor();
  await said(staff.page, 'Yes, all three of us.').waitFor({ timeout: 15_000 });
  await client.page.screenshot({ path: join(house.screenshots, 'thread-360-light.png'), fullPage: true });
  await client.page.emulateMedia({ colorScheme: 'dark' });
  await client.page.screenshot({ path: join(house.screenshots, 'thread-360-dark.png'), fullPage: true });

  // Files go with a message: chosen, written beside, sent; and what was typed and not sent is there again.
  await client.page.emulateMedia({ colorScheme: 'light' });
  const file = (name, words) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(words) });
  await client.page.getByLabel('Attach files').setInputFiles([file('Witnesses.txt', 'Three of them.'), file('Hours.txt', 'At ten.')]);
  await client.page.getByLabel('Your message').fill('Who comes, and when.');
  await client.page.getByRole('button', { name: 'Send', exact: true }).tap();
  const chips = (page) => said(page, 'Who comes, and when.').locator('.attached');
  await chips(staff.page).getByRole('link', { name: /Hours\.txt/ }).waitFor({ timeout: 15_000 });
  await until('both files are ready on a page that stays open', async () => (await chips(staff.page).innerText()).match(/Ready/g)?.length === 2);
  await client.page.screenshot({ path: join(house.screenshots, 'thread-files-360-light.png'), fullPage: true });
  await client.page.getByLabel('Your message').fill('And one more th');
  await client.page.getByText('Draft kept').waitFor();
  await client.page.reload();
  must(await client.page.getByLabel('Your message').inputValue() === 'And one more th', 'what was typed is lost');
  await client.page.emulateMedia({ colorScheme: 'dark' });
  await client.page.screenshot({ path: join(house.screenshots, 'thread-files-360-dark.png'), fullPage: true });

  // Somebody is named by the keyboard alone.
  const box = staff.page.getByLabel('Message to the client');
  await box.click();
  await box.pressSequentially('Thank you, @Max');
  await staff.page.getByRole('option', { name: /Max Acme/ }).waitFor();
  await staff.page.keyboard.press('Enter');
  must(await box.inputValue() === 'Thank you, @Max Acme ', 'the name is not put in');
  await staff.press(staff.page.getByRole('button', { name: 'Send', exact: true }), 'Send');
  await said(staff.page, 'Thank you,').locator('.mention').waitFor();

  must(waits.every((took) => took <= SEEN_MS_MAX), `seen after ${waits.join(' and ')} ms`);
  return { steps: [asked, answered], waits, project };
});
