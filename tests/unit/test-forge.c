/* The table of forges, and the forge that a remote's address names. */
#include "tests/unit/test.h"

#include "gitops/forge.h"

static void a_forge_is_found_by_its_name(void **state)
{
	const struct forge *forge;

	(void)state;
	ok(forge_find(&forge, "github"));
	assert_ptr_equal(forge, &forge_github);
}

static void an_unknown_forge_is_told_which_there_are(void **state)
{
	const struct forge *forge = NULL;
	struct error *err = forge_find(&forge, "githup");

	(void)state;
	assert_true(error_is(err, ERROR_INVALID));
	same(err->message, "no forge is called 'githup'");
	same(err->hint, "there are: local, github");
	assert_null(forge);
	error_free(err);
}

static const struct {
	const char *url, *api, *web, *owner, *name;
} good[] = {
	{ "git@github.com:o/n.git", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "github.com:o/n", "https://api.github.com", "https://github.com", "o",
	  "n" },
	{ "https://github.com/Some-Org/a.b_c-d", "https://api.github.com",
	  "https://github.com", "Some-Org", "a.b_c-d" },
	{ "https://GitHub.com/o/n.git/", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "https://www.github.com/o/n", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "https://user:pa:ss@github.com/o/n.git", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "https://x@evil.example@github.com/o/n", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "ssh://git@ssh.github.com:443/o/n.git", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "git://github.com/o/n", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "git+ssh://git@github.com/o/n", "https://api.github.com",
	  "https://github.com", "o", "n" },
	{ "ssh://git@git.corp.example:2222/o/n.git",
	  "https://git.corp.example/api/v3", "https://git.corp.example", "o",
	  "n" },
	{ "git@git.corp.example:/o/n.git", "https://git.corp.example/api/v3",
	  "https://git.corp.example", "o", "n" },
	{ "https://git.corp.example:8443/o/n",
	  "https://git.corp.example:8443/api/v3",
	  "https://git.corp.example:8443", "o", "n" },
	{ "http://git.corp.example:8080/o/n", "https://git.corp.example/api/v3",
	  "https://git.corp.example", "o", "n" },
	{ "http://127.0.0.1:8080/o/n", "http://127.0.0.1:8080/api/v3",
	  "http://127.0.0.1:8080", "o", "n" },
	{ "https://[::1]:8443/o/n", "https://[::1]:8443/api/v3",
	  "https://[::1]:8443", "o", "n" },
	{ "git@acme.ghe.com:o/n.git", "https://api.acme.ghe.com",
	  "https://acme.ghe.com", "o", "n" },
	{ "https://evil-github.com/o/n", "https://evil-github.com/api/v3",
	  "https://evil-github.com", "o", "n" },
	{ "https://github.com/o/n.git.git", "https://api.github.com",
	  "https://github.com", "o", "n.git" },
	{ "https://github.com//o/n//", "https://api.github.com",
	  "https://github.com", "o", "n" },
};

static void addresses_name_owner_name_and_api(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct forge_site site;

		ok(forge_site_from_url(&site, good[i].url));
		same(site.api, good[i].api);
		same(site.web, good[i].web);
		same(site.owner, good[i].owner);
		same(site.name, good[i].name);
		assert_null(site.token);
		assert_int_equal(site.gap_ms, 1000);
		forge_site_release(&site);
	}
}

static const char *const bad[] = {
	"",
	"/srv/git/n.git",
	"../n",
	"n",
	"o/n",
	"file:///srv/o/n",
	"ftp://github.com/o/n",
	"javascript://github.com/o/n",
	"https://github.com",
	"https://github.com/",
	"https://github.com/o",
	"https://github.com/o/",
	"https://github.com/o/.git/x",
	"https://github.com/o/.",
	"https://github.com/o/..",
	"https://github.com/../n",
	"https://github.com/-o/n",
	"https://github.com/a/b/c",
	"https://github.com/o/n?x=secret-1",
	"https://github.com/o/n#x",
	"https://github.com/o/n%2f..",
	"https://github.com/o/n\r\nHost: x",
	"https://github.com/o/n\033[2J",
	"https:///o/n",
	"https://@/o/n",
	"https://github.com:0/o/n",
	"https://github.com:65536/o/n",
	"https://github.com:x/o/n",
	"https://github.com:/o/n",
	"https://secret-1@git hub.com/o/n",
	"https://u:secret-1@-oProxyCommand=x/o/n",
	"-oProxyCommand=x:o/n",
	"ssh://git@.github.com/o/n",
	"https://github..com/o/n",
	"https://github.com\\@evil.example/o/n",
	"https://[::1/o/n",
	"https://[x]/o/n",
	"https://g\xc3\xaethub.com/o/n",
	"git@github.com:o/n\xff",
	"git@github.com:",
	"git@:o/n",
	":o/n",
	"ext::sh -c secret-1% o/n",
	"ext::o/n",
	"C:\\repo",
};

static void what_names_no_forge_is_refused_without_quoting_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct forge_site site = { .gap_ms = 7 };
		struct error *err = forge_site_from_url(&site, bad[i]);

		if (!err)
			fail_msg("'%s' was taken: %s", bad[i], site.api);
		assert_int_equal(err->code, ERROR_INVALID);
		assert_null(strstr(err->message, "secret-1"));
		assert_null(strstr(err->hint, "secret-1"));
		assert_null(site.api);
		assert_int_equal(site.gap_ms, 7);
		error_free(err);
	}
}

static void a_name_of_any_length_is_refused_not_cut(void **state)
{
	char *url = xmalloc(100000);
	struct forge_site site;

	(void)state;
	memset(url, 'a', 99999);
	memcpy(url, "git@github.com:o/", 17);
	url[99999] = '\0';
	fails(ERROR_INVALID, "no owner", forge_site_from_url(&site, url));
	memset(url, 'a', 99999);
	memcpy(url + 99990, ":o/n", 5);
	fails(ERROR_INVALID, "no owner", forge_site_from_url(&site, url));
	free(url);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_forge_is_found_by_its_name),
		cmocka_unit_test(an_unknown_forge_is_told_which_there_are),
		cmocka_unit_test(addresses_name_owner_name_and_api),
		cmocka_unit_test(
			what_names_no_forge_is_refused_without_quoting_it),
		cmocka_unit_test(a_name_of_any_length_is_refused_not_cut),
	};

	return cmocka_run_group_tests_name("forge", tests, NULL, NULL);
}
