// Signature headers with what Stripe's own Node library says of them, one JSON object a line.
//
//   node node.mjs FOLDER    (where the package `stripe` is installed)

import { createHmac, randomBytes } from 'node:crypto';
import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';

const require = createRequire(join(resolve(process.argv[2]), 'package.json'));
const Stripe = require('stripe');
const stripe = new (Stripe.default ?? Stripe)('sk_test_vectors');

const now = Math.floor(Date.now() / 1000);
const secret = 'whsec_' + randomBytes(24).toString('hex');
const other = 'whsec_' + randomBytes(24).toString('hex');
const payloads = [
  '{"id":"evt_1","object":"event"}',
  '{}',
  ' ',
  JSON.stringify({ id: 'evt_2', text: 'größer als 東京 👩‍💻 \u0000' }),
  '{"a":1}\n',
  'x'.repeat(100_000),
];

const sign = (payload, time, by) => createHmac('sha256', by).update(`${time}.${payload}`).digest('hex');

function* headers(payload) {
  const good = sign(payload, now, secret);
  // What the library itself makes for tests.
  yield stripe.webhooks.generateTestHeaderString({ payload, secret, timestamp: now });
  for (const offset of [0, -1, -299, -300, -301, -3600, -86400, 1, 30]) {
    yield `t=${now + offset},v1=${sign(payload, now + offset, secret)}`;
  }
  yield `t=${now},v1=${sign(payload, now, other)}`;
  yield `t=${now},v1=${sign(payload, now, other)},v1=${good}`;
  yield `t=${now},v1=${good},v1=${sign(payload, now, other)}`;
  yield `t=${now},v0=${good}`;
  yield `t=${now},v1=${good},v0=${'0'.repeat(64)}`;
  yield `v1=${good},t=${now}`;
  yield `t=${now - 1},v1=${good}`;
  yield `t=${now},v1=${good.toUpperCase()}`;
  yield `t=${now},v1=${good.slice(1)}`;
  yield `t=${now},v1=${good}0`;
  yield `t=${now},v1=`;
  yield `t=${now}`;
  yield `v1=${good}`;
  yield '';
  yield 'garbage';
  yield `t=,v1=${good}`;
  yield `t=${now}, v1=${good}`;
  yield `t=${now};v1=${good}`;
  yield `t=${now},v1=${good},`;
  yield `t=${now},v2=${good}`;
}

for (const payload of payloads) {
  for (const header of headers(payload)) {
    let verifies = false;
    try {
      verifies = stripe.webhooks.signature.verifyHeader(payload, header, secret, 300, undefined, now * 1000) === true;
    } catch {
      verifies = false;
    }
    console.log(JSON.stringify({ library: 'node', header, payload, secret, now, verifies }));
  }
}
