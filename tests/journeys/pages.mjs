// Every page of some roles, looked at: barriers, width, weight, the console, and a picture of each.

import { DESK, journey, must } from './browser/house.mjs';
import { Looks } from './browser/looks.mjs';

/// For an address that nobody has: nothing is mailed, and the page is the same.
async function ask(page) {
  await page.getByLabel('Your e-mail address').fill('nobody@nowhere.example');
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
}

/// What is done on a page before it is looked at.
const STATES = {
  'account': async (page) => {
    await page.locator('.person-menu > summary').click();
    await page.locator('.person-menu .menu-panel').waitFor();
  },
  /// Shown where the bar at the bottom is, which a desk has not.
  'more': (page) => page.evaluate(() => { document.querySelector('.more-menu').open = true; }),
  'keys': async (page) => {
    await page.keyboard.press('?');
    await page.locator('dialog#keys[open]').waitFor();
  },
  /// The form as it comes, with what it misses told.
  'sent': async (page, house) => {
    const typed = 'input:not([type=hidden], [type=search], [type=checkbox]), textarea';
    const form = page.locator('main form').filter({ has: page.locator(typed) }).last();
    house.expectRefusal(await form.evaluate((form) => form.action));
    // The one that sends, not one that says otherwise.
    const sends = form.locator('button[type=submit]:not([name])');
    await ((await sends.count()) ? sends : form.locator('button[type=submit]')).last().click();
    await page.locator('[aria-invalid="true"], .field-error').first().waitFor();
  },
  'second-wrong': async (page, house) => {
    house.expectRefusal(`${house.url}/sign-in/second`);
    await page.getByLabel('Code').fill('nothing like a code');
    await page.getByRole('button', { name: 'Go on' }).click();
    await page.locator('.field-error:not([hidden])').waitFor();
  },
  'address-asked': ask,
  'code-wrong': async (page, house) => {
    await ask(page);
    house.expectRefusal(`${house.url}/sign-in/code`);
    await page.getByLabel('Code from the mail').fill('123');
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.field-error').waitFor();
  },
};

async function visit(house, looks, page, { name, path, status, state, scripts }) {
  const url = house.url + path;
  if (status >= 400) house.expectRefusal(url);
  const response = await page.goto(url);
  must(response.status() === status, `${name}: ${path} answered ${response.status()}, not ${status}`);
  if (state) await STATES[state](page, house);
  const titles = await page.locator('h1').count();
  if (titles !== 1) house.problem(`${name}: ${titles} first headings`);
  // A form that was sent is another answer than the first; the page of all components is for developers.
  const weighed = !state && scripts && !path.startsWith('/_dev/');
  const weight = weighed ? await looks.weigh(name, response) : {};
  return { ...(await looks.check(name)), ...weight };
}

journey(async (house, { people, visits }) => {
  const opened = new Map();
  const seen = [];
  for (const one of visits) {
    if (!opened.has(one.as)) {
      const person = await house.person(DESK, { cookies: people[one.as], reducedMotion: 'reduce' });
      // The checker is a script itself, so that scripts cannot be switched off: ours comes empty.
      const empty = { contentType: 'text/javascript', body: '' };
      if (!one.scripts) await person.context.route('**/assets/portico.*.js', (route) => route.fulfill(empty));
      opened.set(one.as, { ...person, looks: new Looks(house, person.page) });
    }
    const { page, looks } = opened.get(one.as);
    seen.push(await visit(house, looks, page, one));
  }
  return { seen };
});
