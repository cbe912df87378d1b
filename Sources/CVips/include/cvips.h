// What the server needs of libvips, whose functions take lists of options that Swift cannot pass. All of them block.
#pragma once
#include <stdbool.h>

// Once in the life of the process. Loaders that are not made for files of strangers are switched off. Returns 0, or -1.
int cvips_start(void);

// What a file says that it is, upright: as it is shown after its orientation was applied.
typedef struct {
    // Of libvips, such as "jpegload"; static storage.
    const char *_Nullable loader;
    int width, height;
    // Whether it is a JPEG that viewers can be given as it is: eight bits, grey or sRGB, not to be turned.
    bool deliverable;
} cvips_header;

// Reads the header alone. Returns 0, or -1 when libvips does not read the file.
int cvips_read_header(const char *_Nonnull path, cvips_header *_Nonnull header);

// Decodes the whole file and keeps nothing. Returns 0, or -1 when it is damaged or cut short.
int cvips_decode(const char *_Nonnull path);

typedef enum { cvips_color, cvips_gray, cvips_bitonal } cvips_quality;

typedef struct {
    // In pixels of the upright image.
    int left, top, width, height;
    // What the region becomes before it is turned.
    int target_width, target_height;
    bool mirrored;
    // 0, 90, 180 or 270, clockwise, after mirroring.
    int degrees;
    cvips_quality quality;
    bool png;
} cvips_rendering;

// Writes a rendering of one file into another. Returns 0, or -1.
int cvips_render(const char *_Nonnull path, const char *_Nonnull target, const cvips_rendering *_Nonnull rendering);
