/* Fields that say several things at once, taken apart.
 *
 * ``albconn.schema.parts`` defines the ways. What is unusual there (brackets, a URL without a
 * scheme, no port where one is expected) is in doubt here.
 */

#pragma once

#include "split_line.h"

#define MOST_PARTS 16
#define WAY_LETTERS "ar" /* by which Python names them, in the order of ``ways`` */

typedef bool (*way)(span text, span *parts);

/* A field that is taken apart; ``first`` is the column of its first part. */
typedef struct {
    int place, first, parts;
    way take;
} taken_apart;

/* 203.0.113.7:54414, 2001:db8::1:443 */
static bool take_endpoint(span text, span *parts)
{
    const char *end = text.at + text.length, *at = end;
    while (at > text.at && at[-1] != ':' && end - at < 5)
        at--;
    if (at == text.at || at[-1] != ':' || text.at[0] == '[')
        return false;
    parts[0] = (span){text.at, (uint32_t)(at - 1 - text.at)};
    parts[1] = (span){at, (uint32_t)(end - at)};
    return parts[0].length && parts[1].length;
}

static inline const char *first_of(const char *at, const char *end, char a, char b)
{
    while (at < end && *at != a && *at != b)
        at++;
    return at;
}

/* www.example.com:443; what follows the digits of the port is no part of it. */
static bool take_host(const char *at, const char *end, span *host, span *port)
{
    const char *behind = end, *digits_end;
    while (behind > at && behind[-1] != ':')
        behind--;
    if (behind == at) {
        *host = (span){at, (uint32_t)(end - at)};
        *port = (span){at, 0};
        return at == end || *at != '[';
    }
    for (digits_end = behind; digits_end < end && *digits_end >= '0' && *digits_end <= '9';)
        digits_end++;
    *host = (span){at, (uint32_t)(behind - 1 - at)};
    *port = (span){behind, (uint32_t)(digits_end - behind)};
    return *at != '[' && port->length <= 5;
}

/* GET https://www.example.com:443/a?b=c HTTP/1.1 */
static bool take_request(span text, span *parts)
{
    const char *end = text.at + text.length, *last = end;
    const char *space = memchr(text.at, ' ', text.length);
    if (space == NULL)
        return false;
    while (last[-1] != ' ')
        last--;
    const char *url = space + 1, *stop = last - 1, *at = url;
    while (at < stop && ((*at >= 'a' && *at <= 'z') || (*at >= 'A' && *at <= 'Z')))
        at++;
    if (at == url || stop - at < 3 || at[0] != ':' || at[1] != '/' || at[2] != '/')
        return false;
    const char *host = at + 3, *path = first_of(host, stop, '/', '?');
    const char *query = first_of(path, stop, '?', '?');
    parts[0] = (span){text.at, (uint32_t)(space - text.at)};
    parts[1] = (span){url, (uint32_t)(at - url)};
    parts[4] = (span){path, (uint32_t)(query - path)};
    parts[5] = query < stop ? (span){query + 1, (uint32_t)(stop - query - 1)} : (span){stop, 0};
    parts[6] = (span){last, (uint32_t)(end - last)};
    return take_host(host, path, &parts[2], &parts[3]);
}

static const struct {
    way take;
    int parts;
} ways[] = {{take_endpoint, 2}, {take_request, 7}};

/* Take a field apart, of a line of ``count`` fields; a part that is missing has no length. False
 * when in doubt. */
static bool take_apart(const layout *l, const taken_apart *t, span *fields, int count)
{
    span *parts = &fields[t->first];
    if (t->place >= count || fields[t->place].length == 0) {
        for (int n = 0; n < t->parts; n++)
            parts[n] = (span){fields[0].at, 0};
        return true;
    }
    if (!t->take(fields[t->place], parts))
        return false;
    for (int n = 0; n < t->parts; n++)
        if (parts[n].length && is_null(l, parts[n].at, parts[n].length))
            parts[n].length = 0;
    return true;
}
