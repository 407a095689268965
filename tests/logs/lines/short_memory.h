/* Put before the compiled reader by a test: one of its requests for memory fails, to order.
 *
 * ``let_requests_pass(n)`` lets n of them pass; the next one fails, and all after it pass again.
 */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>

#include <stdarg.h>
#include <stdlib.h>

static long passes = -1;

void let_requests_pass(long count);
long passes_left(void);

void let_requests_pass(long count)
{
    passes = count;
}

/* Return how many requests would pass still; -1 when one has failed. */
long passes_left(void)
{
    return passes;
}

static int fails(void)
{
    return passes >= 0 && passes-- == 0;
}

static inline void *short_malloc(size_t size)
{
    return fails() ? NULL : malloc(size);
}

static inline void *short_calloc(size_t count, size_t size)
{
    return fails() ? NULL : calloc(count, size);
}

static inline void *short_realloc(void *old, size_t size)
{
    return fails() ? NULL : realloc(old, size);
}

static inline PyObject *short_bytes(const char *content, Py_ssize_t size)
{
    return fails() ? PyErr_NoMemory() : PyBytes_FromStringAndSize(content, size);
}

static inline PyObject *short_list(Py_ssize_t size)
{
    return fails() ? PyErr_NoMemory() : PyList_New(size);
}

static inline int short_append(PyObject *list, PyObject *entry)
{
    return fails() ? (PyErr_NoMemory(), -1) : PyList_Append(list, entry);
}

/* What was to be built in is consumed also where building fails: so Python does it. */
static inline PyObject *short_build(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    PyObject *made = Py_VaBuildValue(format, values);
    va_end(values);
    if (!fails())
        return made;
    Py_XDECREF(made);
    return PyErr_NoMemory();
}

#undef Py_BuildValue
#define Py_BuildValue short_build
#define malloc short_malloc
#define calloc short_calloc
#define realloc short_realloc
#define PyBytes_FromStringAndSize short_bytes
#define PyList_New short_list
#define PyList_Append short_append
