/* Where a field ends: at a delimiter or a newline, a quoted one at the quote that closes it.
 *
 * The text ends with a newline, so every search ends within it.
 */

#pragma once

#include <stdint.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* The delimiters and newlines of 64 bytes, one bit each. A search byte by byte would mispredict
 * the end of nearly every field; this way one branch decides for about five fields. */
#if defined(__SSE2__)
typedef __m128i delimiters; /* sixteen times the one byte */

static inline delimiters delimiters_of(char byte)
{
    return _mm_set1_epi8(byte);
}

static inline uint64_t ends_in(const char *at, delimiters wanted)
{
    const __m128i newline = _mm_set1_epi8('\n');
    uint64_t mask = 0;
    for (int n = 0; n < 4; n++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * n));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, wanted), _mm_cmpeq_epi8(bytes, newline));
        mask |= (uint64_t)(uint16_t)_mm_movemask_epi8(hit) << (16 * n);
    }
    return mask;
}
#else
typedef char delimiters;

static inline delimiters delimiters_of(char byte)
{
    return byte;
}

static inline uint64_t ends_in(const char *at, delimiters wanted)
{
    uint64_t mask = 0;
    for (int n = 0; n < 64; n++)
        mask |= (uint64_t)(at[n] == wanted || at[n] == '\n') << n;
    return mask;
}
#endif

typedef struct {
    const char *base, *end;
    uint64_t mask;
    delimiters wanted;
} finder;

static inline int lowest_bit(uint64_t mask)
{
#if defined(__GNUC__)
    return __builtin_ctzll(mask);
#else
    int place = 0;
    for (; !(mask & 1); mask >>= 1)
        place++;
    return place;
#endif
}

static void look_at(finder *f, const char *base)
{
    f->base = base;
    if (f->end - base >= 64) {
        f->mask = ends_in(base, f->wanted);
        return;
    }
    char last[64];
    memset(last, '\n', sizeof last);
    memcpy(last, base, (size_t)(f->end - base));
    f->mask = ends_in(last, f->wanted);
}

static finder finder_in(const char *text, const char *end, char delimiter)
{
    finder made = {.end = end, .wanted = delimiters_of(delimiter)};
    look_at(&made, text);
    return made;
}

/* Return the first delimiter or newline from ``at`` on, which is not before an earlier search's. */
static inline const char *find_end(finder *f, const char *at)
{
    if (at - f->base >= 64)
        look_at(f, at);
    uint64_t mask = f->mask >> (at - f->base);
    if (mask)
        return at + lowest_bit(mask);
    do
        look_at(f, f->base + 64);
    while (!f->mask);
    return f->base + lowest_bit(f->mask);
}

/* Return a place from which on the first of three bytes is to be sought: as far on as sixteen
 * bytes at a time show. */
static inline const char *first_of_three(const char *at, const char *end, char a, char b, char c)
{
#if defined(__SSE2__)
    const __m128i as = _mm_set1_epi8(a), bs = _mm_set1_epi8(b), cs = _mm_set1_epi8(c);
    for (; end - at >= 16; at += 16) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)at);
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, as), _mm_cmpeq_epi8(bytes, bs));
        int mask = _mm_movemask_epi8(_mm_or_si128(hit, _mm_cmpeq_epi8(bytes, cs)));
        if (mask)
            return at + lowest_bit((uint64_t)mask);
    }
#else
    (void)end, (void)a, (void)b, (void)c;
#endif
    return at;
}

/* Return the quote that ends a quoted text, or NULL; a backslash takes the next byte along. */
static const char *closing_quote(const char *at, const char *end)
{
    at = first_of_three(at, end, '"', '\\', '\n');
    for (; *at != '"'; at++) {
        if (*at == '\\')
            at++;
        if (*at == '\n')
            return NULL;
    }
    return at;
}

/* The same where a backslash is a byte like any other, and a quote inside is doubled: what follows
 * the quote that is found tells whether it was one of two. */
static const char *closing_doubled(const char *at, const char *end)
{
    at = first_of_three(at, end, '"', '\n', '\n');
    for (; *at != '"'; at++)
        if (*at == '\n')
            return NULL;
    return at;
}
