/* Instants, ports, integers and seconds: read exactly, or false for what is in doubt. */

#pragma once

#include "texts.h"

#include <string.h>

/* Read digits [at, at + width), at most 18; add to *bad whatever was none. The sum is unsigned,
 * because other bytes than digits may overflow it. */
static inline int64_t digits(const char *at, int width, unsigned *bad)
{
    uint64_t value = 0;
    for (int n = 0; n < width; n++) {
        unsigned digit = (unsigned)(unsigned char)at[n] - '0';
        *bad |= digit > 9;
        value = value * 10 + digit;
    }
    return (int64_t)value;
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

/* The minute of the instant before, as logged and since 1970: most lines are of the same one. */
typedef struct {
    char text[17];
    int64_t since_1970;
} minute;

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
static bool read_instant(span text, minute *last, int64_t *instant)
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

/* A minus or none, and 1 to 18 digits: whatever these are, the number fits. */
static bool read_integer(span text, int64_t *integer)
{
    unsigned bad = 0;
    uint32_t sign = text.at[0] == '-';
    if (text.length == sign || text.length - sign > 18)
        return false;
    int64_t size = digits(text.at + sign, (int)(text.length - sign), &bad);
    if (bad)
        return false;
    *integer = sign ? -size : size;
    return true;
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
