// The SQL of the project, embedded: migrations in order, then functions, then policies.
#pragma once
#include <stddef.h>

typedef struct {
    const char *_Nonnull path;
    const unsigned char *_Nonnull bytes;
    size_t size;
} schema_file;

size_t schema_count(void);
schema_file schema_file_at(size_t index);
