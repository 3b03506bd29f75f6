// Signing in by the mailed link and by its code, on a phone and at a desk, and signing out again.

import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must } from './browser/house.mjs';
import { Mailbox } from './browser/mail.mjs';

/// Asks for a link where the page asks for an address; the mail that comes.
async function ask(house, acts, email) {
  const mailbox = new Mailbox(house.url, email);
  await mailbox.forgetOld();
  await acts.type(acts.page.getByLabel('Your e-mail address'), email);
  await acts.page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  return mailbox.signIn();
}

/// With the back button, what was seen before does not come back.
async function signOut(acts, heading) {
  await acts.press(acts.page.locator('.person-menu > summary'), 'the account');
  await acts.press(acts.page.getByRole('button', { name: 'Sign out' }), 'Sign out');
  await acts.page.waitForURL((url) => url.pathname === '/sign-in');
  await acts.page.goBack();
  await acts.page.waitForLoadState();
  must(!(await acts.page.getByRole('heading', { name: heading }).isVisible()), 'the back button shows a page after signing out');
  const cookies = await acts.person.context.cookies();
  must(!cookies.some(({ name, value }) => name === '__Host-s' && value), 'a session is left after signing out');
}

journey(async (house, { phone, desk, code }) => {
  const steps = [];

  const onPhone = new Acts(await house.person(PHONE));
  await onPhone.page.goto(house.url);
  await onPhone.page.waitForURL((url) => url.pathname === '/sign-in');
  const asked = await ask(house, onPhone, phone.email);
  await onPhone.openLink(asked.link, '/');
  steps.push(onPhone.count('sign in'));
  await onPhone.page.getByRole('heading', { name: phone.heading }).waitFor();
  await signOut(onPhone, phone.heading);

  // Somebody without a session follows a link to a page, and lands on that page.
  const atDesk = new Acts(await house.person(DESK));
  await atDesk.page.goto(house.url + desk.path);
  await atDesk.page.waitForURL((url) => url.pathname === '/sign-in');
  const again = await ask(house, atDesk, desk.email);
  await atDesk.openLink(again.link, desk.path);
  steps.push(atDesk.count('sign in'));
  await atDesk.page.getByRole('heading', { name: desk.heading, level: 1 }).waitFor();
  await atDesk.page.reload();
  await atDesk.page.getByRole('heading', { name: desk.heading, level: 1 }).waitFor();
  await signOut(atDesk, desk.heading);

  // The mail is read on another device: its code is typed where it was asked for.
  const typing = new Acts(await house.person(PHONE));
  await typing.page.goto(`${house.url}/sign-in`);
  const mail = await ask(house, typing, code.email);
  await typing.type(typing.page.getByLabel('Code from the mail'), mail.code);
  await typing.page.waitForURL((url) => url.pathname === '/');
  steps.push(typing.count('sign in'));

  return { steps };
});
