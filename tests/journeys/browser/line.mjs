// The line between a browser and the portal, which can be cut in the middle of a part: every connection breaks, and for
// a moment none is taken. It counts what was begun of every part.

import { Agent, createServer, request } from 'node:http';

export class Line {
  #server;
  #sockets = new Set();
  #agent = new Agent({ keepAlive: true });
  #closedUntil = 0;
  /// How often each part was begun to be sent, and how often it got through.
  begun = new Map();
  through = new Map();
  cuts = 0;

  /// `halfway(number)` is asked once for each part, as half of it has passed: 'cut', or a function to call, or nothing.
  constructor(halfway) {
    this.halfway = halfway;
    this.asked = new Set();
    this.#server = createServer((incoming, answer) => this.#pass(incoming, answer));
    this.#server.on('connection', (socket) => {
      if (Date.now() < this.#closedUntil) { socket.destroy(); return; }
      this.#sockets.add(socket);
      socket.on('close', () => this.#sockets.delete(socket));
      socket.on('error', () => undefined);
    });
  }

  async open() {
    await new Promise((done) => this.#server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    this.#agent.destroy();
  }

  cut(ms) {
    this.cuts += 1;
    this.#closedUntil = Date.now() + ms;
    for (const socket of this.#sockets) socket.destroy();
  }

  #pass(incoming, answer) {
    const url = new URL(incoming.url);
    const number = incoming.method === 'PUT' && Number(url.searchParams.get('partNumber'));
    if (number) this.begun.set(number, (this.begun.get(number) ?? 0) + 1);
    const onward = request({
      agent: this.#agent, host: url.hostname, port: url.port, method: incoming.method, path: url.pathname + url.search,
      headers: incoming.headers,
    }, (response) => {
      if (number && response.statusCode === 200) this.through.set(number, (this.through.get(number) ?? 0) + 1);
      answer.writeHead(response.statusCode, response.rawHeaders);
      response.pipe(answer);
    });
    onward.on('error', () => answer.destroy());
    answer.on('close', () => { if (!answer.writableFinished) onward.destroy(); });
    const half = Number(incoming.headers['content-length'] ?? 0) / 2;
    let passed = 0;
    incoming.on('data', (chunk) => {
      passed += chunk.length;
      if (number && passed >= half && !this.asked.has(number)) {
        this.asked.add(number);
        const what = this.halfway(number);
        if (what === 'cut') { this.cut(200); return; }
        if (what) { incoming.pause(); what(); return; }
      }
      if (!onward.write(chunk)) { incoming.pause(); onward.once('drain', () => incoming.resume()); }
    });
    incoming.on('end', () => onward.end());
    incoming.on('error', () => onward.destroy());
  }
}
