#!/usr/bin/env bats
# Every GraphQL text in the sources against GitHub's own schema.  `make
# peers-github` puts it there; without, this is skipped.

setup_file() {
	export GITHUB=${ORCH_PEERS_GITHUB:-build/peers/github/node_modules}
	[ -d "$GITHUB/@octokit/graphql-schema" ] ||
		skip "no schema (make peers-github puts it there)"
	command -v node >/dev/null || skip "no node"
}

judge() {
	run node tests/peers/check-graphql.mjs "$GITHUB" "$@"
	echo "$output"
}

# planted <query>: a source that asks this, and one of ours.
planted() {
	printf 'const char *a(void) { return "query" "%s"; }\n' "$1" \
		>"$BATS_TEST_TMPDIR/a.c"
	judge gitops/forge-github-review.c "$BATS_TEST_TMPDIR/a.c"
}

@test "whatever the sources ask is in the schema, and nothing deprecated" {
	mapfile -t sources < <(grep -lE '"(query|mutation)[({ ]' -- */*.c |
		grep -v '^tests/')
	[ "${#sources[@]}" -ge 3 ]
	judge "${sources[@]}"
	[ "$status" = 0 ]
}

@test "each planted violation is found, and where it stands" {
	local query
	# shellcheck disable=SC2016
	for query in '{viewer{logn}}' '{viewer{login}' '($a:Int!){viewer{login}}' \
		'{node(id:1.5){id}}' \
		'{node(id:\"x\"){...on PullRequestReviewComment{databaseId}}}'; do
		planted "$query"
		[ "$status" = 1 ]
		[[ "$output" == *"a.c: "* ]]
		[[ "$output" == *'2 queries, not all fit' ]]
	done
	planted '{viewer{login}}'
	[ "$status" = 0 ]
}

@test "nothing to judge is no pass" {
	judge gitops/forge.c
	[ "$status" = 1 ]
	judge gitops/no-such-file.c
	[ "$status" = 1 ]
}
