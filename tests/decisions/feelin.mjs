// Evaluates expressions with the FEEL that form-js ships: node feelin.mjs <web/node_modules>
// stdin: one JSON object a line, {expression, context, unary}; stdout: one JSON value a line.
import { createInterface } from 'node:readline';
import { pathToFileURL } from 'node:url';
import { join, resolve } from 'node:path';

const modules = resolve(process.argv[2]);
const load = name => import(pathToFileURL(join(modules, name)).href);
const { evaluate, unaryTest } = await load('@bpmn-io/feelin/dist/index.js');

function plain(value) {
  if (value === undefined) return null;
  if (value && typeof value.toISODate === 'function') return { date: value.toISODate() };
  if (Array.isArray(value)) return value.map(plain);
  if (value && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([ key, item ]) => [ key, plain(item) ]));
  }
  if (typeof value === 'number' && !Number.isFinite(value)) return { number: String(value) };
  return value;
}

for await (const line of createInterface({ input: process.stdin })) {
  const { expression, context, unary } = JSON.parse(line);
  let answer;
  try {
    answer = { value: plain((unary ? unaryTest : evaluate)(expression, context).value) };
  } catch (error) {
    answer = { error: String(error.message) };
  }
  process.stdout.write(JSON.stringify(answer) + '\n');
}
