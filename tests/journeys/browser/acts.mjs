// What a person does on a page, counted in the unit of the step budgets: a press, a sentence typed and sent, files
// dropped or chosen, a mailed link opened are one act each. Looking is none.

import { PHONE } from './house.mjs';

export class Acts {
  constructor(person) {
    this.person = person;
    this.page = person.page;
    this.done = [];
  }

  /// What was done since the last counting.
  count(what) {
    const done = this.done;
    this.done = [];
    return { what, view: this.person.view === PHONE ? 'phone' : 'desk', acts: done };
  }

  async press(target, what) {
    this.done.push(`press ${what}`);
    // Chromium shows touches only to pages of a phone.
    await (this.person.view === PHONE ? target.tap() : target.click());
  }

  async type(target, sentence) {
    this.done.push(`type ${sentence}`);
    await target.fill(sentence);
    await target.press('Enter');
  }

  /// The link where it was asked for: its page goes on by itself to where one is signed in.
  async openLink(link, lands) {
    this.done.push('open the mailed link');
    await signInBy(this.page, link, lands);
  }

  /// By a finger or the mouse: the button opens the system's own window, where files are picked.
  async choose(target, paths) {
    this.done.push('choose files');
    const opened = this.page.waitForEvent('filechooser');
    await (this.person.view === PHONE ? target.tap() : target.click());
    await (await opened).setFiles(paths);
  }

  /// Drags files from outside of the browser over the page and lets them go, as the system does it.
  async drop(paths) {
    this.done.push('drop files');
    const devtools = await this.person.context.newCDPSession(this.page);
    const over = { x: this.person.view.width / 2, y: this.person.view.height / 2 };
    const data = { items: [], files: paths, dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver', 'drop']) {
      await devtools.send('Input.dispatchDragEvent', { type, ...over, data });
      if (type === 'dragOver') await this.page.locator('[data-upload-over]').waitFor({ state: 'visible' });
    }
    await devtools.detach();
  }
}

/// Not waited for until it has loaded: it may have gone on before.
export async function signInBy(page, link, lands) {
  await page.goto(link, { waitUntil: 'commit' });
  await page.waitForURL((url) => url.pathname === lands);
}
