/* A line becomes its fields, or is in doubt. */

#pragma once

#include "field_ends.h"
#include "texts.h"

#define MOST_FIELDS 64
#define LONGEST_NULL 8

/* What all lines of a call have in common. */
typedef struct {
    int fields, fewest;
    char delimiter;
    char null[LONGEST_NULL]; /* the text of a missing value */
    uint32_t null_length;
    int lead;                      /* words before the record, a space behind each */
    bool empties, doubled, closed; /* see ``options`` in _regular.c */
    bool objects;                  /* lines are JSON objects, with these names, quotes included */
    span names[MOST_FIELDS];
} layout;

/* A line may end with a carriage return and a newline; with two of them it is in doubt. */
static bool without_return(span *text)
{
    if (text->length && text->at[text->length - 1] == '\r')
        text->length--;
    return text->length == 0 || text->at[text->length - 1] != '\r';
}

/* The first byte is compared here, because the null is nearly always a single one. */
static inline bool is_null(const layout *l, const char *text, uint32_t length)
{
    return length == l->null_length && text[0] == l->null[0] &&
           (length == 1 || memcmp(text, l->null, length) == 0);
}

/* Take the field that begins at ``at``; return the place after it, NULL when in doubt. */
static inline const char *take_field(const layout *l, finder *f, const char *at, span *field)
{
    const char *end;
    if (*at == '"') {
        at++;
        end = l->doubled ? closing_doubled(at, f->end) : closing_quote(at, f->end);
        if (end == NULL)
            return NULL;
        *field = (span){at, (uint32_t)(end - at)};
        end++;
    } else {
        end = find_end(f, at);
        *field = (span){at, (uint32_t)(end - at)};
        if (*end == '\n' && !without_return(field))
            return NULL;
        if (field->length == 0 && !l->empties)
            return NULL;
    }
    if (is_null(l, field->at, field->length))
        field->length = 0;
    return end;
}

/* Return where the record of a line begins, NULL where the line ends before it. */
static inline const char *skip_lead(const layout *l, const char *at)
{
    for (int n = 0; n < l->lead; n++) {
        while (*at != ' ' && *at != '\n')
            at++;
        if (*at++ == '\n')
            return NULL;
    }
    return at;
}

/* Split a line into its fields and, behind the last, what follows them; return its newline, and
 * in ``count`` how many fields it has. NULL when in doubt. */
static const char *split_line(const layout *l, finder *f, const char *at, span *fields, int *count)
{
    span *tail = &fields[l->fields];
    *tail = (span){at, 0};
    for (int n = 0; n < l->fields; n++) {
        at = take_field(l, f, at, &fields[n]);
        if (at == NULL)
            return NULL;
        if (*at != l->delimiter) {
            *count = n + 1;
            return *at == '\n' ? at : NULL;
        }
        at++;
    }
    if (l->closed)
        return NULL;
    const char *stop = memchr(at, '\n', (size_t)(f->end - at));
    *tail = (span){at, (uint32_t)(stop - at)};
    *count = l->fields;
    return without_return(tail) ? stop : NULL;
}
