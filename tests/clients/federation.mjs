// Composes a subgraph of Apollo Federation 2 with another one that follows Relay's conventions too.
//   node federation.mjs SUBGRAPH
import { readFileSync } from 'node:fs';
import { composeServices } from '@apollo/composition';
import { parse } from 'graphql';

const OTHER = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.5", import: ["@shareable"])
  type Query { orders(first: Int): OrderConnection! }
  type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
  type Order { number: String! paymentId: ID }
  type PageInfo @shareable {
    hasNextPage: Boolean!
    hasPreviousPage: Boolean!
    startCursor: String
    endCursor: String
  }
`;

const [path] = process.argv.slice(2);
const { errors, supergraphSdl } = composeServices([
  { name: 'inlet', url: 'http://inlet/graphql', typeDefs: parse(readFileSync(path, 'utf8')) },
  { name: 'orders', url: 'http://orders/graphql', typeDefs: parse(OTHER) },
]);
const told = (errors ?? []).map((error) => error.message);
const fields = supergraphSdl?.match(/^type (Query|Mutation|Subscription)/gm) ?? [];
console.log(JSON.stringify({ errors: told, roots: fields.length }));
