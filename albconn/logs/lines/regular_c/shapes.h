/* Whether the values of a line stand in their own fields, told by how they begin.
 *
 * It is stricter than ``albconn.logs.lines.shapes``: a line with any value that begins as none of
 * its field's values do is in doubt. Most lines have two values to look at, four bytes each.
 */

#pragma once

#include "dictionary.h"
#include "split_line.h"

#define MOST_BEGINNINGS 8
#define SHORTEST_BEGINNING 4
#define LONGEST_BEGINNING 12

/* Three words that overlap cover all its bytes. */
typedef struct {
    uint32_t first, middle, last, length, middle_at, last_at;
} beginning;

/* A field whose values have a shape; ``own`` to ``stop`` are its beginnings, maybe none. */
typedef struct {
    int place, own, stop;
    int beside; /* the field that has a value exactly where this one has; -1 where none does */
} shaped_field;

typedef struct {
    beginning beginnings[MOST_BEGINNINGS];
    shaped_field fields[MOST_FIELDS];
    int known, count;
} shapes;

static beginning beginning_of(const char *at, uint32_t length)
{
    uint32_t last = length - 4, middle = last < 4 ? last : 4;
    return (beginning){load32(at), load32(at + middle), load32(at + last), length, middle, last};
}

static inline bool begins(const beginning *b, span text)
{
    return text.length >= b->length && load32(text.at) == b->first &&
           load32(text.at + b->middle_at) == b->middle && load32(text.at + b->last_at) == b->last;
}

static inline bool begins_as_one_of(const shapes *s, int from, int stop, span text)
{
    for (int n = from; n < stop; n++)
        if (begins(&s->beginnings[n], text))
            return true;
    return false;
}

/* Say whether each value that is there begins as those of its field, or at least not as those of
 * another. */
static inline bool shapes_fit(const shapes *s, const span *fields, int count)
{
    for (int n = 0; n < s->count; n++) {
        const shaped_field *f = &s->fields[n];
        if (f->place >= count)
            continue;
        if (fields[f->place].length == 0) {
            if (f->beside >= 0 && fields[f->beside].length)
                return false;
            continue;
        }
        bool any = f->own == f->stop;
        int from = any ? 0 : f->own, stop = any ? s->known : f->stop;
        if (begins_as_one_of(s, from, stop, fields[f->place]) == any)
            return false;
    }
    return true;
}
