/* A column: what its values are, and the room in which they are collected.
 *
 * The rooms are Python's bytes from the start, so that no value is copied at the end; only texts
 * wait as spans, because how long they are together is known when the last line is read.
 */

#pragma once

#include "dictionary.h"
#include "numbers.h"
#include "texts.h"

enum kind { INSTANT, OPTIONAL_INSTANT, PORT, INTEGER, SECONDS, ELAPSED, TEXT, CATEGORY };

#define KIND_LETTERS "Ttpisexc" /* by which Python names them, in the same order */

static const size_t WIDTH[] = {
    [INSTANT] = sizeof(int64_t), [OPTIONAL_INSTANT] = sizeof(int64_t),
    [PORT] = sizeof(int32_t),    [INTEGER] = sizeof(int64_t),
    [SECONDS] = sizeof(double),  [ELAPSED] = sizeof(double),
    [TEXT] = sizeof(span),       [CATEGORY] = sizeof(int32_t),
};

typedef struct {
    enum kind kind;
    bool wanted;
    PyObject *values_object, *validity_object;
    void *values; /* int64, int32, double or int32 codes; TEXT: span, to be copied at the end */
    uint8_t *validity;
    size_t nulls, bytes;
    dictionary distinct;
} column;

typedef union {
    int64_t whole;
    int32_t port;
    double seconds;
} number;

/* Make room for as many rows as there are lines; false with an exception when memory is short. */
static bool make_room(column *c, size_t lines)
{
    size_t bits = (lines + 7) / 8;
    if (lines >= PY_SSIZE_T_MAX / sizeof(span)) {
        PyErr_NoMemory();
        return false;
    }
    c->validity_object = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)bits);
    if (c->validity_object == NULL)
        return false;
    c->validity = (uint8_t *)PyBytes_AsString(c->validity_object);
    memset(c->validity, 0xFF, bits);
    if (c->kind == TEXT) {
        c->values = malloc((lines + 1) * WIDTH[TEXT]);
        if (c->values == NULL)
            PyErr_NoMemory();
        return c->values != NULL;
    }
    c->values_object = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(lines * WIDTH[c->kind]));
    if (c->values_object == NULL)
        return false;
    c->values = PyBytes_AsString(c->values_object);
    return true;
}

static void release_column(column *c)
{
    Py_XDECREF(c->values_object);
    Py_XDECREF(c->validity_object);
    free(c->distinct.data);
    free(c->distinct.offsets);
    free(c->distinct.slots);
    if (c->kind == TEXT)
        free(c->values);
}

/* Read a field's number, if its kind is one; false when in doubt. One that stands for none becomes
 * a missing field. */
static inline bool read_number(enum kind kind, span *field, minute *last, number *value)
{
    span text = *field;
    switch (kind) {
    case INSTANT:
    case OPTIONAL_INSTANT:
        if (text.length == 0)
            return kind == OPTIONAL_INSTANT;
        return read_instant(text, last, &value->whole);
    case PORT:
        return text.length == 0 || read_port(text, &value->port);
    case INTEGER:
        return text.length == 0 || read_integer(text, &value->whole);
    case ELAPSED:
        if (text.length == 2 && text.at[0] == '-' && text.at[1] == '1') {
            field->length = 0;
            return true;
        }
        return text.length == 0 || read_seconds(text, &value->seconds);
    case SECONDS:
        return text.length == 0 || read_seconds(text, &value->seconds);
    case TEXT:
    case CATEGORY:
        break;
    }
    return true;
}

/* Add a field to its column, 0 where it is missing; false when memory is short. */
static inline bool keep_field(column *c, size_t row, const span *text, const number *value,
                              uint64_t seed)
{
    bool missing = text->length == 0;
    if (missing) {
        c->validity[row >> 3] &= (uint8_t)~(1u << (row & 7));
        c->nulls++;
    }
    switch (c->kind) {
    case INSTANT:
    case OPTIONAL_INSTANT:
    case INTEGER:
        ((int64_t *)c->values)[row] = missing ? 0 : value->whole;
        break;
    case PORT:
        ((int32_t *)c->values)[row] = missing ? 0 : value->port;
        break;
    case SECONDS:
    case ELAPSED:
        ((double *)c->values)[row] = missing ? 0 : value->seconds;
        break;
    case TEXT:
        ((span *)c->values)[row] = *text;
        c->bytes += text->length;
        break;
    case CATEGORY: {
        int32_t code = missing ? 0 : code_of(&c->distinct, *text, seed);
        if (code < 0)
            return false;
        ((int32_t *)c->values)[row] = code;
        break;
    }
    }
    return true;
}
