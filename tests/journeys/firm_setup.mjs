// A firm from nothing by keyboard, on a phone. An act is a press of a link or button, or a sentence typed.

import { PHONE, journey, must, until } from './browser/house.mjs';
import { Looks } from './browser/looks.mjs';
import { Keys } from './browser/stops.mjs';

class Hands {
  constructor(house, page) {
    this.keys = new Keys(house, page);
    this.page = page;
    this.done = [];
  }

  count(what) {
    const acts = this.done;
    this.done = [];
    return { what, acts };
  }

  /// Walks to a link or button and presses it.
  async press(what, wanted, key = 'Enter') {
    await this.keys.walkTo(what, wanted);
    this.done.push(`press ${what}`);
    await this.page.keyboard.press(key);
  }

  async type(what, id, text) {
    await this.keys.walkTo(what, (stop) => stop.id === id);
    this.done.push(`type ${what}`);
    await this.page.keyboard.press('Control+A');
    await this.page.keyboard.type(text);
  }

  async arriveAt(heading) {
    await this.page.getByRole('heading', { name: heading, level: 1 }).waitFor();
  }
}

const link = (label) => ({ tag, name }) => tag === 'a' && name === label;
const button = (label) => ({ tag, name }) => tag === 'button' && name.startsWith(label);

journey(async (house, { cookies, client, name, email, firm, colour, others }) => {
  const { context, page } = await house.person(PHONE, { cookies, reducedMotion: 'reduce' });
  const hands = new Hands(house, page);
  const looks = new Looks(house, page);
  const steps = [];
  const seen = [];
  const look = async (what) => {
    seen.push(await looks.check(`firm-setup-${what}`));
    await page.setViewportSize(PHONE);
    await page.reload();
  };

  await page.goto(house.url);
  await hands.press('Clients', link('Clients'));
  await hands.arriveAt('Clients');
  hands.done = [];
  await look('no-clients');
  await hands.type('its name', 'name', client);
  hands.done.push('press Add client');
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.searchParams.has('added'));
  steps.push(hands.count('add a client'));
  await until('the client in the list', async () => {
    await page.reload();
    return page.getByRole('link', { name: client, exact: true }).first().isVisible();
  });
  await look('clients');

  await hands.press('People', link('People'));
  await hands.arriveAt('People');
  await look('people');
  await hands.type('the name', 'name', name);
  await hands.type('the address', 'email', email);
  await hands.press('Staff', ({ type }) => type === 'radio', 'Space');
  await hands.press('Invite', button('Invite'));
  await page.waitForURL((url) => url.searchParams.has('invited'));
  steps.push(hands.count('invite'));
  await until('the person in the list', async () => {
    await page.reload();
    return page.getByRole('link', { name, exact: true }).first().isVisible();
  });
  await look('invited');

  await hands.press('Assignments', link('Assignments'));
  await hands.arriveAt('Assignments');
  await look('assignments');
  await hands.press(name, ({ tag, name: label }) => tag === 'a' && label.startsWith(name));
  await hands.arriveAt(`Clients of ${name}`);
  await hands.press(`the tick at ${client}`, ({ type }) => type === 'checkbox', 'Space');
  await page.getByText('Assigned. It holds').waitFor();
  must(await page.getByRole('checkbox', { name: client }).isChecked(), 'the tick did not stay');
  steps.push(hands.count('assign'));
  await look('assigned');

  await hands.press('Settings', link('Settings'));
  await hands.arriveAt('Settings');
  await look('settings');
  await hands.type("the firm's name", 'name', firm);
  await hands.keys.walkTo('the colour', (stop) => stop.id === 'accent');
  // The window in which a colour is picked is the browser's own.
  hands.done.push('choose a colour');
  await page.locator('#accent').fill(colour);
  await page.locator('#accent-verdict').getByText('Readable').waitFor();
  await saved(page, () => hands.press('Save', button('Save name and colour')));
  steps.push(hands.count('brand'));
  await look('branded');
  for (const other of others) {
    await page.locator('#accent').fill(other);
    await saved(page, () => page.getByRole('button', { name: 'Save name and colour' }).press('Enter'));
    await look(`accent-${other.slice(1)}`);
  }
  await context.close();
  return { steps, seen };
});

// The page takes the word of what was done out of its own address as soon as it has said it, so that is not waited for.
async function saved(page, save) {
  await page.evaluate(() => { window.isBefore = true; });
  await Promise.all([page.waitForResponse((answer) => answer.url().endsWith('done=branding')), save()]);
  const isThere = () => page.evaluate(() => !window.isBefore && document.readyState === 'complete').catch(() => false);
  await until('the page after it was saved', isThere);
}
