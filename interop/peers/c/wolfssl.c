/* wolfSSL 5. */
#include <wolfssl/options.h>
#include <wolfssl/ssl.h>
#include <stdio.h>
#include <string.h>

#include "peer.h"

static WOLFSSL_CTX *context;
static WOLFSSL *ssl;
static WOLFSSL_SESSION *session;
static int is_server;
static unsigned char psk[64];
static size_t psk_length;

static const char *words_of(int result) {
    static char text[WOLFSSL_MAX_ERROR_SZ];
    return wolfSSL_ERR_error_string((unsigned long)wolfSSL_get_error(ssl, result), text);
}

static void must(const char *what, int result) {
    if (result != WOLFSSL_SUCCESS) fail("error %s: %d", what, result);
}

static char *all_suites(void) {
    static char names[8192];
    must("suites", wolfSSL_get_ciphers(names, sizeof names));
    return names;
}

/* With the versions that it is built with; null for others. */
static WOLFSSL_METHOD *method(void) {
    switch (arg("version")[2]) {
        case '2': return is_server ? wolfTLSv1_2_server_method() : wolfTLSv1_2_client_method();
#ifndef NO_OLD_TLS
        case '1': return is_server ? wolfTLSv1_1_server_method() : wolfTLSv1_1_client_method();
#endif
        default: return NULL;
    }
}

void tls_suites(void) {
    static char names[16384];
    must("suites", wolfSSL_get_ciphers_iana(names, sizeof names));
    for (char *name = strtok(names, ":"); name; name = strtok(NULL, ":")) puts(name);
}

static unsigned take_psk(unsigned char *key, unsigned size) {
    if (size < psk_length) return 0;
    memcpy(key, psk, psk_length);
    return (unsigned)psk_length;
}

static unsigned client_psk(WOLFSSL *on, const char *hint, char *identity, unsigned room, unsigned char *key, unsigned size) {
    (void)on;
    (void)hint;
    snprintf(identity, room, "interop");
    return take_psk(key, size);
}

static unsigned server_psk(WOLFSSL *on, const char *identity, unsigned char *key, unsigned size) {
    (void)on;
    return strcmp(identity, "interop") == 0 ? take_psk(key, size) : 0;
}

void tls_setup(int server) {
    is_server = server;
    wolfSSL_Init();
    context = wolfSSL_CTX_new(method());
    if (!context) fail("error: built without version %s", arg("version"));
    must("suites", wolfSSL_CTX_set_cipher_list(context, all_suites()));
    if (arg("cert")) {
        must("cert", wolfSSL_CTX_use_certificate_chain_file(context, arg("cert")));
        must("key", wolfSSL_CTX_use_PrivateKey_file(context, arg("key"), WOLFSSL_FILETYPE_PEM));
    }
    if (arg("ca")) must("ca", wolfSSL_CTX_load_verify_locations(context, arg("ca"), NULL));
    int demand = WOLFSSL_VERIFY_PEER | (arg("ask") || !server ? 0 : WOLFSSL_VERIFY_FAIL_IF_NO_PEER_CERT);
    wolfSSL_CTX_set_verify(context, arg("ca") ? demand : WOLFSSL_VERIFY_NONE, NULL);
    if (arg("dh")) must("dh", wolfSSL_CTX_SetTmpDH_file(context, arg("dh"), WOLFSSL_FILETYPE_PEM));
    if (arg("ems")) must("ems", wolfSSL_CTX_DisableExtendedMasterSecret(context));
    psk_length = hex("psk", psk, sizeof psk);
    if (psk_length > 0 && server) wolfSSL_CTX_set_psk_server_callback(context, server_psk);
    else if (psk_length > 0) wolfSSL_CTX_set_psk_client_callback(context, client_psk);
    if (!server) must("tickets", wolfSSL_CTX_UseSessionTicket(context));
}

static void say_secure(void) {
    say("secure %s resumed=%d", wolfSSL_get_cipher_name(ssl), wolfSSL_session_reused(ssl));
    const char *label = arg("exporter");
    unsigned char material[32];
    if (!label) return;
    must("exporter", wolfSSL_export_keying_material(ssl, material, sizeof material, label, strlen(label), NULL, 0, 0));
    char digits[65];
    for (size_t i = 0; i < sizeof material; i++) sprintf(digits + 2 * i, "%02x", material[i]);
    say("exporter=%s", digits);
}

int tls_handshake(int fd) {
    ssl = wolfSSL_new(context);
    if (!ssl) fail("error: no connection");
    wolfSSL_set_fd(ssl, fd);
    if (arg("exporter")) wolfSSL_KeepArrays(ssl);
    char protocols[64];
    if (arg("alpn")) {
        snprintf(protocols, sizeof protocols, "%s", arg("alpn"));
        must("alpn", wolfSSL_UseALPN(ssl, protocols, (unsigned)strlen(protocols), WOLFSSL_ALPN_FAILED_ON_MISMATCH));
    }
    if (!is_server) {
        must("name", wolfSSL_UseSNI(ssl, WOLFSSL_SNI_HOST_NAME, "localhost", 9));
        if (arg("ca")) must("name", wolfSSL_check_domain_name(ssl, "localhost"));
    }
    if (session) must("session", wolfSSL_set_session(ssl, session));
    int result = is_server ? wolfSSL_accept(ssl) : wolfSSL_connect(ssl);
    if (result == WOLFSSL_SUCCESS) {
        say_secure();
        return 0;
    }
    say("error handshake: %s", words_of(result));
    return -1;
}

int tls_read(unsigned char *buffer, size_t size) {
    int n = wolfSSL_read(ssl, buffer, (int)size);
    if (n > 0) return n;
    if (wolfSSL_get_error(ssl, n) == WOLFSSL_ERROR_ZERO_RETURN) return 0;
    say("error read: %s", words_of(n));
    return -1;
}

int tls_write(const unsigned char *bytes, size_t size) {
    int n = wolfSSL_write(ssl, bytes, (int)size);
    if (n == (int)size) return 0;
    say("error write: %s", words_of(n));
    return -1;
}

int tls_pending(void) { return wolfSSL_pending(ssl) > 0; }

void tls_keep_session(void) { session = wolfSSL_get1_session(ssl); }

void tls_close(void) {
    wolfSSL_shutdown(ssl);
    wolfSSL_free(ssl);
}
