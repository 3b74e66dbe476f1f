// Audits a GraphQL server over HTTP with the suite of the specification's reference implementation.
//
//   node audit.mjs URL TOKEN
//
// Prints how many audits there are, and what was not all right, as JSON.
import { serverAudits } from 'graphql-http';

const [url, token] = process.argv.slice(2);
const authorization = `Bearer ${token}`;
const fetchFn = (where, options) => fetch(where, { ...options, headers: { ...options?.headers, authorization } });
const audits = serverAudits({ url, fetchFn });
const results = await Promise.all(audits.map((audit) => audit.fn()));
const bad = results
  .filter((result) => result.status !== 'ok')
  .map(({ id, name, status, reason }) => ({ id, name, status, reason }));

console.log(JSON.stringify({ audits: results.length, bad }));
