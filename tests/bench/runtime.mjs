// Lambda's Runtime API from inside: asks for an event, hands it to the handler, sends what comes back.

import { Agent, request } from 'node:http';

const [host, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(':');
const agent = new Agent({ keepAlive: true, maxSockets: 1 });

export async function serve(handler) {
  for (;;) {
    const { id, event } = await next();
    try {
      await call('POST', `/invocation/${id}/response`, JSON.stringify(await handler(event)));
    } catch (error) {
      const said = { errorType: error.name, errorMessage: `${error.message} ${error.stack}` };
      await call('POST', `/invocation/${id}/error`, JSON.stringify(said));
    }
  }
}

async function next() {
  const { headers, body } = await call('GET', '/invocation/next');
  return { id: headers['lambda-runtime-aws-request-id'], event: JSON.parse(body) };
}

function call(method, path, body = '') {
  return new Promise((resolve, reject) => {
    const headers = { 'content-length': Buffer.byteLength(body) };
    const asked = request({ host, port, method, path: `/2018-06-01/runtime${path}`, headers, agent }, (answer) => {
      const parts = [];
      answer.on('data', (part) => parts.push(part));
      answer.on('end', () => resolve({ headers: answer.headers, body: Buffer.concat(parts).toString() }));
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
