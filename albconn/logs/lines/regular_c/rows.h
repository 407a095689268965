/* The lines of a call: each becomes a row, or is left to the caller. */

#pragma once

#include "columns.h"
#include "parts.h"
#include "shapes.h"

#if defined(__GNUC__)
#define APART __attribute__((noinline))
#else
#define APART
#endif

#define MOST_COLUMNS (MOST_FIELDS + 1 + MOST_PARTS)

typedef struct {
    Py_buffer *texts;
    Py_ssize_t count;
    bool is_ascii, has_return;
    uint64_t seed;
    layout layout;
    shapes shapes;
    /* The fields', that of what follows the last one, and those of their parts. */
    column columns[MOST_COLUMNS];
    int column_count;
    taken_apart apart[MOST_PARTS];
    int apart_count;
    int numeric[MOST_FIELDS], numerics; /* which fields hold numbers: most do not */
    minute minute;
    size_t rows, lines, left;
    int64_t *left_lines; /* (line, text, start, end) of each line that is not taken */
    size_t left_room;
} reader;

static void release(reader *r)
{
    for (int n = 0; n < r->column_count; n++)
        release_column(&r->columns[n]);
    free(r->left_lines);
    for (Py_ssize_t n = 0; n < r->count; n++)
        PyBuffer_Release(&r->texts[n]);
    free(r->texts);
}

/* Read the numbers of a line and look at its shapes; false when in doubt. Not inlined: where either
 * is, gcc has too few registers left for the loop around it, and all takes 2 to 5 % longer. */
static APART bool read_values(reader *r, span *fields, int count, number *numbers)
{
    for (int m = 0; m < r->numerics && r->numeric[m] < count; m++) {
        int n = r->numeric[m];
        if (!read_number(r->columns[n].kind, &fields[n], &r->minute, &numbers[n]))
            return false;
    }
    return shapes_fit(&r->shapes, fields, count);
}

/* Take fields apart and read what of them are numbers; false when in doubt. */
static APART bool read_parts(reader *r, span *fields, int count, number *numbers)
{
    for (int m = 0; m < r->apart_count; m++)
        if (!take_apart(&r->layout, &r->apart[m], fields, count))
            return false;
    for (int n = r->layout.fields + 1; n < r->column_count; n++)
        if (!read_number(r->columns[n].kind, &fields[n], &r->minute, &numbers[n]))
            return false;
    return true;
}

static bool keep(reader *r, const span *fields, const number *numbers)
{
    for (int n = 0; n < r->column_count; n++)
        if (r->columns[n].wanted &&
            !keep_field(&r->columns[n], r->rows, &fields[n], &numbers[n], r->seed))
            return false;
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

/* Say whether a carriage return stands in a line, but before its newline. */
static bool has_stray_return(const char *start, const char *newline)
{
    const char *found = memchr(start, '\r', (size_t)(newline - start));
    return found != NULL && found + 1 != newline;
}

/* Read the lines of one text; false when memory is short. */
static bool read_lines(reader *r, Py_ssize_t text)
{
    span fields[MOST_COLUMNS];
    number numbers[MOST_COLUMNS] = {0};
    const char *at = r->texts[text].buf, *end = at + r->texts[text].len;
    finder ends = finder_in(at, end, r->layout.delimiter);
    for (; at < end; r->lines++) {
        const char *start = at;
        int count = 0;
        at = split_line(&r->layout, &ends, start, fields, &count);
        bool sure = count >= r->layout.fewest && at != NULL &&
                    read_values(r, fields, count, numbers) &&
                    (!r->apart_count || read_parts(r, fields, count, numbers));
        if (at == NULL)
            at = memchr(start, '\n', (size_t)(end - start));
        sure = sure && (r->is_ascii || is_utf8(start, at)) &&
               !(r->has_return && has_stray_return(start, at));
        for (int n = count; n < r->layout.fields; n++)
            fields[n] = (span){start, 0};
        at++;
        if (!(sure ? keep(r, fields, numbers) : leave(r, text, start, at)))
            return false;
    }
    return true;
}
