// Types for TypeScript from the schema and from operations on it, by graphql-codegen; they must compile.
//   node codegen.mjs SCHEMA FOLDER
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { codegen } from '@graphql-codegen/core';
import * as typescript from '@graphql-codegen/typescript';
import * as operations from '@graphql-codegen/typescript-operations';
import { buildSchema, parse } from 'graphql';
import { documents } from './flow.mjs';

const [schemaPath, folder] = process.argv.slice(2);
const schema = readFileSync(schemaPath, 'utf8');
const asked = Object.entries(documents).map(([location, text]) => ({ location, document: parse(text) }));

const generate = (name, plugin, config) =>
  codegen({
    filename: name,
    schema: parse(schema),
    schemaAst: buildSchema(schema),
    documents: asked,
    config,
    plugins: [{ [name]: {} }],
    pluginMap: { [name]: plugin },
  });

const strict = { strictScalars: true, defaultScalarType: 'unknown', scalars: scalars(schema) };
writeFileSync(join(folder, 'schema.ts'), await generate('typescript', typescript, strict));
writeFileSync(join(folder, 'operations.ts'), await generate('operations', operations, strict));

const require = createRequire(import.meta.url);
const tsc = join(dirname(require.resolve('typescript/package.json')), 'bin', 'tsc');
const files = ['schema.ts', 'operations.ts'].map((name) => join(folder, name));
execFileSync(process.execPath, [tsc, '--noEmit', '--strict', '--skipLibCheck', ...files], { stdio: 'inherit' });
console.log(JSON.stringify({ operations: asked.length }));

// Every scalar of the schema's own, as JSON has it.
function scalars(text) {
  const own = Object.values(buildSchema(text).getTypeMap())
    .filter((type) => type.astNode?.kind === 'ScalarTypeDefinition')
    .map((type) => [type.name, type.name === 'JSON' ? 'unknown' : 'string']);
  return Object.fromEntries(own);
}
