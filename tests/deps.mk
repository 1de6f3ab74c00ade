# What to install where, and the message when a library is missing.

DEPS_APT = gcc make pkg-config git libgit2-dev libcurl4-openssl-dev \
	libyaml-dev libcjson-dev libpcre2-dev libcmocka-dev bubblewrap

libraries:
	@if [ -n "$(MISSING)" ]; then \
		echo "missing: $(MISSING)"; exit 1; fi

.PHONY: libraries
