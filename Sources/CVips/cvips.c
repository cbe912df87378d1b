#include "cvips.h"

#include <string.h>
#include <vips/vips.h>
#include <vips/vector.h>

int cvips_start(void) {
    if (VIPS_INIT("palimpsest")) return -1;
    vips_block_untrusted_set(TRUE);
    // Files are named by their content and read once or twice: remembering operations would only keep memory.
    vips_cache_set_max(0);
    vips_concurrency_set(2);
    // It would write machine code while it runs, which the systemd unit forbids (MemoryDenyWriteExecute).
    vips_vector_set_enabled(FALSE);
    // Messages of damaged files are for nobody: the caller says what is wrong.
    g_log_set_handler("VIPS", G_LOG_LEVEL_MASK, g_log_default_handler, NULL);
    return 0;
}

static VipsImage *open_file(const char *path, VipsAccess access) {
    return vips_image_new_from_file(path, "access", access, "fail_on", VIPS_FAIL_ON_TRUNCATED, NULL);
}

static bool is_upright(VipsImage *image) { return vips_image_get_orientation(image) <= 1; }

int cvips_read_header(const char *path, cvips_header *header) {
    const char *found = vips_foreign_find_load(path);
    if (!found) return vips_error_clear(), -1;
    VipsImage *image = open_file(path, VIPS_ACCESS_SEQUENTIAL);
    if (!image) return vips_error_clear(), -1;
    header->loader = vips_nickname_find(g_type_from_name(found));
    bool turned = vips_image_get_orientation_swap(image);
    header->width = turned ? vips_image_get_height(image) : vips_image_get_width(image);
    header->height = turned ? vips_image_get_width(image) : vips_image_get_height(image);
    VipsInterpretation space = vips_image_get_interpretation(image);
    header->deliverable = header->loader && strcmp(header->loader, "jpegload") == 0 && is_upright(image)
        && (space == VIPS_INTERPRETATION_sRGB || space == VIPS_INTERPRETATION_B_W);
    g_object_unref(image);
    return 0;
}

int cvips_decode(const char *path) {
    VipsImage *image = open_file(path, VIPS_ACCESS_SEQUENTIAL);
    double average;
    int status = image ? vips_avg(image, &average, NULL) : -1;
    if (image) g_object_unref(image);
    if (status) vips_error_clear();
    return status;
}

// Each step takes over what the last one made.
static int step(VipsImage **image, int status, VipsImage *next) {
    g_clear_object(image);
    *image = status ? NULL : next;
    return status;
}

static int turn(VipsImage **image, int degrees) {
    VipsImage *next = NULL;
    VipsAngle angle = degrees == 90 ? VIPS_ANGLE_D90 : degrees == 180 ? VIPS_ANGLE_D180 : VIPS_ANGLE_D270;
    return degrees == 0 ? 0 : step(image, vips_rot(*image, &next, angle, NULL), next);
}

static int tint(VipsImage **image, cvips_quality quality) {
    VipsImage *next = NULL;
    double white[] = {255};
    if (vips_image_hasalpha(*image)) {
        VipsArrayDouble *background = vips_array_double_new(white, 1);
        int status = vips_flatten(*image, &next, "background", background, NULL);
        vips_area_unref(VIPS_AREA(background));
        if (step(image, status, next)) return -1;
    }
    if (quality != cvips_color && step(image, vips_colourspace(*image, &next, VIPS_INTERPRETATION_B_W, NULL), next)) return -1;
    return quality != cvips_bitonal ? 0 : step(image, vips_moreeq_const1(*image, &next, 128, NULL), next);
}

static int make(VipsImage **image, const cvips_rendering *r) {
    VipsImage *next = NULL;
    if (!is_upright(*image) && step(image, vips_autorot(*image, &next, NULL), next)) return -1;
    bool whole = r->left == 0 && r->top == 0 && r->width == vips_image_get_width(*image) && r->height == vips_image_get_height(*image);
    if (!whole && step(image, vips_extract_area(*image, &next, r->left, r->top, r->width, r->height, NULL), next)) return -1;
    // To eight bits of sRGB or grey, whatever it was.
    VipsInterpretation space = vips_image_get_interpretation(*image);
    bool gray = space == VIPS_INTERPRETATION_B_W || space == VIPS_INTERPRETATION_GREY16;
    VipsInterpretation wanted = gray ? VIPS_INTERPRETATION_B_W : VIPS_INTERPRETATION_sRGB;
    if (space != wanted && step(image, vips_colourspace(*image, &next, wanted, NULL), next)) return -1;
    if (r->target_width != r->width || r->target_height != r->height) {
        int status = vips_thumbnail_image(*image, &next, r->target_width, "height", r->target_height, "size", VIPS_SIZE_FORCE, NULL);
        if (step(image, status, next)) return -1;
    }
    if (tint(image, r->quality)) return -1;
    if (r->mirrored && step(image, vips_flip(*image, &next, VIPS_DIRECTION_HORIZONTAL, NULL), next)) return -1;
    return turn(image, r->degrees);
}

// A whole JPEG that becomes smaller is decoded at a fraction of its size.
static VipsImage *open_shrunk(const char *path, const cvips_rendering *r) {
    VipsImage *image = NULL;
    int status = vips_thumbnail(path, &image, r->target_width, "height", r->target_height, "size", VIPS_SIZE_FORCE, NULL);
    return status ? NULL : image;
}

int cvips_render(const char *path, const char *target, const cvips_rendering *r) {
    VipsImage *image = open_file(path, VIPS_ACCESS_SEQUENTIAL);
    if (!image) return vips_error_clear(), -1;
    bool turned = vips_image_get_orientation_swap(image);
    int width = turned ? vips_image_get_height(image) : vips_image_get_width(image);
    int height = turned ? vips_image_get_width(image) : vips_image_get_height(image);
    bool whole = r->width == width && r->height == height;
    cvips_rendering rest = *r;
    if (whole && r->target_width < width && r->target_height < height) {
        g_object_unref(image);
        image = open_shrunk(path, r);
        rest.left = rest.top = 0;
        rest.width = rest.target_width;
        rest.height = rest.target_height;
    } else if (!is_upright(image) || r->degrees != 0) {
        // What is turned is not read from top to bottom.
        g_object_unref(image);
        image = open_file(path, VIPS_ACCESS_RANDOM);
    }
    if (!image) return vips_error_clear(), -1;
    int status = 0;
    if (r->degrees != 0 && rest.width != r->width) {
        VipsImage *inMemory = vips_image_copy_memory(image);
        status = step(&image, inMemory ? 0 : -1, inMemory);
    }
    if (!status) status = make(&image, &rest);
    if (!status) {
        status = r->png ? vips_pngsave(image, target, "strip", TRUE, NULL)
                        : vips_jpegsave(image, target, "strip", TRUE, "Q", 90, "optimize_coding", TRUE, NULL);
    }
    g_clear_object(&image);
    if (status) vips_error_clear();
    return status;
}
