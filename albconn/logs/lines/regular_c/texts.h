/* The bytes of a text: how many lines they are, whether a carriage return is among them, and
 * whether they are UTF-8. */

#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Where a field's value stands; missing values have no length. */
typedef struct {
    const char *at;
    uint32_t length;
} span;

/* What a text's bytes are, all together. */
typedef struct {
    size_t newlines;
    bool is_ascii, has_return;
} survey;

/* Add a text to a survey. The counters are a byte as long as a byte can hold the count: so the
 * compiler takes sixteen of them at a time. */
static void survey_text(survey *s, const char *at, const char *end)
{
    uint8_t all = 0, returns = 0;
    while (at < end) {
        const char *stop = end - at > 240 ? at + 240 : end;
        uint8_t some = 0;
        for (; at < stop; at++) {
            some = (uint8_t)(some + (*at == '\n'));
            all = (uint8_t)(all | (uint8_t)*at);
            returns = (uint8_t)(returns | (*at == '\r'));
        }
        s->newlines += some;
    }
    s->is_ascii = s->is_ascii && all < 0x80;
    s->has_return = s->has_return || returns;
}

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
