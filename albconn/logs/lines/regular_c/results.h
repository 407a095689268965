/* What is handed back to Python: each column in Arrow's layout, and the lines that were left. */

#pragma once

#include "rows.h"

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

/* Return (nulls, validity, values, texts), or None for a column that nobody asked for. The room
 * of lines that were left is zeroed, so that the same lines give the same bytes. */
static PyObject *result_of(column *c, size_t rows, size_t lines)
{
    if (!c->wanted)
        Py_RETURN_NONE;
    if (c->kind != TEXT)
        memset((char *)c->values + rows * WIDTH[c->kind], 0, (lines - rows) * WIDTH[c->kind]);
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
    for (int n = 0; n < r->column_count; n++) {
        PyObject *made = result_of(&r->columns[n], r->rows, r->lines);
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
