// urql with nothing but its fetch exchange: subscriptions are server-sent events.   node urql.mjs URL TOKEN NAME KEY
import { Client, fetchExchange } from '@urql/core';
import { flow, told } from './flow.mjs';

const [url, token] = process.argv.slice(2);
const client = new Client({
  url: `${url}/graphql`,
  exchanges: [fetchExchange],
  fetchSubscriptions: true,
  fetchOptions: { headers: { Authorization: `Bearer ${token}` } },
  preferGetMethod: false,
});

async function ask(text, variables) {
  const source = text.startsWith('mutation')
    ? client.mutation(text, variables)
    : client.query(text, variables);
  const { data, error } = await source.toPromise();
  if (error) throw error;
  return data;
}

async function* watch(text, variables) {
  const results = client.subscription(text, variables);
  const subscribe = ({ next }) => results.subscribe(next).unsubscribe;
  for await (const { data, error } of told(subscribe)) {
    if (error) throw error;
    yield data;
  }
}

await flow({ ask, watch });
