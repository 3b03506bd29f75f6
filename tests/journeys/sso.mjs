// Signing in by a firm's own provider, in a browser: typed address, away, the provider's own pages, and back. What the
// providers' pages load and write is theirs, so that this browser is not watched.

import { journey, must } from './browser/house.mjs';

async function away(house, { email, provider }) {
  const context = await house.browser.newContext({ locale: 'en-US' });
  context.setDefaultTimeout(30_000);
  const page = await context.newPage();
  await page.goto(`${house.url}/sign-in`);
  await page.getByLabel('Your e-mail address').fill(email);
  await page.getByRole('button', { name: 'Send me a link' }).click();
  await page.getByRole('link', { name: 'Continue to your organisation' }).click();
  await page.waitForURL((url) => url.origin === provider, { waitUntil: 'domcontentloaded' });
  return { context, page };
}

async function inside(house, { context, page }) {
  await page.waitForURL((url) => url.origin === new URL(house.url).origin && url.pathname === '/');
  const cookies = await context.cookies(house.url);
  must(cookies.some(({ name, value }) => name === '__Host-s' && value), 'there is no session');
  must(!cookies.some(({ name, value }) => name === '__Host-sso' && value), 'what bound the answer is left behind');
  const me = await page.request.get(`${house.url}/api/v1/me`);
  const { person } = await me.json();
  await context.close();
  return person.email;
}

journey(async (house, { openid, saml }) => {
  const first = await away(house, openid);
  await first.page.locator('input[name=login]').fill(openid.email);
  await first.page.locator('input[name=password]').fill('any');
  await first.page.locator('button[type=submit]').click();
  await first.page.getByRole('button', { name: 'Continue' }).click();
  const byOpenid = await inside(house, first);

  const second = await away(house, saml);
  await second.page.locator('#userName').fill(saml.email);
  await second.page.locator('input[name=email]').fill(saml.email);
  await second.page.locator('form.form-profile').evaluate((form) => form.submit());
  const bySaml = await inside(house, second);

  return { openid: byOpenid, saml: bySaml };
});
