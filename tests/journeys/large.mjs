// A large file on a bad line: cut many times in the middle of a part, the tab closed twice, and one pause. Whatever
// arrived is not sent again.

import { join } from 'node:path';
import { DESK, journey, must, until } from './browser/house.mjs';
import { Line } from './browser/line.mjs';

const LINE = '.upload';

/// Evenly over all parts, at other places than those named.
function spread(count, parts, others) {
  const free = Array.from({ length: parts }, (_, at) => at + 1).filter((number) => !others.includes(number));
  must(free.length >= count, `${parts} parts are too few for ${count} cuts`);
  return new Set(Array.from({ length: count }, (_, at) => free[Math.floor((at * free.length) / count)]));
}

journey(async (house, { cookies, path, file, name, parts, cuts, patience }) => {
  house.cutsExpected = true;
  const closes = [Math.floor(parts / 3), Math.floor((parts * 2) / 3)];
  const cutAt = spread(cuts, parts, closes);
  let close = () => undefined;
  const line = new Line((number) => {
    if (cutAt.has(number)) return 'cut';
    return closes.includes(number) ? () => close() : null;
  });
  // An open line would keep a journey that failed from ever ending.
  try {
    return await send(house, line, closes, (act) => { close = act; }, { cookies, path, file, name, patience });
  } finally {
    line.close();
  }
});

async function send(house, line, closes, atClose, { cookies, path, file, name, patience }) {
  const server = await line.open();
  const { context } = await house.person(DESK, { cookies, proxy: { server, bypass: '<-loopback>' } });
  context.setDefaultTimeout(patience);
  let page = house.pages.at(-1);
  const upload = () => page.locator(LINE, { hasText: name });

  const closed = [];
  for (const part of closes) {
    const halfway = new Promise((done) => atClose(done));
    await page.goto(house.url + path);
    if (closed.length) await upload().and(page.locator('[data-stage="unfinished"]')).waitFor();
    if (closed.length === 1) {
      await page.screenshot({ path: join(house.screenshots, 'upload-unfinished-1280-light.png'), fullPage: true });
    }
    await page.locator('[data-upload-input]').setInputFiles(file);
    const late = new Promise((_, failed) => setTimeout(() => failed(new Error(`part ${part} never came`)), patience).unref());
    await Promise.race([halfway, late]);
    must(await upload().count() === 1, 'one file has one line');
    const words = await upload().locator('[data-upload-words]').innerText();
    closed.push({ part, words });
    await page.close();
    page = await context.newPage();
    house.pages.push(page);
  }

  await page.goto(house.url + path);
  await upload().and(page.locator('[data-stage="unfinished"]')).waitFor();
  await page.locator('[data-upload-input]').setInputFiles(file);
  await upload().and(page.locator('[data-stage="sending"]')).waitFor();
  await page.getByRole('button', { name: `Pause ${name}` }).click();
  const paused = upload().and(page.locator('[data-stage="paused"]'));
  await paused.waitFor();
  const begunAtPause = [...line.begun.values()].reduce((sum, one) => sum + one, 0);
  await page.screenshot({ path: join(house.screenshots, 'upload-paused-1280-light.png'), fullPage: true });
  await new Promise((done) => setTimeout(done, 1500));
  const begunAfter = [...line.begun.values()].reduce((sum, one) => sum + one, 0);
  must(begunAfter === begunAtPause, 'a paused upload went on');
  await page.getByRole('button', { name: `Go on with ${name}` }).click();
  await upload().and(page.locator('[data-stage="ready"]')).waitFor();
  const document = (await upload().getByRole('link').getAttribute('href')).split('/').pop();
  // Nothing is remembered of what is through.
  await page.reload();
  await page.getByRole('heading', { name: 'Documents', level: 1 }).waitFor();
  await until('the page without a line', async () => (await page.locator(LINE).count()) === 0);
  const begun = [...line.begun].sort(([a], [b]) => a - b);
  return { document, begun, through: line.through.size, cuts: line.cuts, closed };
}
