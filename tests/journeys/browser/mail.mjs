// The mail of a person, read where the local portal shows it.

import { until } from './house.mjs';

async function mails(url, address) {
  const answer = await fetch(`${url}/_dev/mail.json?to=${encodeURIComponent(address)}`);
  return (await answer.json()).filter((mail) => mail.to === address);
}

export class Mailbox {
  constructor(url, address) {
    this.url = url;
    this.address = address;
    this.read = 0;
  }

  /// Everything that came before is not what is waited for.
  async forgetOld() {
    this.read = (await mails(this.url, this.address)).length;
  }

  /// The next mail with a sign-in link: its link and its code.
  async signIn() {
    const newest = await until(`a mail to ${this.address}`, async () => {
      const all = await mails(this.url, this.address);
      return all.length > this.read && all.find((mail) => mail.text.includes('/sign-in/link?'));
    });
    await this.forgetOld();
    return { link: newest.text.match(/https?:\S+\/sign-in\/link\?\S+/)[0], code: newest.text.match(/^\d{6}$/m)[0] };
  }

  /// The code of the next mail that has one and no link: to confirm with.
  async code() {
    const newest = await until(`a code for ${this.address}`, async () => {
      const all = await mails(this.url, this.address);
      return all.length > this.read && all.find((mail) => mail.subject.startsWith('Your code for'));
    });
    await this.forgetOld();
    return newest.text.match(/^\d{6}$/m)[0];
  }
}
