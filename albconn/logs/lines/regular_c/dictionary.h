/* The distinct values of a column, each with its code. */

#pragma once

#include "texts.h"

#include <stdlib.h>
#include <string.h>

typedef struct {
    uint32_t hash;
    uint32_t code_after;  /* the code plus one; 0 marks an empty slot */
} slot;

/* The distinct values of one column, in the order in which they first appeared, as Arrow holds
 * them: value n is data[offsets[n]] to data[offsets[n + 1]]. */
typedef struct {
    char *data;
    int32_t *offsets;
    slot *slots;
    uint32_t count, room, mask, last;
    size_t data_room;
} dictionary;

static inline uint64_t load64(const char *at)
{
    uint64_t word;
    memcpy(&word, at, 8);
    return word;
}

static inline uint32_t load32(const char *at)
{
    uint32_t word;
    memcpy(&word, at, 4);
    return word;
}

/* A client chooses some of these texts, so the hash depends on a seed that it does not know. */
static inline uint64_t mixed(uint64_t a, uint64_t b)
{
#ifdef __SIZEOF_INT128__
    unsigned __int128 product = (unsigned __int128)a * b;
    return (uint64_t)product ^ (uint64_t)(product >> 64);
#else
    uint64_t h = (a ^ (b >> 32)) * UINT64_C(0x9E3779B97F4A7C15);
    h = (h ^ (h >> 29) ^ b) * UINT64_C(0xBF58476D1CE4E5B9);
    return h ^ (h >> 32);
#endif
}

/* The first and the last bytes of a text of less than eight, and its length. */
static inline uint64_t short_word(const char *at, uint32_t length)
{
    if (length >= 4)
        return (uint64_t)load32(at) << 32 | load32(at + length - 4);
    return (uint64_t)(unsigned char)at[0] << 16 | (uint64_t)(unsigned char)at[length / 2] << 8 |
           (unsigned char)at[length - 1];
}

static inline uint32_t hash_of(span text, uint64_t seed)
{
    uint64_t h = seed ^ text.length, factor = seed | 1, last;
    if (text.length < 8) {
        last = short_word(text.at, text.length);
    } else {
        for (uint32_t n = 0; n + 8 < text.length; n += 8)
            h = mixed(h ^ load64(text.at + n), factor);
        last = load64(text.at + text.length - 8);
    }
    h = mixed(h ^ last, factor ^ UINT64_C(0x9E3779B97F4A7C15));
    return (uint32_t)(h ^ (h >> 32));
}

static inline bool is_value(const dictionary *d, uint32_t code, span text)
{
    const char *at = d->data + d->offsets[code];
    if ((uint32_t)(d->offsets[code + 1] - d->offsets[code]) != text.length)
        return false;
    if (text.length < 8)
        return short_word(at, text.length) == short_word(text.at, text.length);
    uint64_t differing = load64(at + text.length - 8) ^ load64(text.at + text.length - 8);
    for (uint32_t n = 0; n + 8 < text.length; n += 8)
        differing |= load64(at + n) ^ load64(text.at + n);
    return differing == 0;
}

/* Less than 2 GiB of texts hold fewer than 2^29 distinct values, so the room fits 32 bits. */
static bool grow_slots(dictionary *d)
{
    uint32_t room = d->room ? d->room * 4 : 64;
    slot *slots = calloc((size_t)room * 2, sizeof *slots);
    int32_t *offsets = slots ? realloc(d->offsets, ((size_t)room + 1) * sizeof *offsets) : NULL;
    if (offsets == NULL) {
        free(slots);
        return false;
    }
    d->offsets = offsets;
    uint32_t mask = room * 2 - 1;
    for (uint32_t n = 0; d->slots != NULL && n <= d->mask; n++) {
        if (!d->slots[n].code_after)
            continue;
        uint32_t place = d->slots[n].hash & mask;
        while (slots[place].code_after)
            place = (place + 1) & mask;
        slots[place] = d->slots[n];
    }
    free(d->slots);
    d->slots = slots;
    d->room = room;
    d->mask = mask;
    return true;
}

static bool append_value(dictionary *d, span text)
{
    if (d->count == 0)
        d->offsets[0] = 0;
    size_t used = (size_t)d->offsets[d->count];
    if (used + text.length > d->data_room) {
        size_t room = (used + text.length) * 2 + 256;
        char *data = realloc(d->data, room);
        if (data == NULL)
            return false;
        d->data = data;
        d->data_room = room;
    }
    memcpy(d->data + used, text.at, text.length);
    d->offsets[++d->count] = (int32_t)(used + text.length);
    return true;
}

/* Return the code of a value, a new one if need be; -1 when memory is short. */
static int32_t code_of(dictionary *d, span text, uint64_t seed)
{
    if (d->count && is_value(d, d->last, text))
        return (int32_t)d->last;  /* one load balancer, one node, one status after the other */
    if (d->count == d->room && !grow_slots(d))
        return -1;
    uint32_t hash = hash_of(text, seed);
    uint32_t place = hash & d->mask;
    for (; d->slots[place].code_after; place = (place + 1) & d->mask) {
        uint32_t code = d->slots[place].code_after - 1;
        if (d->slots[place].hash == hash && is_value(d, code, text)) {
            d->last = code;
            return (int32_t)code;
        }
    }
    d->last = d->count;
    d->slots[place] = (slot){hash, d->count + 1};
    return append_value(d, text) ? (int32_t)d->last : -1;
}
