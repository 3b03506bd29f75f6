// Programs that open every link in a mail before its reader does, in a browser of their own, and press what they find.

import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must } from './browser/house.mjs';
import { Mailbox } from './browser/mail.mjs';

const SESSION = '__Host-s';

async function holdsSession(context) {
  return (await context.cookies()).some(({ name, value }) => name === SESSION && value);
}

/// Opens the link, waits for whatever scripts do, follows every link of the page and presses every button.
async function scan(house, link) {
  const { context, page } = await house.person(DESK);
  const buttons = page.locator('main button, main input[type=submit]');
  const visit = async () => {
    house.expectRefusal(link);
    await page.goto(link, { waitUntil: 'networkidle' });
  };
  await visit();
  const words = await page.locator('main').innerText();
  for (let n = 0; n < (await buttons.count()); n += 1) {
    await buttons.nth(n).click();
    await page.waitForLoadState('networkidle');
    await visit();
  }
  const hrefs = await page.locator('main a[href]').evaluateAll((links) => links.map((one) => one.href));
  for (const href of hrefs) await page.goto(href, { waitUntil: 'networkidle' });
  must(!(await holdsSession(context)), 'the scanner got a session');
  await page.goto(house.url);
  must(new URL(page.url()).pathname === '/sign-in', `the scanner came in to ${page.url()}`);
  await context.close();
  return words;
}

journey(async (house, { email }) => {
  const owner = new Acts(await house.person(PHONE));
  const mailbox = new Mailbox(house.url, email);
  await mailbox.forgetOld();
  await owner.page.goto(`${house.url}/sign-in`);
  await owner.type(owner.page.getByLabel('Your e-mail address'), email);
  await owner.page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  const { link } = await mailbox.signIn();

  const seen = [await scan(house, link), await scan(house, link)];
  for (const words of seen) must(!words.includes(email), 'a page for strangers names the owner of a link');

  await owner.openLink(link, '/');
  must(await holdsSession(owner.person.context), 'the owner of the link did not get in after the scanners');

  // Used up, it opens nothing for anybody.
  const late = await scan(house, link);
  return { seen, late };
});
