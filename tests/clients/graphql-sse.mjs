// graphql-sse: everything over server-sent events, one request each.   node graphql-sse.mjs URL TOKEN NAME KEY
import { createClient } from 'graphql-sse';
import { flow } from './flow.mjs';

const [url, token] = process.argv.slice(2);
const client = createClient({
  url: `${url}/graphql/stream`,
  headers: { Authorization: `Bearer ${token}` },
  retryAttempts: 0,
});

async function* watch(query, variables) {
  for await (const { data, errors } of client.iterate({ query, variables })) {
    if (errors) throw errors;
    yield data;
  }
}

async function ask(query, variables) {
  for await (const data of watch(query, variables)) return data;
  throw new Error('no result');
}

await flow({ ask, watch });
client.dispose();
