// Starts aimock with fixtures that are a program, for what its files of JSON
// have no way to say: patterns in place of parts of a text.
//
//   node serve.mjs <node_modules> <port> <fixtures.mjs> [<ms between pieces>]
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const [modules, port, fixtures, latency] = process.argv.slice(2);
const load = (path) => import(pathToFileURL(resolve(path)));
const { LLMock } = await load(
	`${modules}/@copilotkit/aimock/dist/index.js`);
const mock = new LLMock({ port: Number(port), host: "127.0.0.1", strict: true,
	latency: Number(latency ?? 0), logLevel: "info", journalMaxEntries: 20 });

mock.addFixtures((await load(fixtures)).default);
await mock.start();
