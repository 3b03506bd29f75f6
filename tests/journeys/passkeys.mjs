// Adding a passkey and signing in with it, on a phone and at a desk, with the browser's own stand-in for a device.

import { Acts } from './browser/acts.mjs';
import { DESK, PHONE, journey, must } from './browser/house.mjs';
import { Looks } from './browser/looks.mjs';
import { Mailbox } from './browser/mail.mjs';

/// A device that keeps passkeys and knows its person; `unlocked` says whether the person shows itself.
async function withDevice(person) {
  const devtools = await person.context.newCDPSession(person.page);
  await devtools.send('WebAuthn.enable');
  const options = {
    protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: true,
    automaticPresenceSimulation: true,
  };
  const { authenticatorId } = await devtools.send('WebAuthn.addVirtualAuthenticator', { options });
  return {
    unlocked: (isUserVerified) => devtools.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified }),
    kept: async () => (await devtools.send('WebAuthn.getCredentials', { authenticatorId })).credentials,
  };
}

async function signOut(acts) {
  await acts.page.goto(`${acts.page.url().split('/').slice(0, 3).join('/')}/sessions`);
  await acts.press(acts.page.locator('.person-menu > summary'), 'the account');
  await acts.press(acts.page.getByRole('button', { name: 'Sign out', exact: true }).first(), 'Sign out');
  await acts.page.waitForURL((url) => url.pathname === '/sign-in');
  acts.count('sign out');
}

/// By the mailed code, since there is nothing else yet.
async function confirm(acts, house, email) {
  const mailbox = new Mailbox(house.url, email);
  await mailbox.forgetOld();
  await acts.press(acts.page.getByRole('link', { name: 'Confirm' }), 'Confirm');
  await acts.press(acts.page.getByRole('button', { name: 'Mail me a code' }), 'Mail me a code');
  await acts.type(acts.page.getByLabel('Code from the mail'), await mailbox.code());
  await acts.page.waitForURL((url) => url.pathname === '/security');
}

async function walk(house, view, { name, email, cookies }, seen, steps) {
  const person = await house.person(view, { cookies, reducedMotion: 'reduce' });
  const device = await withDevice(person);
  const acts = new Acts(person);
  const { page } = person;
  const looks = new Looks(house, page);
  const look = async (what) => {
    seen.push(await looks.check(`${name}-${what}`));
    await page.setViewportSize(view);
  };

  await page.goto(`${house.url}/security`);
  must(!(await page.getByRole('button', { name: 'Add a passkey' }).isVisible()), 'a change is open before confirming');
  await confirm(acts, house, email);
  await look('security-open');

  // A person whom the device does not recognise adds nothing, and is told what to do.
  await device.unlocked(false);
  await page.getByLabel('Name of the passkey').fill('Kept by a test');
  await acts.press(page.getByRole('button', { name: 'Add a passkey' }), 'Add a passkey');
  await page.getByText('No passkey was used.').waitFor();
  await device.unlocked(true);

  await acts.press(page.getByRole('button', { name: 'Add a passkey' }), 'Add a passkey');
  await page.getByRole('heading', { name: 'Your recovery codes', level: 1 }).waitFor();
  must((await page.locator('main ol code').count()) === 10, 'ten recovery codes');
  must((await device.kept()).every(({ isResidentCredential }) => isResidentCredential), 'a passkey is not on the device');
  await look('codes');
  await acts.press(page.getByRole('link', { name: 'I have kept them' }), 'I have kept them');
  await page.locator('.row-title', { hasText: 'Kept by a test' }).waitFor();
  await look('security-passkey');
  await signOut(acts);

  // Without an address.
  await look('sign-in');
  await acts.press(page.getByRole('button', { name: 'Sign in with a passkey' }), 'Sign in with a passkey');
  await page.waitForURL((url) => url.pathname === '/');
  steps.push(acts.count('sign in'));
  await signOut(acts);

  // Beside the mailed link.
  const mailbox = new Mailbox(house.url, email);
  await mailbox.forgetOld();
  await acts.type(page.getByLabel('Your e-mail address'), email);
  const { code } = await mailbox.signIn();
  await acts.type(page.getByLabel('Code from the mail'), code);
  await page.waitForURL((url) => url.pathname === '/sign-in/second');
  await look('second');
  await acts.press(page.getByRole('button', { name: 'Use a passkey' }), 'Use a passkey');
  await page.waitForURL((url) => url.pathname === '/');

  // What is removed no longer signs in.
  await page.goto(`${house.url}/security`);
  await acts.press(page.getByRole('button', { name: 'Remove Kept by a test' }), 'Remove');
  await page.getByText('The passkey is removed').waitFor();
  await signOut(acts);
  house.expectRefusal(`${house.url}/sign-in/passkey`);
  await acts.press(page.getByRole('button', { name: 'Sign in with a passkey' }), 'Sign in with a passkey');
  await page.getByText('That passkey is not known here.').waitFor();
}

journey(async (house, { phone, desk }) => {
  const [seen, steps] = [[], []];
  await walk(house, PHONE, phone, seen, steps);
  await walk(house, DESK, desk, seen, steps);
  return { seen, steps };
});
