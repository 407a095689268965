/* The regular lines of a block, read in one pass: texts in, Arrow's buffers out.
 *
 * A line is taken only where this reader cannot differ from ``albconn.logs.lines.parse_line``,
 * which defines the format. Whatever is in doubt (an unusual number or time, broken quotes, too
 * few fields, bytes that are not UTF-8) is left to the caller, by its place in the block. So no
 * decision about bad input is made here, and nothing here needs to know a reason.
 *
 * Every pointer moves within one text, and each text ends with a newline: a search for a field's
 * end therefore always ends. Offsets are 32-bit, so all texts together are smaller than 2 GiB.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

/* ---- finding a field's end ------------------------------------------------------------- */

/* The spaces and newlines of 64 bytes, one bit each. A search byte by byte would mispredict the
 * end of nearly every field; this way one branch decides for about five fields. */
typedef struct {
    const char *base, *end;
    uint64_t mask;
} finder;

#if defined(__SSE2__)
static inline uint64_t ends_in(const char *at)
{
    const __m128i space = _mm_set1_epi8(' '), newline = _mm_set1_epi8('\n');
    uint64_t mask = 0;
    for (int n = 0; n < 4; n++) {
        __m128i bytes = _mm_loadu_si128((const __m128i *)(const void *)(at + 16 * n));
        __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(bytes, space), _mm_cmpeq_epi8(bytes, newline));
        mask |= (uint64_t)(uint16_t)_mm_movemask_epi8(hit) << (16 * n);
    }
    return mask;
}
#else
static inline uint64_t ends_in(const char *at)
{
    uint64_t mask = 0;
    for (int n = 0; n < 64; n++)
        mask |= (uint64_t)(at[n] == ' ' || at[n] == '\n') << n;
    return mask;
}
#endif

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
#endif
    return at;
}

static void look_at(finder *f, const char *base)
{
    f->base = base;
    if (f->end - base >= 64) {
        f->mask = ends_in(base);
        return;
    }
    char last[64];
    memset(last, '\n', sizeof last);
    memcpy(last, base, (size_t)(f->end - base));
    f->mask = ends_in(last);
}

/* Return the first space or newline from ``at`` on, which is not before an earlier search's. */
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

/* ---- what is read, and into what --------------------------------------------------------- */

#define MOST_FIELDS 32

enum kind { TIMESTAMP = 't', PORT = 'p', SECONDS = 's', TEXT = 'x', CATEGORY = 'c' };

/* Where a field's value stands; missing values have no length. */
typedef struct {
    const char *at;
    uint32_t length;
} span;

typedef struct {
    uint32_t hash;
    uint32_t code_after;  /* the code plus one; 0 marks an empty slot */
} slot;

/* The distinct values of one column, in the order in which they first appeared, as Arrow holds
 * them: value n is data[offsets[n]] to data[offsets[n + 1]]. */
typedef struct {
    char *data;
    int32_t *offsets;
    slot *slots;
    uint32_t count, room, mask, last;
    size_t data_room;
} dictionary;

typedef struct {
    enum kind kind;
    bool wanted;
    PyObject *values_object, *validity_object;
    void *values;  /* int64, int32, double or int32 codes; TEXT: span, to be copied at the end */
    uint8_t *validity;
    size_t nulls, bytes;
    dictionary distinct;
} column;

/* The minute of the line before, as logged and since 1970: most lines are of the same one. */
typedef struct {
    char text[17];
    int64_t since_1970;
} minute;

typedef struct {
    Py_buffer *texts;
    Py_ssize_t count;
    const char *end;  /* of the text that is read now */
    bool is_ascii;
    uint64_t seed;
    int fields, fewest;
    column columns[MOST_FIELDS + 1];  /* the last one holds what follows the last field */
    finder finder;
    minute minute;
    size_t rows, lines, left;
    int64_t *left_lines;  /* (line, text, start, end) of each line that is not taken */
    size_t left_room;
} reader;

/* ---- lines ------------------------------------------------------------------------------ */

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

/* A line may end with a carriage return and a newline; with two of them it is in doubt. */
static bool without_return(span *text)
{
    if (text->length && text->at[text->length - 1] == '\r')
        text->length--;
    return text->length == 0 || text->at[text->length - 1] != '\r';
}

/* Split a line; return the place after it and the number of its fields, 0 when in doubt. */
static const char *split_line(reader *r, const char *at, span *fields, span *tail, int *count)
{
    *count = 0;
    tail->length = 0;
    for (int n = 0; n < r->fields; n++) {
        const char *start = at;
        if (*at == '"') {
            start++;
            at = closing_quote(start, r->end);
            if (at == NULL)
                return start;
            fields[n] = (span){start, (uint32_t)(at - start)};
            at++;
        } else {
            at = find_end(&r->finder, at);
            fields[n] = (span){start, (uint32_t)(at - start)};
            if (*at == '\n' && !without_return(&fields[n]))
                return at;
            if (fields[n].length == 0)
                return at;
        }
        if (fields[n].length == 1 && *fields[n].at == '-')
            fields[n].length = 0;
        if (*at == '\n') {
            *count = n + 1;
            return at;
        }
        if (*at != ' ')
            return at;
        at++;
    }
    const char *stop = memchr(at, '\n', (size_t)(r->end - at));
    *tail = (span){at, (uint32_t)(stop - at)};
    *count = without_return(tail) ? r->fields : 0;
    return stop;
}

/* ---- values ---------------------------------------------------------------------------- */

/* Read digits [at, at + width); add to *bad whatever was none. */
static inline int64_t digits(const char *at, int width, unsigned *bad)
{
    int64_t value = 0;
    for (int n = 0; n < width; n++) {
        unsigned digit = (unsigned)(unsigned char)at[n] - '0';
        *bad |= digit > 9;
        value = value * 10 + digit;
    }
    return value;
}

/* Days since 1970-01-01 of a date of the proleptic Gregorian calendar (Hinnant, "chrono-
 * Compatible Low-Level Date Algorithms", days_from_civil), for years from 1. */
static int64_t days_since_1970(int64_t year, int64_t month, int64_t day)
{
    year -= month <= 2;
    int64_t era = year / 400;
    int64_t of_era = year - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int64_t days_in(int64_t year, int64_t month)
{
    static const int8_t days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    return days[month - 1] + (month == 2 && leap);
}

/* 2026-09-23T07:11: of a timestamp whose dashes, T and colons are known to be there. */
static bool read_minute(const char *at, minute *last)
{
    unsigned bad = 0;
    int64_t year = digits(at, 4, &bad), month = digits(at + 5, 2, &bad);
    int64_t day = digits(at + 8, 2, &bad), hour = digits(at + 11, 2, &bad);
    int64_t of_hour = digits(at + 14, 2, &bad);
    if (bad || year < 1 || month < 1 || month > 12 || day < 1 || day > days_in(year, month) ||
        hour > 23 || of_hour > 59)
        return false;
    memcpy(last->text, at, sizeof last->text);
    last->since_1970 = (days_since_1970(year, month, day) * 24 + hour) * 60 + of_hour;
    return true;
}

/* 2026-09-23T07:11:27Z with one to six decimals or none, to microseconds since 1970. */
static bool read_timestamp(span text, minute *last, int64_t *instant)
{
    static const int64_t scale[] = {1000000, 100000, 10000, 1000, 100, 10, 1};
    const char *at = text.at;
    uint32_t length = text.length;
    int decimals = length > 20 ? (int)(length - 21) : 0;
    unsigned bad = 0;
    if (length < 20 || length == 21 || decimals > 6 || at[4] != '-' || at[7] != '-' ||
        at[10] != 'T' || at[13] != ':' || at[16] != ':' || at[length - 1] != 'Z' ||
        (decimals && at[19] != '.'))
        return false;
    int64_t second = digits(at + 17, 2, &bad);
    int64_t part = decimals == 6 ? digits(at + 20, 6, &bad)
                                 : digits(at + 20, decimals, &bad) * scale[decimals];
    if (bad || second > 59)
        return false;
    if (memcmp(at, last->text, sizeof last->text) != 0 && !read_minute(at, last))
        return false;
    *instant = (last->since_1970 * 60 + second) * 1000000 + part;
    return true;
}

static bool read_port(span text, int32_t *port)
{
    unsigned bad = 0;
    if (text.length > 5)
        return false;
    *port = (int32_t)digits(text.at, (int)text.length, &bad);
    return !bad && *port <= 65535;
}

/* Seconds such as 0.337. Up to fifteen digits and their power of ten are exact doubles, so one
 * division rounds as correctly as any longer way (Clinger, 1990). */
static bool read_seconds(span text, double *seconds)
{
    static const double power[] = {1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6, 1e7,
                                   1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14};
    uint32_t point = text.length;
    int64_t mantissa = 0;
    if (text.length > 16)
        return false;
    for (uint32_t n = 0; n < text.length; n++) {
        unsigned digit = (unsigned)(unsigned char)text.at[n] - '0';
        if (digit <= 9)
            mantissa = mantissa * 10 + digit;
        else if (text.at[n] == '.' && point == text.length)
            point = n;
        else
            return false;
    }
    if (point == 0 || point + 1 == text.length || (point == text.length && point > 15))
        return false;
    uint32_t decimals = point == text.length ? 0 : text.length - point - 1;
    *seconds = (double)mantissa / power[decimals];
    return true;
}

/* ---- dictionaries ---------------------------------------------------------------------- */

static inline uint64_t load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

static inline uint32_t load32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, 4);
    return word;
}

/* A client chooses some of these texts, so the hash depends on a seed that it does not know. */
static inline uint64_t mixed(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t h = (a ^ (b >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ (h >> 29) ^ b) * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ (h >> 32);
#endif
}

/* The first and the last bytes of a text of less than eight, and its length. */
static inline uint64_t short_word(const char *at, uint32_t length)
{
    if (length >= 4)
        return (uint64_t)load32(at) << 32 | load32(at + length - 4);
    return (uint64_t)(unsigned char)at[0] << 16 | (uint64_t)(unsigned char)at[length / 2] << 8 |
           (unsigned char)at[length - 1];
}

static inline uint32_t hash_of(span text, uint64_t seed)
{
    uint64_t h = seed ^ text.length, factor = seed | 1, last;
    if (text.length < 8) {
        last = short_word(text.at, text.length);
    } else {
        for (uint32_t n = 0; n + 8 < text.length; n += 8)
            h = mixed(h ^ load64(text.at + n), factor);
        last = load64(text.at + text.length - 8);
    }
    h = mixed(h ^ last, factor ^ UINT64_C(0x9E3779B97F4A7C15));
    return (uint32_t)(h ^ (h >> 32));
}

static inline bool is_value(const dictionary *d, uint32_t code, span text)
{
    const char *at = d->data + d->offsets[code];
    if ((uint32_t)(d->offsets[code + 1] - d->offsets[code]) != text.length)
        return false;
    if (text.length < 8)
        return short_word(at, text.length) == short_word(text.at, text.length);
    uint64_t differing = load64(at + text.length - 8) ^ load64(text.at + text.length - 8);
    for (uint32_t n = 0; n + 8 < text.length; n += 8)
        differing |= load64(at + n) ^ load64(text.at + n);
    return differing == 0;
}

static bool grow_slots(dictionary *d)
{
    uint32_t room = d->room ? d->room * 4 : 64;
    int32_t *offsets = realloc(d->offsets, (room + 1) * sizeof *offsets);
    if (offsets == NULL)
        return false;
    d->offsets = offsets;
    slot *slots = calloc((size_t)room * 2, sizeof *slots);
    if (slots == NULL)
        return false;
    uint32_t mask = room * 2 - 1;
    for (uint32_t n = 0; d->slots != NULL && n <= d->mask; n++) {
        if (!d->slots[n].code_after)
            continue;
        uint32_t place = d->slots[n].hash & mask;
        while (slots[place].code_after)
            place = (place + 1) & mask;
        slots[place] = d->slots[n];
    }
    free(d->slots);
    d->slots = slots;
    d->room = room;
    d->mask = mask;
    return true;
}

static bool append_value(dictionary *d, span text)
{
    if (d->count == 0)
        d->offsets[0] = 0;
    size_t used = (size_t)d->offsets[d->count];
    if (used + text.length > d->data_room) {
        size_t room = (used + text.length) * 2 + 256;
        char *data = realloc(d->data, room);
        if (data == NULL)
            return false;
        d->data = data;
        d->data_room = room;
    }
    memcpy(d->data + used, text.at, text.length);
    d->offsets[++d->count] = (int32_t)(used + text.length);
    return true;
}

/* Return the code of a value, a new one if need be; -1 when memory is short. */
static int32_t code_of(dictionary *d, span text, uint64_t seed)
{
    if (d->count && is_value(d, d->last, text))
        return (int32_t)d->last;  /* one load balancer, one node, one status after the other */
    if (d->count == d->room && !grow_slots(d))
        return -1;
    uint32_t hash = hash_of(text, seed);
    uint32_t place = hash & d->mask;
    for (; d->slots[place].code_after; place = (place + 1) & d->mask) {
        uint32_t code = d->slots[place].code_after - 1;
        if (d->slots[place].hash == hash && is_value(d, code, text)) {
            d->last = code;
            return (int32_t)code;
        }
    }
    d->last = d->count;
    d->slots[place] = (slot){hash, d->count + 1};
    return append_value(d, text) ? (int32_t)d->last : -1;
}

/* ---- rows ------------------------------------------------------------------------------ */

/* Say whether bytes are UTF-8: RFC 3629, so no overlong form, no surrogate, at most U+10FFFF. */
static bool is_utf8(const char *text, const char *stop)
{
    const unsigned char *at = (const unsigned char *)text, *end = (const unsigned char *)stop;
    while (at < end) {
        unsigned lead = *at++, lowest = 0x80, highest = 0xBF;
        int more = lead < 0x80 ? 0 : lead < 0xE0 ? 1 : lead < 0xF0 ? 2 : 3;
        if ((lead >= 0x80 && lead < 0xC2) || lead > 0xF4 || end - at < more)
            return false;
        if (lead == 0xE0)
            lowest = 0xA0;
        else if (lead == 0xED)
            highest = 0x9F;
        else if (lead == 0xF0)
            lowest = 0x90;
        else if (lead == 0xF4)
            highest = 0x8F;
        for (; more > 0; more--, at++, lowest = 0x80, highest = 0xBF)
            if (*at < lowest || *at > highest)
                return false;
    }
    return true;
}

/* The numbers of a line; false when one is in doubt. */
typedef struct {
    int64_t instant;
    int32_t port;
    double seconds;
} number;

static bool read_number(reader *r, enum kind kind, span text, number *value)
{
    switch (kind) {
    case TIMESTAMP:
        return read_timestamp(text, &r->minute, &value->instant);
    case PORT:
        return text.length == 0 || read_port(text, &value->port);
    case SECONDS:
        return text.length == 0 || read_seconds(text, &value->seconds);
    default:
        return true;
    }
}

static bool keep(reader *r, const span *fields, const number *numbers)
{
    for (int n = 0; n <= r->fields; n++) {
        column *c = &r->columns[n];
        if (!c->wanted)
            continue;
        bool missing = fields[n].length == 0;
        if (missing) {
            c->validity[r->rows >> 3] &= (uint8_t)~(1u << (r->rows & 7));
            c->nulls++;
        }
        switch (c->kind) {
        case TIMESTAMP:
            ((int64_t *)c->values)[r->rows] = numbers[n].instant;
            break;
        case PORT:
            ((int32_t *)c->values)[r->rows] = missing ? 0 : numbers[n].port;
            break;
        case SECONDS:
            ((double *)c->values)[r->rows] = missing ? 0 : numbers[n].seconds;
            break;
        case TEXT:
            ((span *)c->values)[r->rows] = fields[n];
            c->bytes += fields[n].length;
            break;
        case CATEGORY: {
            int32_t code = missing ? 0 : code_of(&c->distinct, fields[n], r->seed);
            if (code < 0)
                return false;
            ((int32_t *)c->values)[r->rows] = code;
            break;
        }
        }
    }
    r->rows++;
    return true;
}

static bool leave(reader *r, Py_ssize_t n, const char *start, const char *stop)
{
    if (r->left == r->left_room) {
        size_t room = r->left_room ? r->left_room * 2 : 64;
        int64_t *grown = realloc(r->left_lines, room * 4 * sizeof *grown);
        if (grown == NULL)
            return false;
        r->left_lines = grown;
        r->left_room = room;
    }
    int64_t *entry = r->left_lines + 4 * r->left++;
    const char *text = r->texts[n].buf;
    entry[0] = (int64_t)r->lines;
    entry[1] = n;
    entry[2] = start - text;
    entry[3] = stop - text;
    return true;
}

/* Read the lines of one text; false when memory is short. */
static bool read_lines(reader *r, Py_ssize_t text)
{
    span fields[MOST_FIELDS + 1];
    number numbers[MOST_FIELDS + 1];
    const char *at = r->texts[text].buf;
    r->end = at + r->texts[text].len;
    r->finder.end = r->end;
    look_at(&r->finder, at);
    for (; at < r->end; r->lines++) {
        const char *start = at;
        int count;
        at = split_line(r, at, fields, &fields[r->fields], &count);
        bool sure = count >= r->fewest;
        for (int n = 0; sure && n < count; n++)
            sure = read_number(r, r->columns[n].kind, fields[n], &numbers[n]);
        if (!sure)
            at = memchr(at, '\n', (size_t)(r->end - at));
        sure = sure && (r->is_ascii || is_utf8(start, at));
        for (int n = count; n < r->fields; n++)
            fields[n].length = 0;
        at++;
        if (!(sure ? keep(r, fields, numbers) : leave(r, text, start, at)))
            return false;
    }
    return true;
}

/* Count newlines, and note a byte that is not ASCII. The counter is a byte as long as a byte
 * can hold the count: so the compiler takes sixteen of them at a time. */
static size_t count_newlines(const char *at, const char *end, bool *is_ascii)
{
    size_t count = 0;
    uint8_t all = 0;
    while (at < end) {
        const char *stop = end - at > 240 ? at + 240 : end;
        uint8_t some = 0;
        for (; at < stop; at++) {
            some = (uint8_t)(some + (*at == '\n'));
            all = (uint8_t)(all | (uint8_t)*at);
        }
        count += some;
    }
    *is_ascii = *is_ascii && all < 0x80;
    return count;
}

/* ---- Python ---------------------------------------------------------------------------- */

static const size_t WIDTH[128] = {
    [TIMESTAMP] = sizeof(int64_t), [PORT] = sizeof(int32_t), [SECONDS] = sizeof(double),
    [CATEGORY] = sizeof(int32_t),
};

static bool make_room(column *c, size_t lines)
{
    size_t bits = (lines + 7) / 8;
    c->validity_object = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)bits);
    if (c->validity_object == NULL)
        return false;
    c->validity = (uint8_t *)PyBytes_AsString(c->validity_object);
    memset(c->validity, 0xFF, bits);
    if (c->kind == TEXT) {
        c->values = malloc((lines + 1) * sizeof(span));
        if (c->values == NULL)
            PyErr_NoMemory();
        return c->values != NULL;
    }
    Py_ssize_t size = (Py_ssize_t)(lines * WIDTH[c->kind]);
    c->values_object = PyBytes_FromStringAndSize(NULL, size);
    if (c->values_object == NULL)
        return false;
    c->values = PyBytes_AsString(c->values_object);
    return true;
}

static void release(reader *r)
{
    for (int n = 0; n <= r->fields; n++) {
        column *c = &r->columns[n];
        Py_XDECREF(c->values_object);
        Py_XDECREF(c->validity_object);
        free(c->distinct.data);
        free(c->distinct.offsets);
        free(c->distinct.slots);
        if (c->kind == TEXT)
            free(c->values);
    }
    free(r->left_lines);
    for (Py_ssize_t n = 0; n < r->count; n++)
        PyBuffer_Release(&r->texts[n]);
    free(r->texts);
}

/* Copy texts behind each other; return Arrow's (offsets, data). */
static PyObject *joined(const span *texts, size_t count, size_t bytes)
{
    PyObject *offsets = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)((count + 1) * 4));
    PyObject *data = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)bytes);
    if (offsets == NULL || data == NULL) {
        Py_XDECREF(offsets);
        Py_XDECREF(data);
        return NULL;
    }
    int32_t *offset = (int32_t *)(void *)PyBytes_AsString(offsets);
    char *to = PyBytes_AsString(data);
    int32_t done = 0;
    Py_BEGIN_ALLOW_THREADS
    for (size_t n = 0; n < count; n++) {
        offset[n] = done;
        memcpy(to + done, texts[n].at, texts[n].length);
        done += (int32_t)texts[n].length;
    }
    offset[count] = done;
    Py_END_ALLOW_THREADS
    return Py_BuildValue("(NN)", offsets, data);
}

static PyObject *distinct_texts(const dictionary *d)
{
    static const int32_t none[] = {0};
    const int32_t *offsets = d->count ? d->offsets : none;
    return Py_BuildValue("(y#y#)", (const char *)offsets, (Py_ssize_t)((d->count + 1) * 4),
                         d->count ? d->data : "", (Py_ssize_t)offsets[d->count]);
}

/* Return (nulls, validity, values, texts), or None for a column that nobody asked for. */
static PyObject *result_of(column *c, size_t rows)
{
    if (!c->wanted)
        Py_RETURN_NONE;
    PyObject *texts = Py_None;
    if (c->kind == TEXT)
        texts = joined(c->values, rows, c->bytes);
    else if (c->kind == CATEGORY)
        texts = distinct_texts(&c->distinct);
    else
        Py_INCREF(texts);
    if (texts == NULL)
        return NULL;
    return Py_BuildValue("(nOON)", (Py_ssize_t)c->nulls, c->validity_object,
                         c->values_object ? c->values_object : Py_None, texts);
}

static PyObject *result(reader *r)
{
    PyObject *columns = PyList_New(0);
    if (columns == NULL)
        return NULL;
    for (int n = 0; n <= r->fields; n++) {
        PyObject *made = result_of(&r->columns[n], r->rows);
        if (made == NULL || PyList_Append(columns, made) < 0) {
            Py_XDECREF(made);
            Py_DECREF(columns);
            return NULL;
        }
        Py_DECREF(made);
    }
    return Py_BuildValue("(nnNy#)", (Py_ssize_t)r->rows, (Py_ssize_t)r->lines, columns,
                         r->left ? (const char *)r->left_lines : "",
                         (Py_ssize_t)(r->left * 4 * sizeof(int64_t)));
}

static bool set_up(reader *r, const char *kinds, Py_ssize_t fields, const char *wanted,
                   Py_ssize_t flags)
{
    if (fields < 1 || fields > MOST_FIELDS || flags != fields + 1) {
        PyErr_SetString(PyExc_ValueError, "kinds: 1 to 32 expected, and one flag more in wanted");
        return false;
    }
    r->fields = (int)fields;
    for (int n = 0; n <= r->fields; n++) {
        r->columns[n].kind = n < r->fields ? (enum kind)kinds[n] : CATEGORY;
        r->columns[n].wanted = wanted[n] != 0;
        if (strchr("tpsxc", r->columns[n].kind) == NULL) {
            PyErr_SetString(PyExc_ValueError, "kinds: only t, p, s, x and c are known");
            return false;
        }
    }
    size_t lines = 0;
    r->is_ascii = true;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t n = 0; n < r->count; n++) {
        const char *text = r->texts[n].buf;
        lines += count_newlines(text, text + r->texts[n].len, &r->is_ascii);
    }
    Py_END_ALLOW_THREADS
    for (int n = 0; n <= r->fields; n++)
        if (r->columns[n].wanted && !make_room(&r->columns[n], lines))
            return false;
    return true;
}

/* Look at the texts' bytes; false with an exception when they are not whole lines. */
static bool take_texts(reader *r, PyObject *texts)
{
    Py_ssize_t count = PyTuple_Size(texts), size = 0;
    if (count < 0)
        return false;
    r->texts = calloc((size_t)count + 1, sizeof *r->texts);
    if (r->texts == NULL) {
        PyErr_NoMemory();
        return false;
    }
    for (; r->count < count; r->count++) {
        Py_buffer *text = &r->texts[r->count];
        if (PyObject_GetBuffer(PyTuple_GetItem(texts, r->count), text, PyBUF_SIMPLE) < 0)
            return false;
        size += text->len;
        if (size > INT32_MAX || (text->len && ((const char *)text->buf)[text->len - 1] != '\n')) {
            r->count++;
            PyErr_SetString(PyExc_ValueError, "texts: lines of less than 2 GiB expected, each ended");
            return false;
        }
    }
    return true;
}

PyDoc_STRVAR(read_doc,
"read(texts, kinds, wanted, fewest, seed, /)\n--\n\n"
"Read the lines of texts that are regular beyond doubt.\n\n"
"kinds has one letter a field: t(imestamp), p(ort), s(econds), (te)x(t), c(ategory); wanted has\n"
"one byte a field and one for what follows the last, 0 where the caller needs no values.\n\n"
"Returns (rows, lines, columns, left): a column is None or (nulls, validity, values, texts), in\n"
"Arrow's layout, with texts (offsets, data) of a text's values or a category's distinct ones;\n"
"left holds (line, text, start, end), int64, of each line that was not taken.");

static PyObject *read_regular(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *texts, *made = NULL;
    const char *kinds, *wanted;
    Py_ssize_t fields, flags;
    unsigned long long seed;
    reader r = {0};
    if (!PyArg_ParseTuple(args, "O!y#y#iK:read", &PyTuple_Type, &texts, &kinds, &fields, &wanted,
                          &flags, &r.fewest, &seed))
        return NULL;
    r.seed = seed;
    if (take_texts(&r, texts) && set_up(&r, kinds, fields, wanted, flags)) {
        bool enough = true;
        Py_BEGIN_ALLOW_THREADS
        for (Py_ssize_t n = 0; enough && n < r.count; n++)
            enough = read_lines(&r, n);
        Py_END_ALLOW_THREADS
        made = enough ? result(&r) : PyErr_NoMemory();
    }
    release(&r);
    return made;
}

PyDoc_STRVAR(count_lines_doc, "count_lines(text, /)\n--\n\nReturn how many newlines a text has.");

static PyObject *count_lines(PyObject *Py_UNUSED(module), PyObject *args)
{
    Py_buffer text = {0};
    size_t lines;
    bool is_ascii = true;
    if (!PyArg_ParseTuple(args, "y*:count_lines", &text))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    lines = count_newlines(text.buf, (const char *)text.buf + text.len, &is_ascii);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&text);
    return PyLong_FromSize_t(lines);
}

static PyMethodDef methods[] = {
    {"count_lines", count_lines, METH_VARARGS, count_lines_doc},
    {"read", read_regular, METH_VARARGS, read_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "albconn.logs._regular",
    .m_doc = "The regular lines of a block, read in one pass.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__regular(void)
{
    return PyModuleDef_Init(&module);
}
