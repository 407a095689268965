/* A line that is a flat JSON object becomes its fields, found by their names, or is in doubt.
 *
 * Strings without a backslash, plain numbers and null are taken as they stand; a name that is not
 * known or comes twice, an escape, true, false and whatever is nested are in doubt. Names mostly
 * come in the same order, so each is looked for behind the one before it first.
 */

#pragma once

#include "split_line.h"

static inline const char *skip_blanks(const char *at)
{
    while (*at == ' ' || *at == '\t')
        at++;
    return at;
}

static inline bool is_name(const span *name, const char *at, const char *end)
{
    return end - at > name->length && memcmp(at, name->at, name->length) == 0;
}

/* Return the place of the name that stands at ``at``, -1 where none is known to. */
static inline int name_at(const layout *l, const char *at, const char *end, int expected)
{
    if (expected < l->fields && is_name(&l->names[expected], at, end))
        return expected;
    for (int n = 0; n < l->fields; n++)
        if (is_name(&l->names[n], at, end))
            return n;
    return -1;
}

/* Return the end of a number such as 0, 443 or 0.057; NULL for one that is written otherwise. */
static inline const char *number_end(const char *at)
{
    const char *first = at;
    while (*at >= '0' && *at <= '9')
        at++;
    if (at == first || (*first == '0' && at - first > 1))
        return NULL;
    if (*at != '.')
        return at;
    const char *point = at++;
    while (*at >= '0' && *at <= '9')
        at++;
    return at - point > 1 ? at : NULL;
}

/* Take the value that begins at ``at``; return the place after it, NULL when in doubt. */
static inline const char *take_member(const layout *l, const char *at, const char *end, span *field)
{
    const char *stop;
    if (*at == '"') {
        stop = first_of_three(++at, end, '"', '\\', '\n');
        while (*stop != '"' && *stop != '\\' && *stop != '\n')
            stop++;
        if (*stop != '"')
            return NULL;
        *field = (span){at, (uint32_t)(stop - at)};
        stop++;
    } else if (end - at > 4 && memcmp(at, "null", 4) == 0) {
        *field = (span){at, 0};
        stop = at + 4;
    } else {
        stop = number_end(at);
        if (stop == NULL)
            return NULL;
        *field = (span){at, (uint32_t)(stop - at)};
    }
    if (field->length && is_null(l, field->at, field->length))
        field->length = 0;
    return stop;
}

/* Split a line into its fields; see ``split_line``. Those that it lacks are missing. */
static const char *split_object(const layout *l, const char *end, const char *at, span *fields,
                                int *count)
{
    uint64_t seen = 0;
    int expected = 0;
    for (int n = 0; n <= l->fields; n++)
        fields[n] = (span){at, 0};
    at = skip_blanks(at);
    if (*at != '{')
        return NULL;
    do {
        at = skip_blanks(at + 1);
        int n = name_at(l, at, end, expected);
        if (n < 0 || seen >> n & 1)
            return NULL;
        seen |= (uint64_t)1 << n;
        expected = n + 1;
        at = skip_blanks(at + l->names[n].length);
        if (*at != ':')
            return NULL;
        at = take_member(l, skip_blanks(at + 1), end, &fields[n]);
        if (at == NULL)
            return NULL;
        at = skip_blanks(at);
    } while (*at == ',');
    if (*at != '}')
        return NULL;
    at = skip_blanks(at + 1);
    if (*at == '\r')
        at++;
    *count = l->fields;
    return *at == '\n' ? at : NULL;
}
