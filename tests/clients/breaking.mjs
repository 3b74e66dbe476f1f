// What of a schema would break the clients of an older one, by graphql-inspector.   node breaking.mjs OLD NEW
//
// Prints the changes as JSON.
import { readFileSync } from 'node:fs';
import { CriticalityLevel, diff } from '@graphql-inspector/core';
import { buildSchema } from 'graphql';

const [before, after] = process.argv.slice(2, 4).map((path) => buildSchema(readFileSync(path, 'utf8')));
const changes = await diff(before, after);
const breaking = changes
  .filter((change) => change.criticality.level === CriticalityLevel.Breaking)
  .map((change) => change.message);

console.log(JSON.stringify({ changes: changes.length, breaking }));
