// Apollo Client with nothing but its HTTP link: subscriptions are multipart answers.
//   node apollo.mjs URL TOKEN NAME KEY
import { ApolloClient, HttpLink, InMemoryCache, gql } from '@apollo/client';
import { flow, told } from './flow.mjs';

const [url, token] = process.argv.slice(2);
const client = new ApolloClient({
  link: new HttpLink({ uri: `${url}/graphql`, headers: { Authorization: `Bearer ${token}` } }),
  cache: new InMemoryCache(),
});

async function ask(text, variables) {
  const document = gql(text);
  const mutates = document.definitions[0].operation === 'mutation';
  const { data, error } = mutates
    ? await client.mutate({ mutation: document, variables })
    : await client.query({ query: document, variables, fetchPolicy: 'network-only' });
  if (error) throw error;
  return data;
}

async function* watch(text, variables) {
  const results = client.subscribe({ query: gql(text), variables });
  const subscribe = (subscriber) => {
    const subscription = results.subscribe(subscriber);
    return () => subscription.unsubscribe();
  };
  for await (const { data, error } of told(subscribe)) {
    if (error) throw error;
    yield data;
  }
}

await flow({ ask, watch });
client.stop();
