# A project whose agents are played by words.mjs: manager and validator speak
# OpenAI, the developer Anthropic; and what tests ask of it afterwards.
# shellcheck shell=bash disable=SC2034

GOAL='A C program that counts words'

# words_config [<api of openai> [<api version of anthropic>]]: the base's
# configuration.  Addresses come from the environment, so that equal runs have
# equal documents whatever ports are free.  WORDS_DEVELOPER is the developer's
# provider and model, WORDS_PROVIDERS and WORDS_AGENTS are further rows,
# WORDS_MORE what else is configured.
words_config() {
	local api=${1:-responses} version=${2:-2026-10-21}
	local WORDS_MORE=${WORDS_MORE:-}
	mkdir -p .orch
	cat >.orch/config.yaml <<-END
		version: 1
		providers:
		  - name: claude
		    driver: anthropic
		    api_version: $version
		    base_url: \${WORDS_CLAUDE}
		    key_env: WORDS_KEY
		  - name: gpt
		    driver: openai
		    api: $api
		    base_url: \${WORDS_FRONT}/v1
		    key_env: WORDS_KEY
		${WORDS_PROVIDERS:-}
		agents:
		  - {name: manager, role: manager, provider: gpt,
		     model: gpt-6-sol}
		  - {name: developer, role: developer, worker: tools,
		     provider: ${WORDS_DEVELOPER:-claude, model: claude-sonnet-5-5},
		     strengths: [C]}
		  - {name: validator, role: validator, provider: gpt,
		     model: gpt-6-luna}
		${WORDS_AGENTS:-}
		checks:
		  - {name: test, run: make test}
		policy: {attempts: 2}
		$WORDS_MORE
	END
}

# words_project [<api> [<version>]]: in an empty folder; the peers run.
# WORDS_CLAUDE is where Anthropic is asked.
words_project() {
	export WORDS_FRONT=$FRONT_URL WORDS_KEY=key-of-the-tests
	export WORDS_CLAUDE=${WORDS_CLAUDE:-$FRONT_URL}
	git init -q .
	words_config "$@"
	printf '%s\n' '*.o' /words '/test-*' >.gitignore
	git add -A
	git commit -qm 'Begin a project'
	git orch trust --yes >/dev/null 2>&1
}

# How many requests were logged in front of the peers.
requests() { wc -l <"$FRONT_LOG"; }

# doc <phase>: its document on the base, as JSON.
doc() {
	git orch show "words/$1" --json | jq .document
}

# The program is on the base, with everything the plan asked for.
landed() {
	local phase
	for phase in counting command report manual; do
		[ "$(doc "$phase" | jq -r .status)" = "done" ]
		[ "$(git log --oneline main --grep "^Orch-Phase: $phase\$" |
			wc -l)" = 1 ]
	done
	git clone -q . "$BATS_TEST_TMPDIR/fresh"
	make -s -C "$BATS_TEST_TMPDIR/fresh" test
	[ "$(echo 'one two' | "$BATS_TEST_TMPDIR/fresh/words")" = '1 2 8' ]
	rm -rf "$BATS_TEST_TMPDIR/fresh"
}

bodies_fit() {
	run node "$PEERS_HERE/check-bodies.mjs" "$PEERS" "$FRONT_LOG"
	exits 0
	says "$(requests) bodies, all fit"
}

# asked <path> <pattern>: how many requests there were.
asked() {
	jq -c --arg path "$1" --arg what "$2" \
		'select(.path == $path and (.body | tostring | test($what)))' \
		"$FRONT_LOG" | wc -l
}
