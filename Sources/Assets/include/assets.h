// The files of the web pages, embedded: templates, words, and what browsers load.
#pragma once
#include <stddef.h>

typedef struct {
    const char *_Nonnull path;
    const unsigned char *_Nonnull bytes;
    size_t size;
} asset_file;

size_t asset_count(void);
asset_file asset_file_at(size_t index);
