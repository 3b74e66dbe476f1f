// Relay's compiler on a page of payments that is refetched, paged and looked up by its id: it insists on Relay's
// conventions.   node relay.mjs SCHEMA FOLDER
import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const PAGE = `
import { graphql } from 'react-relay';

graphql\`
  query PaymentsQuery($filter: PaymentFilter) {
    ...Payments_page @arguments(filter: $filter)
  }
\`;

graphql\`
  fragment Payments_page on Query
  @argumentDefinitions(
    first: { type: "Int", defaultValue: 20 }
    after: { type: "String" }
    filter: { type: "PaymentFilter" }
  )
  @refetchable(queryName: "PaymentsPageQuery") {
    payments(first: $first, after: $after, filter: $filter) @connection(key: "Payments_payments") {
      edges { node { id ...Payments_payment } }
    }
  }
\`;

graphql\`
  fragment Payments_payment on Payment @refetchable(queryName: "PaymentsPaymentQuery") {
    stripeId
    amount { amount currency }
  }
\`;

graphql\`
  subscription PaymentsChangedSubscription {
    paymentsChanged { ...Payments_payment }
  }
\`;
`;

const [schema, folder] = process.argv.slice(2);
const source = join(folder, 'src');
mkdirSync(source, { recursive: true });
copyFileSync(schema, join(folder, 'schema.graphql'));
writeFileSync(join(source, 'Payments.js'), PAGE);
const config = { src: './src', schema: './schema.graphql', language: 'javascript' };
writeFileSync(join(folder, 'relay.config.json'), JSON.stringify(config));

const require = createRequire(import.meta.url);
const compiler = require('relay-compiler');
execFileSync(compiler, ['relay.config.json'], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
console.log(JSON.stringify({ artifacts: readdirSync(join(source, '__generated__')).length }));
