#include <curl/curl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>

// What Swift cannot call itself: libcurl's functions for options and for what is known of an answer take any number of arguments.

static inline CURLcode ccurl_set_text(CURL *handle, CURLoption option, const char *value) { return curl_easy_setopt(handle, option, value); }

static inline CURLcode ccurl_set_number(CURL *handle, CURLoption option, long value) { return curl_easy_setopt(handle, option, value); }

static inline CURLcode ccurl_set_headers(CURL *handle, struct curl_slist *headers) {
    return curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers);
}

// The bytes are libcurl's own from now on.
static inline CURLcode ccurl_set_body(CURL *handle, const void *bytes, long count) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE, count);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_COPYPOSTFIELDS, bytes) : code;
}

static inline CURLcode ccurl_on_bytes(CURL *handle, size_t (*receive)(char *, size_t, size_t, void *), void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_WRITEDATA, context);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, receive) : code;
}

// Called at least once a second while a transfer goes on; anything but 0 ends it.
static inline CURLcode ccurl_on_progress(
    CURL *handle, int (*look)(void *, curl_off_t, curl_off_t, curl_off_t, curl_off_t), void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    if (code == CURLE_OK) code = curl_easy_setopt(handle, CURLOPT_XFERINFODATA, context);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, look) : code;
}

// Asked for each socket, with the address that it will be connected to.
static inline CURLcode ccurl_on_socket(
    CURL *handle, curl_socket_t (*open)(void *, curlsocktype, struct curl_sockaddr *), void *context) {
    CURLcode code = curl_easy_setopt(handle, CURLOPT_OPENSOCKETDATA, context);
    return code == CURLE_OK ? curl_easy_setopt(handle, CURLOPT_OPENSOCKETFUNCTION, open) : code;
}

// The bytes of an IP address in the network's order, and how many there are; none of any other kind of address. The struct that libcurl
// declares has room for an address of IPv4 only, and its own is larger.
static inline int ccurl_address(const struct curl_sockaddr *to, unsigned char *bytes) {
    const char *address = (const char *)&to->addr;
    if (to->family == AF_INET) {
        memcpy(bytes, address + offsetof(struct sockaddr_in, sin_addr), 4);
        return 4;
    }
    if (to->family == AF_INET6) {
        memcpy(bytes, address + offsetof(struct sockaddr_in6, sin6_addr), 16);
        return 16;
    }
    return 0;
}

// As libcurl opens one itself; no program that is started meanwhile inherits it.
static inline curl_socket_t ccurl_open(const struct curl_sockaddr *to) {
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

static inline long ccurl_status(CURL *handle) {
    long status = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    return status;
}
