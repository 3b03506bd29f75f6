// Without scripts: signing in, reading, uploading and downloading work all the same.

import { join } from 'node:path';
import { Acts } from './browser/acts.mjs';
import { PHONE, journey, must, until } from './browser/house.mjs';
import { Mailbox } from './browser/mail.mjs';

journey(async (house, { email, project, ready, file, folder }) => {
  const acts = new Acts(await house.person(PHONE, { scripts: false }));
  const { page } = acts;
  const mailbox = new Mailbox(house.url, email);
  await mailbox.forgetOld();
  await page.goto(house.url);
  await acts.type(page.getByLabel('Your e-mail address'), email);
  await page.getByRole('heading', { name: 'Check your mail' }).waitFor();
  const { link } = await mailbox.signIn();
  await page.goto(link);
  await acts.press(page.locator('main').getByRole('button', { name: 'Sign in', exact: true }), 'Sign in');
  await page.waitForURL((url) => url.pathname === '/');

  await acts.press(page.locator('main').getByRole('link', { name: project }).first(), project);
  await page.getByRole('heading', { name: project, level: 1 }).waitFor();
  must(await page.getByText('Timeline').isVisible(), 'a project has no timeline without scripts');

  const bar = page.getByRole('navigation', { name: /^Main/ }).filter({ visible: true });
  await acts.press(bar.getByRole('link', { name: 'Documents' }), 'Documents');
  await acts.press(page.locator('#documents').getByRole('link', { name: ready }), ready);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    acts.press(page.getByRole('link', { name: 'Download' }), 'Download'),
  ]);
  const saved = join(folder, 'saved.pdf');
  await download.saveAs(saved);
  const document = new URL(page.url()).pathname.split('/').pop();

  await acts.press(bar.getByRole('link', { name: 'Documents' }), 'Documents');
  must(!(await page.getByText('Choose files').isVisible()), 'a button that needs scripts is shown without them');
  await acts.press(page.getByRole('link', { name: 'Upload a file' }), 'Upload a file');
  await page.getByLabel('Name of the file').fill(file.name);
  await acts.press(page.getByRole('button', { name: 'Go on to choose the file' }), 'Go on');
  await page.getByLabel('The file').setInputFiles(file.path);
  await acts.press(page.getByRole('button', { name: 'Upload' }), 'Upload');
  await page.getByRole('heading', { name: file.name, level: 1 }).waitFor();
  must(!new URL(page.url()).search, `what the bucket added stays in the address: ${page.url()}`);
  await until(`${file.name} to be ready`, async () => {
    if (await page.getByRole('link', { name: 'Download' }).isVisible()) return true;
    await page.reload();
    return false;
  }, 45_000);

  await acts.press(page.locator('.top-search-link'), 'Search');
  await acts.type(page.locator('main input[type=search]'), file.phrase);
  await until(`${file.name} to be found`, async () => {
    if (await page.locator('.found').getByRole('link', { name: file.name }).isVisible()) return true;
    await page.reload();
    return false;
  });

  // The account's menu opens and signs out without scripts as well.
  await acts.press(page.locator('.person-menu > summary'), 'the account');
  await acts.press(page.getByRole('button', { name: 'Sign out' }), 'Sign out');
  await page.waitForURL((url) => url.pathname === '/sign-in');
  return { saved, document };
});
