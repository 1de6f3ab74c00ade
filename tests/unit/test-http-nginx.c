/* TLS, HTTP/2, reuse and certificates, as nginx sees them. */
#include "tests/unit/peer.h"

#include "core/clock.h"
#include "core/file.h"
#include "core/http.h"

#include <fcntl.h>

struct nginx {
	char dir[64];
	int pid;
	char tls[64]; /* the base URLs */
	char clear[64];
	char agent[32]; /* another for each test: the log's lines tell them */
	struct loop *loop;
	struct http *http;
};

static struct nginx nginx;

static int free_port(void)
{
	struct peer peer;

	peer_listen(&peer, 1);
	close(peer.fd);
	return peer.port;
}

static const char *path_of(const char *name)
{
	static char path[128];

	snprintf(path, sizeof path, "%s/%s", nginx.dir, name);
	return path;
}

static void PRINTF(1, 2) run(const char *fmt, ...)
{
	char command[1024];
	va_list args;

	va_start(args, fmt);
	vsnprintf(command, sizeof command, fmt, args);
	va_end(args);
	assert_int_equal(system(command), 0);
}

static const char config[] =
	"daemon off; master_process off; pid pid; worker_processes 1;\n"
	"error_log error.log; events { worker_connections 512; }\n"
	"http { log_format line '$connection $request_method $server_protocol "
	"$status $http_user_agent';\n"
	"access_log access.log line; client_max_body_size 20m;\n"
	"client_body_temp_path body; proxy_temp_path proxy;\n"
	"fastcgi_temp_path fcgi; uwsgi_temp_path uwsgi; scgi_temp_path scgi;\n"
	"gzip on; gzip_types text/plain; gzip_min_length 100;\n"
	"default_type text/plain;\n"
	"server { listen 127.0.0.1:%d ssl http2; listen 127.0.0.2:%d ssl;\n"
	"listen 127.0.0.1:%d;\n"
	"ssl_certificate tls.crt; ssl_certificate_key tls.key;\n"
	"root files; location / { dav_methods PUT; }\n"
	"location /slow { limit_rate 200k; } } }\n";

static void configure(int tls, int clear)
{
	FILE *file = fopen(path_of("nginx.conf"), "w");

	assert_non_null(file);
	fprintf(file, config, tls, tls, clear);
	fclose(file);
}

static void wait_for(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_port = htons((uint16_t)port) };

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	for (int i = 0; i < 200; i++) {
		int fd = socket(AF_INET, SOCK_STREAM, 0);
		int failed = connect(fd, (struct sockaddr *)&at, sizeof at);

		close(fd);
		if (!failed)
			return;
		nap(20);
	}
	fail_msg("nginx does not listen");
}

static int start_nginx(void **state)
{
	int tls = free_port(), clear = free_port();

	(void)state;
	if (system("PATH=$PATH:/usr/sbin; command -v nginx >/dev/null && "
		   "command -v openssl >/dev/null"))
		return 0;
	snprintf(nginx.dir, sizeof nginx.dir, "/tmp/http-nginx-XXXXXX");
	assert_non_null(mkdtemp(nginx.dir));
	run("mkdir %s/files && cd %s && openssl req -x509 -newkey rsa:2048 "
	    "-nodes -keyout tls.key -out tls.crt -days 2 -subj /CN=test "
	    "-addext subjectAltName=IP:127.0.0.1,DNS:localhost 2>openssl.log",
	    nginx.dir, nginx.dir);
	run("cd %s/files && echo hello >hello && mkdir slow && "
	    "head -c 5242880 /dev/urandom >big && seq 10000 >numbers.txt && "
	    "cp big slow/big",
	    nginx.dir);
	configure(tls, clear);
	snprintf(nginx.tls, sizeof nginx.tls, "https://127.0.0.1:%d", tls);
	snprintf(nginx.clear, sizeof nginx.clear, "http://127.0.0.1:%d", clear);
	nginx.pid = fork();
	if (!nginx.pid) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setenv("PATH", "/usr/bin:/usr/sbin:/usr/local/sbin:/sbin", 1);
		execlp("nginx", "nginx", "-p", nginx.dir, "-e", "error.log",
		       "-c", path_of("nginx.conf"), NULL);
		_exit(127);
	}
	wait_for(clear);
	return 0;
}

static int stop_nginx(void **state)
{
	(void)state;
	if (!nginx.pid)
		return 0;
	kill(nginx.pid, SIGKILL);
	waitpid(nginx.pid, NULL, 0);
	run("rm -rf %s", nginx.dir);
	return 0;
}

static void renew_engine(void)
{
	struct http_options options = { .user_agent = nginx.agent };

	http_free(&nginx.http);
	ok(http_new(&nginx.http, nginx.loop, &options));
}

static int open_engine(void **state)
{
	static int serial;

	(void)state;
	if (!nginx.pid)
		return 0;
	snprintf(nginx.agent, sizeof nginx.agent, "test-%03d", ++serial);
	setenv("SSL_CERT_FILE", path_of("tls.crt"), 1);
	nginx.loop = loop_new();
	renew_engine();
	return 0;
}

static int close_engine(void **state)
{
	(void)state;
	http_free(&nginx.http);
	loop_free(nginx.loop);
	nginx.loop = NULL;
	unsetenv("SSL_CERT_FILE");
	unsetenv("SSL_CERT_DIR");
	unsetenv("CURL_CA_BUNDLE");
	return 0;
}

static void need_nginx(void)
{
	if (!nginx.pid)
		skip();
}

static struct http_response ask(const char *base, const char *path,
				struct http_request request)
{
	struct http_response response;
	char url[160];

	snprintf(url, sizeof url, "%s/%s", base, path);
	request.url = url;
	ok(http_get(&response, nginx.http, &request));
	return response;
}

static void expect_hello(const char *base, int version)
{
	struct http_response response =
		ask(base, "hello", (struct http_request){ 0 });

	if (response.end != HTTP_OK)
		fail_msg("%s", response.detail);
	assert_int_equal(response.status, 200);
	assert_int_equal(response.version, version);
	same(response.body.data, "hello\n");
	http_response_release(&response);
}

/*
 * How many lines a filter leaves of what the log says of this test, once that
 * is so many.
 */
static int count_log(const char *filter, int lines)
{
	int n = -1;

	for (int i = 0; n < 0 && i < 100; i++) {
		char text[512];
		FILE *pipe;

		snprintf(text, sizeof text,
			 "cd %s && grep -w %s access.log >part; "
			 "test $(wc -l <part) = %d && %s part | wc -l",
			 nginx.dir, nginx.agent, lines, filter);
		pipe = popen(text, "r");
		if (fscanf(pipe, "%d", &n) != 1)
			n = -1;
		pclose(pipe);
		if (n < 0)
			nap(20);
	}
	return n;
}

static void http2_is_spoken_over_tls_and_http11_in_clear(void **state)
{
	(void)state;
	need_nginx();
	expect_hello(nginx.tls, 20);
	expect_hello(nginx.clear, 11);
	assert_int_equal(count_log("grep -F HTTP/2.0", 2), 1);
}

static void connections_are_used_again(void **state)
{
	(void)state;
	need_nginx();
	for (int i = 0; i < 5; i++) {
		expect_hello(nginx.tls, 20);
		expect_hello(nginx.clear, 11);
	}
	assert_int_equal(count_log("awk '!seen[$1]++'", 10), 2);
}

static struct error *count_done(struct http_response *response, void *data)
{
	assert_int_equal(response->status, 200);
	assert_int_equal(response->version, 20);
	++*(int *)data;
	return NULL;
}

static void many_streams_share_one_connection(void **state)
{
	struct transfer *transfer;
	char url[128];
	int done = 0;

	(void)state;
	need_nginx();
	snprintf(url, sizeof url, "%s/numbers.txt", nginx.tls);
	for (int i = 0; i < 50; i++)
		ok(http_start(&transfer, nginx.http,
			      &(struct http_request){ .url = url,
						      .done = count_done,
						      .data = &done }));
	ok(loop_run(nginx.loop));
	assert_int_equal(done, 50);
	assert_int_equal(count_log("awk '!seen[$1]++'", 50), 1);
}

/* Gives the answer's body to a buffer. */
static int keep(void *data, const struct http_response *head, const char *bytes,
		size_t len)
{
	assert_int_equal(head->status, 200);
	buf_add(data, bytes, len);
	return 0;
}

static void five_megabytes_go_up_and_down(void **state)
{
	const char *const bases[] = { nginx.tls, nginx.clear };
	struct buf big = BUF_INIT;

	(void)state;
	need_nginx();
	ok(file_read(&big, path_of("files/big"), 10 << 20));
	assert_int_equal(big.len, 5 << 20);
	for (int i = 0; i < 2; i++) {
		struct buf got = BUF_INIT;
		struct http_response response =
			ask(bases[i], "up",
			    (struct http_request){ .method = "PUT",
						   .body = big.data,
						   .body_len = big.len });

		assert_in_range(response.status, 201, 204);
		http_response_release(&response);
		response = ask(
			bases[i], "up",
			(struct http_request){ .on_body = keep, .data = &got });
		assert_int_equal(response.end, HTTP_OK);
		assert_int_equal(got.len, big.len);
		assert_memory_equal(got.data, big.data, big.len);
		http_response_release(&response);
		buf_release(&got);
	}
	buf_release(&big);
}

static void what_comes_compressed_is_unpacked_and_measured(void **state)
{
	struct buf numbers = BUF_INIT;

	(void)state;
	need_nginx();
	ok(file_read(&numbers, path_of("files/numbers.txt"), 1 << 20));
	struct http_response response =
		ask(nginx.tls, "numbers.txt", (struct http_request){ 0 });
	same(http_header(&response, "content-encoding"), "gzip");
	same(response.body.data, numbers.data);
	http_response_release(&response);
	response = ask(nginx.tls, "numbers.txt",
		       (struct http_request){ .max_body = numbers.len - 1 });
	assert_int_equal(response.end, HTTP_TOO_LARGE);
	http_response_release(&response);

	/* A stream is asked for as it is. */
	buf_clear(&numbers);
	response =
		ask(nginx.tls, "numbers.txt",
		    (struct http_request){ .on_body = keep, .data = &numbers });
	assert_null(http_header(&response, "content-encoding"));
	http_response_release(&response);
	buf_release(&numbers);
}

static void one_stream_can_end_while_others_go_on(void **state)
{
	struct transfer *slow, *quick;
	char url[128];
	int done = 0;

	(void)state;
	need_nginx();
	snprintf(url, sizeof url, "%s/slow/big", nginx.tls);
	ok(http_start(&slow, nginx.http,
		      &(struct http_request){
			      .url = url, .done = count_done, .data = &done }));
	expect_hello(nginx.tls, 20);
	snprintf(url, sizeof url, "%s/big", nginx.tls);
	ok(http_start(&quick, nginx.http,
		      &(struct http_request){
			      .url = url, .done = count_done, .data = &done }));
	http_cancel(slow);
	ok(loop_run(nginx.loop));
	assert_int_equal(done, 1);
	expect_hello(nginx.tls, 20);
}

static void a_certificate_nobody_vouches_for_is_refused(void **state)
{
	(void)state;
	need_nginx();
	unsetenv("SSL_CERT_FILE");
	struct http_response response =
		ask(nginx.tls, "hello", (struct http_request){ 0 });
	assert_int_equal(response.end, HTTP_TLS);
	assert_int_equal(response.status, 0);
	assert_non_null(strstr(response.detail, "certificate"));
	http_response_release(&response);
	assert_int_equal(count_log("cat", 0), 0);
}

static void the_environment_says_who_vouches(void **state)
{
	struct http_response response;

	(void)state;
	need_nginx();
	expect_hello(nginx.tls, 20);

	/* Each engine anew: a connection that is there is not judged again. */
	renew_engine();
	unsetenv("SSL_CERT_FILE");
	run("mkdir %s/certs && cp %s/tls.crt %s/certs && "
	    "openssl rehash %s/certs",
	    nginx.dir, nginx.dir, nginx.dir, nginx.dir);
	setenv("SSL_CERT_DIR", path_of("certs"), 1);
	expect_hello(nginx.tls, 20);

	renew_engine();
	setenv("SSL_CERT_DIR", "", 1);
	setenv("SSL_CERT_FILE", path_of("none.crt"), 1);
	response = ask(nginx.tls, "hello", (struct http_request){ 0 });
	assert_int_equal(response.end, HTTP_TLS);
	assert_non_null(strstr(response.detail, "none.crt"));
	http_response_release(&response);

	setenv("CURL_CA_BUNDLE", path_of("tls.crt"), 1);
	expect_hello(nginx.tls, 20);
}

static void neither_no_tls_nor_another_name_will_do(void **state)
{
	char url[160];

	(void)state;
	need_nginx();
	snprintf(url, sizeof url, "https%s", nginx.clear + 4);
	struct http_response response =
		ask(url, "hello", (struct http_request){ 0 });
	assert_int_equal(response.end, HTTP_TLS);
	http_response_release(&response);
	/* A name the certificate does not have. */
	snprintf(url, sizeof url, "https://127.0.0.2%s",
		 strrchr(nginx.tls, ':'));
	response = ask(url, "hello", (struct http_request){ 0 });
	assert_int_equal(response.end, HTTP_TLS);
	assert_non_null(strstr(response.detail, "127.0.0.2"));
	http_response_release(&response);
}

#define TEST(fn) cmocka_unit_test_setup_teardown(fn, open_engine, close_engine)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(http2_is_spoken_over_tls_and_http11_in_clear),
		TEST(connections_are_used_again),
		TEST(many_streams_share_one_connection),
		TEST(five_megabytes_go_up_and_down),
		TEST(what_comes_compressed_is_unpacked_and_measured),
		TEST(one_stream_can_end_while_others_go_on),
		TEST(a_certificate_nobody_vouches_for_is_refused),
		TEST(the_environment_says_who_vouches),
		TEST(neither_no_tls_nor_another_name_will_do),
	};

	unsetenv("all_proxy");
	unsetenv("ALL_PROXY");
	unsetenv("https_proxy");
	unsetenv("HTTPS_PROXY");
	unsetenv("CURL_CA_BUNDLE");
	unsetenv("SSL_CERT_DIR");
	return cmocka_run_group_tests_name("http-nginx", tests, start_nginx,
					   stop_nginx);
}
