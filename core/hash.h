/* SHA-256 (FIPS 180-4) and CRC-32C (RFC 3720, Castagnoli). */
#ifndef CORE_HASH_H
#define CORE_HASH_H

#include <stddef.h>
#include <stdint.h>

struct sha256 {
	uint32_t state[8];
	uint64_t bytes;
	unsigned char block[64];
};

void sha256_init(struct sha256 *hash);
void sha256_add(struct sha256 *hash, const void *data, size_t len);
void sha256_final(struct sha256 *hash, unsigned char digest[32]);

#define SHA256_HEX 65
/* The digest as lower-case hex, terminated. */
void sha256_hex(struct sha256 *hash, char hex[SHA256_HEX]);
/* All at once. */
void sha256_of(const void *data, size_t len, char hex[SHA256_HEX]);

/* Pass 0 to begin, or an earlier result to go on. */
uint32_t crc32c(uint32_t crc, const void *data, size_t len);

/* Random bytes from the kernel; aborts when it has none. */
void random_bytes(void *out, size_t len);

#endif
