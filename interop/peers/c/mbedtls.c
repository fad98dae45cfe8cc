/* Mbed TLS 2.28. */
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/net_sockets.h>
#include <mbedtls/ssl.h>
#include <mbedtls/ssl_ticket.h>
#include <mbedtls/version.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "peer.h"

#if MBEDTLS_VERSION_MAJOR != 2
#error "written for Mbed TLS 2"
#endif

static mbedtls_entropy_context entropy;
static mbedtls_ctr_drbg_context drbg;
static mbedtls_ssl_config config;
static mbedtls_ssl_context ssl;
static mbedtls_ssl_session session;
static mbedtls_ssl_ticket_context tickets;
static mbedtls_net_context net;
static int has_session, is_server;

static const char *words_of(int code) {
    static char text[200];
    mbedtls_strerror(code, text, sizeof text);
    return text;
}

static void must(const char *what, int code) {
    if (code != 0) fail("error %s: %s", what, words_of(code));
}

void tls_suites(void) {
    for (const int *id = mbedtls_ssl_list_ciphersuites(); *id; id++) printf("0x%02x,0x%02x\n", *id >> 8, *id & 255);
}

static mbedtls_x509_crt *certificate(const char *path) {
    mbedtls_x509_crt *read = calloc(1, sizeof *read);
    mbedtls_x509_crt_init(read);
    must(path, mbedtls_x509_crt_parse_file(read, path));
    return read;
}

static void set_credentials(void) {
    const char *path;
    for (int i = 0; (path = nth("cert", i)); i++) {
        mbedtls_pk_context *key = calloc(1, sizeof *key);
        mbedtls_pk_init(key);
        must("key", mbedtls_pk_parse_keyfile(key, nth("key", i), NULL));
        must("cert", mbedtls_ssl_conf_own_cert(&config, certificate(path), key));
    }
}

static void set_terms(void) {
    int minor = arg("version")[2] - '0' + 1;
    mbedtls_ssl_conf_min_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    mbedtls_ssl_conf_max_version(&config, MBEDTLS_SSL_MAJOR_VERSION_3, minor);
    if (arg("ems")) mbedtls_ssl_conf_extended_master_secret(&config, MBEDTLS_SSL_EXTENDED_MS_DISABLED);
    if (arg("etm")) mbedtls_ssl_conf_encrypt_then_mac(&config, MBEDTLS_SSL_ETM_DISABLED);
    static unsigned char psk[64];
    size_t length = hex("psk", psk, sizeof psk);
    if (length > 0) must("psk", mbedtls_ssl_conf_psk(&config, psk, length, (const unsigned char *)"interop", 7));
    static const char *protocols[2];
    protocols[0] = arg("alpn");
    if (protocols[0]) must("alpn", mbedtls_ssl_conf_alpn_protocols(&config, protocols));
}

void tls_setup(int server) {
    is_server = server;
    mbedtls_entropy_init(&entropy);
    mbedtls_ctr_drbg_init(&drbg);
    must("seed", mbedtls_ctr_drbg_seed(&drbg, mbedtls_entropy_func, &entropy, NULL, 0));
    mbedtls_ssl_config_init(&config);
    int endpoint = server ? MBEDTLS_SSL_IS_SERVER : MBEDTLS_SSL_IS_CLIENT;
    must("config", mbedtls_ssl_config_defaults(&config, endpoint, MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT));
    mbedtls_ssl_conf_rng(&config, mbedtls_ctr_drbg_random, &drbg);
    set_credentials();
    set_terms();
    if (arg("ca")) mbedtls_ssl_conf_ca_chain(&config, certificate(arg("ca")), NULL);
    int mode = arg("ask") ? MBEDTLS_SSL_VERIFY_OPTIONAL : MBEDTLS_SSL_VERIFY_REQUIRED;
    mbedtls_ssl_conf_authmode(&config, arg("ca") ? mode : MBEDTLS_SSL_VERIFY_NONE);
    mbedtls_ssl_session_init(&session);
    if (!server) return;
    mbedtls_ssl_ticket_init(&tickets);
    must("tickets", mbedtls_ssl_ticket_setup(&tickets, mbedtls_ctr_drbg_random, &drbg, MBEDTLS_CIPHER_AES_256_GCM, 3600));
    mbedtls_ssl_conf_session_tickets_cb(&config, mbedtls_ssl_ticket_write, mbedtls_ssl_ticket_parse, &tickets);
}

int tls_handshake(int fd) {
    net.fd = fd;
    mbedtls_ssl_init(&ssl);
    must("setup", mbedtls_ssl_setup(&ssl, &config));
    if (!is_server) must("name", mbedtls_ssl_set_hostname(&ssl, "localhost"));
    if (has_session) must("session", mbedtls_ssl_set_session(&ssl, &session));
    mbedtls_ssl_set_bio(&ssl, &net, mbedtls_net_send, mbedtls_net_recv, NULL);
    int code = mbedtls_ssl_handshake(&ssl);
    if (code != 0) say("error handshake: %s", words_of(code));
    else say("secure %s", mbedtls_ssl_get_ciphersuite(&ssl));
    return code;
}

int tls_read(unsigned char *buffer, size_t size) {
    int n = mbedtls_ssl_read(&ssl, buffer, size);
    if (n == MBEDTLS_ERR_SSL_PEER_CLOSE_NOTIFY) return 0;
    if (n > 0) return n;
    // Zero: the transport has ended without a word.
    say("error read: %s", n == 0 ? "truncated" : words_of(n));
    return -1;
}

int tls_write(const unsigned char *bytes, size_t size) {
    for (size_t done = 0; done < size;) {
        int n = mbedtls_ssl_write(&ssl, bytes + done, size - done);
        if (n < 0) {
            say("error write: %s", words_of(n));
            return -1;
        }
        done += (size_t)n;
    }
    return 0;
}

int tls_pending(void) { return mbedtls_ssl_check_pending(&ssl); }

void tls_keep_session(void) {
    must("keep", mbedtls_ssl_get_session(&ssl, &session));
    has_session = 1;
}

void tls_close(void) {
    mbedtls_ssl_close_notify(&ssl);
    mbedtls_ssl_free(&ssl);
}
