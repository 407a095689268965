/* What Python hands over, looked at before anything relies on it.
 *
 * Each function returns false with an exception that says which argument, what is wrong with it
 * and what is expected.
 */

#pragma once

#include "rows.h"

#include <ctype.h>

static bool refuse_text(PyObject *error, Py_ssize_t place, PyObject *problem)
{
    if (problem != NULL && place < 0)
        PyErr_Format(error, "text: %U", problem);
    else if (problem != NULL)
        PyErr_Format(error, "texts[%zd]: %U", place, problem);
    Py_XDECREF(problem);
    return false;
}

/* Return the object whose bytes a text is. The name is interned, because Python's cache of
 * attributes would keep every other one. */
static PyObject *owner_of(PyObject *text)
{
    if (!PyMemoryView_Check(text))
        return Py_NewRef(text);
    PyObject *name = PyUnicode_InternFromString("obj");
    PyObject *owner = name ? PyObject_GetAttr(text, name) : NULL;
    Py_XDECREF(name);
    return owner;
}

/* Borrow a text's bytes, which are read while other threads run: they must be ones that nobody
 * can change. A read-only view is not enough, as its owner may be a bytearray. */
static bool borrow(PyObject *text, Py_ssize_t place, Py_buffer *view)
{
    PyObject *owner = owner_of(text);
    if (owner == NULL)
        return false;
    if (!PyBytes_CheckExact(owner)) {
        const char *given = owner == text ? "" : "a memoryview of ";
        PyObject *problem = PyUnicode_FromFormat(
            "%s%R given; expected bytes or a memoryview of bytes", given, Py_TYPE(owner));
        Py_DECREF(owner);
        return refuse_text(PyExc_TypeError, place, problem);
    }
    Py_DECREF(owner);
    if (PyObject_GetBuffer(text, view, PyBUF_FULL_RO) < 0)
        return false;
    if (view->ndim == 1 && view->itemsize == 1 && PyBuffer_IsContiguous(view, 'C'))
        return true;
    PyBuffer_Release(view);
    return refuse_text(PyExc_TypeError, place, PyUnicode_FromString(
        "a memoryview with gaps, dimensions or wide items given; expected plain contiguous bytes"));
}

/* The texts are whole lines, and offsets of 32 bits reach all of them. */
static bool take_texts(reader *r, PyObject *texts)
{
    Py_ssize_t count = PyTuple_Size(texts), room = INT32_MAX;
    r->texts = calloc((size_t)count + 1, sizeof *r->texts);
    if (r->texts == NULL) {
        PyErr_NoMemory();
        return false;
    }
    while (r->count < count) {
        Py_ssize_t place = r->count;
        Py_buffer *text = &r->texts[place];
        if (!borrow(PyTuple_GetItem(texts, place), place, text))
            return false;
        r->count++;
        if (text->len > room)
            return refuse_text(PyExc_ValueError, place, PyUnicode_FromString(
                "2 GiB or more with the texts before; expected less in one call"));
        room -= text->len;
        if (text->len && ((const char *)text->buf)[text->len - 1] != '\n')
            return refuse_text(PyExc_ValueError, place, PyUnicode_FromString(
                "the last line has no newline; expected whole lines, each ended by one"));
    }
    return true;
}

static bool take_kinds(reader *r, PyObject *kinds)
{
    Py_ssize_t fields = PyBytes_Size(kinds);
    const char *letters = PyBytes_AsString(kinds);
    if (fields < 1 || fields > MOST_FIELDS) {
        PyErr_Format(PyExc_ValueError, "kinds: %zd letters given; expected 1 to %d, one a field",
                     fields, MOST_FIELDS);
        return false;
    }
    for (int n = 0; n < fields; n++) {
        const char *known = memchr(KIND_LETTERS, letters[n], sizeof KIND_LETTERS - 1);
        if (known == NULL) {
            PyErr_Format(PyExc_ValueError, "kinds[%d]: byte 0x%02x given; expected a letter of %s",
                         n, (unsigned char)letters[n], KIND_LETTERS);
            return false;
        }
        r->columns[n].kind = (enum kind)(known - KIND_LETTERS);
        if (r->columns[n].kind != TEXT && r->columns[n].kind != CATEGORY)
            r->numeric[r->numerics++] = n;
    }
    r->columns[fields].kind = CATEGORY;
    r->layout.fields = (int)fields;
    r->column_count = (int)fields + 1;
    return true;
}

static bool refuse_way(Py_ssize_t number, PyObject *text)
{
    PyErr_Format(PyExc_ValueError, "ways[%zd]: %.80R given; expected the place of a text field, a "
                 "letter of %s and a kind for each of its parts, %d parts in all", number, text,
                 WAY_LETTERS, MOST_PARTS);
    return false;
}

/* One field that is taken apart; its parts are columns behind all others. */
static bool take_way(reader *r, Py_ssize_t number, PyObject *text)
{
    const char *given = PyBytes_AsString(text);
    Py_ssize_t length = PyBytes_Size(text), place = length ? (unsigned char)given[0] : 0;
    const char *letter = length > 1 ? memchr(WAY_LETTERS, given[1], sizeof WAY_LETTERS - 1) : NULL;
    if (letter == NULL || place >= r->layout.fields ||
        (r->columns[place].kind != TEXT && r->columns[place].kind != CATEGORY))
        return refuse_way(number, text);
    taken_apart made = {.place = (int)place, .first = r->column_count,
                        .parts = ways[letter - WAY_LETTERS].parts,
                        .take = ways[letter - WAY_LETTERS].take};
    if (length != 2 + made.parts || r->column_count + made.parts > r->layout.fields + 1 + MOST_PARTS)
        return refuse_way(number, text);
    for (int n = 0; n < made.parts; n++) {
        const char *known = memchr(KIND_LETTERS, given[2 + n], sizeof KIND_LETTERS - 1);
        if (known == NULL || *known == 'T') /* no part of a text is always there */
            return refuse_way(number, text);
        r->columns[r->column_count++].kind = (enum kind)(known - KIND_LETTERS);
    }
    r->apart[r->apart_count++] = made;
    return true;
}

static bool take_ways(reader *r, PyObject *given)
{
    for (Py_ssize_t n = 0; n < PyTuple_Size(given); n++) {
        PyObject *text = PyTuple_GetItem(given, n);
        if (!PyBytes_CheckExact(text)) {
            PyErr_Format(PyExc_TypeError, "ways[%zd]: %R given; expected bytes", n, Py_TYPE(text));
            return false;
        }
        if (!take_way(r, n, text))
            return false;
    }
    return true;
}

static bool take_wanted(reader *r, PyObject *wanted)
{
    Py_ssize_t flags = PyBytes_Size(wanted);
    const char *flag = PyBytes_AsString(wanted);
    if (flags != r->column_count) {
        PyErr_Format(PyExc_ValueError, "wanted: %zd flags given; expected %d, one a field, one "
                     "for what follows the last, and one a part", flags, r->column_count);
        return false;
    }
    for (int n = 0; n < flags; n++)
        r->columns[n].wanted = flag[n] != 0;
    return true;
}

/* A line that ends before an instant that must not be missing has too few fields as well. */
static bool take_fewest(reader *r, PyObject *fewest)
{
    int beyond;
    long long given = PyLong_AsLongLongAndOverflow(fewest, &beyond);
    if (beyond || given < 1 || given > r->layout.fields) {
        PyErr_Format(PyExc_ValueError, "fewest: %.80R given; expected 1 to %d, the number of kinds",
                     fewest, r->layout.fields);
        return false;
    }
    r->layout.fewest = (int)given;
    for (int n = r->layout.fewest; n < r->layout.fields; n++)
        if (r->columns[n].kind == INSTANT)
            r->layout.fewest = n + 1;
    return true;
}

/* A byte that may stand in a number, an instant, a quoted text or a character beyond ASCII, or
 * ends a line, would cut where a field does not end. */
static bool take_delimiter(reader *r, PyObject *delimiter)
{
    const char *given = PyBytes_AsString(delimiter);
    unsigned char byte = (unsigned char)given[0];
    if (PyBytes_Size(delimiter) != 1) {
        PyErr_Format(PyExc_ValueError, "delimiter: %.80R given; expected one byte", delimiter);
        return false;
    }
    if (byte >= 0x80 || isalnum(byte) || memchr("\"\\\n\r-.:", byte, 7) != NULL) {
        PyErr_Format(PyExc_ValueError, "delimiter: %R may stand inside a field; expected an ASCII "
                     "byte such as a space, a tab or a comma", delimiter);
        return false;
    }
    r->layout.delimiter = (char)byte;
    return true;
}

/* A null with one of the bytes that shape a line would be missing only in some places. */
static bool take_null(reader *r, PyObject *null)
{
    Py_ssize_t length = PyBytes_Size(null);
    const char *given = PyBytes_AsString(null);
    if (length < 1 || length > LONGEST_NULL) {
        PyErr_Format(PyExc_ValueError, "null: %.80R given; expected 1 to %d bytes", null,
                     LONGEST_NULL);
        return false;
    }
    for (Py_ssize_t n = 0; n < length; n++)
        if (given[n] == r->layout.delimiter || memchr("\"\\\n\r", given[n], 4) != NULL) {
            PyErr_Format(PyExc_ValueError, "null: %R given; expected no delimiter, quote, "
                         "backslash or line end in it", null);
            return false;
        }
    memcpy(r->layout.null, given, (size_t)length);
    r->layout.null_length = (uint32_t)length;
    return true;
}

#define BESIDE 0x80 /* plus the field's place */

static bool refuse_shape(Py_ssize_t place, PyObject *text)
{
    PyErr_Format(PyExc_ValueError, "shapes[%zd]: %.80R given; expected beginnings of %d to %d "
                 "bytes, one a line, %d in all, or one newline", place, text, SHORTEST_BEGINNING,
                 LONGEST_BEGINNING, MOST_BEGINNINGS);
    return false;
}

/* A field's beginnings, one a line; a newline alone where any other field's are none of its own. A
 * byte before them may name the field beside it. */
static bool take_shape(shapes *s, int place, int fields, PyObject *text)
{
    const char *at = PyBytes_AsString(text), *end = at + PyBytes_Size(text);
    int own = s->known, beside = -1;
    if (at == end)
        return true;
    if ((unsigned char)*at >= BESIDE)
        beside = (unsigned char)*at++ - BESIDE;
    if (beside >= fields)
        return refuse_shape(place, text);
    if (end - at == 1 && *at == '\n')
        at = end;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at));
        stop = stop ? stop : end;
        if (s->known == MOST_BEGINNINGS || stop - at < SHORTEST_BEGINNING ||
            stop - at > LONGEST_BEGINNING)
            return refuse_shape(place, text);
        s->beginnings[s->known++] = beginning_of(at, (uint32_t)(stop - at));
        at = stop < end ? stop + 1 : end;
    }
    s->fields[s->count++] = (shaped_field){place, own, s->known, beside};
    return true;
}

static bool take_shapes(reader *r, PyObject *given)
{
    Py_ssize_t count = PyTuple_Size(given);
    if (count != r->layout.fields) {
        PyErr_Format(PyExc_ValueError, "shapes: %zd texts given; expected %d, one a field", count,
                     r->layout.fields);
        return false;
    }
    for (int n = 0; n < count; n++) {
        PyObject *text = PyTuple_GetItem(given, n);
        if (!PyBytes_CheckExact(text)) {
            PyErr_Format(PyExc_TypeError, "shapes[%d]: %R given; expected bytes", n, Py_TYPE(text));
            return false;
        }
        if (!take_shape(&r->shapes, n, r->layout.fields, text))
            return false;
    }
    return true;
}
