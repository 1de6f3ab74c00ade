// The same as ../words.mjs, but the phases are for an agent `coder`, which is a
// program of its own: what it is told to run writes the same files, and fails
// the same phase at first.
import words, { asked, phases, read, turns } from "../words.mjs";

// What an agent calls its shell, and what it is given.
const shells = [
	["claude-", (command) => ["Bash", { command, description: "work" }]],
	["gpt-", (cmd) => ["exec_command", { cmd }]],
];
const fixtures = [];

function add(n, match, response)
{
	fixtures.push({
		match: { ...match, predicate: (request) => turns(request) === n },
		response,
	});
}

// Told to run these one after the other, then its last words.
function run(model, shell, userMessage, commands, summary)
{
	const match = { model, userMessage };

	commands.forEach((command, n) => {
		const [name, input] = shell(command);

		add(n, match, { toolCalls: [{ name, id: `toolu_${fixtures.length}`,
			arguments: JSON.stringify(input) }] });
	});
	add(commands.length, match, { content: JSON.stringify(
		{ summary, decisions: [], notes: [] }) });
}

const write = (path, from) =>
	`mkdir -p "$(dirname ${path})" && cat >${path} <<'END OF FILE'\n` +
	`${read(`${from}/${path}`)}END OF FILE\n`;
const writeAll = (phase, wrong) => phase.files.map((path) => write(path,
	path === wrong ? `${phase.id}-wrong` : phase.id)).join("");

for (const [name, shell] of shells) {
	const model = new RegExp(`^${name}`);

	for (const phase of phases) {
		const task = `in the folder you are in: ${phase.title}\\n`;
		const done = `${phase.title}: done, with its tests.`;

		if (phase.id !== "report") {
			run(model, shell, asked("implement", task),
				[writeAll(phase), "make test"], done);
			continue;
		}
		run(model, shell, asked("implement", task, "This was tried before"),
			[`sed -i 's/return n ? "s" : "";/return n == 1 ? "" : "s";/' ` +
				"report.c", "make test"], done);
		run(model, shell, asked("implement", task),
			[writeAll(phase, "report.c")], "This will do.");
	}
}

const given = ({ match, response }) => ({ match, response: { ...response,
	content: response.content.replaceAll('"agent":"developer"',
		'"agent":"coder"') } });

// What else these programs ask on their own, a title for the session say.
export default [...fixtures, ...words.map(given),
	{ match: { model: /./, predicate: ({ messages }) => !messages.some(
		({ content }) => JSON.stringify(content).includes("Stage: ")) },
	response: { content: "ok" } }];
