/** Answer a list of cases on standard input: unary tests, expressions, patterns. */
import { createRequire } from 'node:module';
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';

const require = createRequire(resolve('package.json'));
const { evaluate, unaryTest } = await import(pathToFileURL(require.resolve('@bpmn-io/feelin')));

function answer({ kind, source, context, text }) {
  try {
    if (kind === 'pattern') return new RegExp(source).test(text);
    return kind === 'test' ? unaryTest(source, context).value : evaluate(source, context).value;
  } catch {
    return kind === 'pattern' ? 'wrong' : null;
  }
}

let input = '';
for await (const part of process.stdin) input += part;
process.stdout.write(JSON.stringify(JSON.parse(input).map((one) => answer(one) ?? null)));
