/* The regular lines of a block, read in one pass: texts in, Arrow's buffers out.
 *
 * A line is taken only where this reader cannot differ from ``albconn.logs.lines.exact``, which
 * defines the format. Whatever is in doubt (an unusual number or time, broken quotes, too few or
 * shifted fields, a stray carriage return, bytes that are not UTF-8) is left to the caller, by its place in the block. So no
 * decision about bad input is made here, and nothing here needs to know a reason.
 *
 * Every pointer moves within one text, and each text ends with a newline: a search for a field's
 * end therefore always ends. Offsets are 32-bit, so all texts together are smaller than 2 GiB.
 *
 * The parts are headers of one translation unit, because the compiler must see a line's whole way
 * at once to be this fast; each includes only those above it:
 *
 *     regular_c/texts.h       bytes, newlines, UTF-8
 *     regular_c/field_ends.h  where a field ends
 *     regular_c/split_line.h  a line's fields
 *     regular_c/parts.h       fields that say several things, taken apart
 *     regular_c/shapes.h      whether its values stand in their fields
 *     regular_c/numbers.h     instants, ports, integers, seconds
 *     regular_c/dictionary.h  distinct values and their codes
 *     regular_c/columns.h     the room of one column
 *     regular_c/rows.h        all lines, all columns
 *     regular_c/arguments.h   what Python hands over, checked
 *     regular_c/results.h     what it gets back
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include "regular_c/arguments.h"
#include "regular_c/results.h"

/* Count the lines and make room for as many rows; false with an exception. */
static bool make_rooms(reader *r)
{
    survey all = {.is_ascii = true};
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t n = 0; n < r->count; n++) {
        const char *text = r->texts[n].buf;
        survey_text(&all, text, text + r->texts[n].len);
    }
    Py_END_ALLOW_THREADS
    r->is_ascii = all.is_ascii;
    r->has_return = all.has_return;
    for (int n = 0; n < r->column_count; n++)
        if (r->columns[n].wanted && !make_room(&r->columns[n], all.newlines))
            return false;
    return true;
}

static PyObject *read_texts(reader *r)
{
    bool enough = true;
    if (!make_rooms(r))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    for (Py_ssize_t n = 0; enough && n < r->count; n++)
        enough = read_lines(r, n);
    Py_END_ALLOW_THREADS
    return enough ? result(r) : PyErr_NoMemory();
}

PyDoc_STRVAR(read_doc,
"read(texts, kinds, wanted, fewest, delimiter, null, seed, shapes=(), ways=(), /)\n--\n\n"
"Read the lines of texts that are regular beyond doubt.\n\n"
"texts is a tuple of bytes, or of memoryviews of bytes: whole lines, each ended by a newline.\n"
"kinds has one letter a field: T (instant that must not be missing), t (instant), p (port,\n"
"int32), i (integer, int64), s (seconds, double), e (the same, missing where it is -1), x (text),\n"
"c (category). wanted has one byte a field, one for what follows the last, and one a part, 0 where\n"
"the caller needs no values. A line of less than fewest fields is in doubt. delimiter is the byte\n"
"between fields, null the text of a missing value. seed keeps clients from choosing where their texts are hashed; its lowest 64\n"
"bits count. shapes has one text a field: how its values begin, a beginning of 4 to 12 bytes a\n"
"line; none where they have no shape, a newline where they may begin with anything but another\n"
"field's beginning. Before them, a byte of 128 plus a place names the field that has a value\n"
"exactly where this one has. A line whose values do not fit is in doubt. ways has one text a\n"
"field that is taken apart: a byte for its place, a (address and port) or r (request), and one\n"
"letter a part.\n\n"
"Returns (rows, lines, columns, left): a column is None or (nulls, validity, values, texts), in\n"
"Arrow's layout, with texts (offsets, data) of a text's values or a category's distinct ones;\n"
"missing values are 0. left holds (line, text, start, end), int64, of each line that was not\n"
"taken.");

static PyObject *read_regular(PyObject *Py_UNUSED(module), PyObject *args)
{
    PyObject *texts, *kinds, *wanted, *fewest, *delimiter, *null, *shapes = NULL, *apart = NULL;
    PyObject *made = NULL;
    unsigned long long seed;
    if (!PyArg_ParseTuple(args, "O!SSO!SSK|O!O!:read", &PyTuple_Type, &texts, &kinds, &wanted,
                          &PyLong_Type, &fewest, &delimiter, &null, &seed, &PyTuple_Type,
                          &shapes, &PyTuple_Type, &apart))
        return NULL;
    reader r = {.seed = seed};
    if (take_kinds(&r, kinds) && (apart == NULL || take_ways(&r, apart)) &&
        take_wanted(&r, wanted) && take_fewest(&r, fewest) && take_delimiter(&r, delimiter) &&
        take_null(&r, null) && (shapes == NULL || take_shapes(&r, shapes)) &&
        take_texts(&r, texts))
        made = read_texts(&r);
    release(&r);
    return made;
}

PyDoc_STRVAR(count_lines_doc, "count_lines(text, /)\n--\n\nReturn how many newlines a text has.");

static PyObject *count_lines(PyObject *Py_UNUSED(module), PyObject *text)
{
    Py_buffer view;
    survey all = {.is_ascii = true};
    if (!borrow(text, -1, &view))
        return NULL;
    Py_BEGIN_ALLOW_THREADS
    survey_text(&all, view.buf, (const char *)view.buf + view.len);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&view);
    return PyLong_FromSize_t(all.newlines);
}

static PyMethodDef methods[] = {
    {"count_lines", count_lines, METH_O, count_lines_doc},
    {"read", read_regular, METH_VARARGS, read_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {{0, NULL}};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "albconn.logs.lines._regular",
    .m_doc = "The regular lines of a block, read in one pass.",
    .m_methods = methods,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__regular(void)
{
    return PyModuleDef_Init(&module);
}
